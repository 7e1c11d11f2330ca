import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestPhone } from '../../demo/actors/sip-agent.ts';
import { until } from '../../demo/actors/within.ts';
import type { BoardView } from '../../server/contract/board.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '../../server/contract/events.ts';
import { type CallCenter, openCallCenter } from '../support/call-center.ts';
import { openDesk } from '../support/desk.ts';
import { line, startTestServer } from '../support/server.ts';

/** A supervisor's screen with the board open. */
async function watchBoard(center: CallCenter) {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(center.server.url, {
    transports: ['websocket'],
    extraHeaders: { cookie: center.olga.cookie },
    reconnection: false,
    forceNew: true,
  });
  const boards: BoardView[] = [];
  socket.on('board', (board) => void boards.push(board));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  await socket.emitWithAck('queues:watch', true);
  return { boards, close: () => socket.disconnect() };
}

describe("the supervisor's board", () => {
  let center: CallCenter;
  let screen: Awaited<ReturnType<typeof watchBoard>>;

  beforeAll(async () => {
    center = await openCallCenter({ agents: ['anna'] });
    screen = await watchBoard(center);
  });
  afterAll(async () => {
    screen?.close();
    await center?.close();
  });

  const pushed = (isIt: (board: BoardView) => boolean, what: string) =>
    until(() => screen.boards.some(isIt), 5_000, what);

  it('is pushed to whoever begins to watch, before anything has happened', async () => {
    await pushed(({ total }) => total.figures.offered === 0, 'an empty board');
  });

  it('counts an answered call in its queue, at its agent and in the total, and pushes it', async () => {
    const client = await center.makeClient('Дозвонился', 'anna');
    const call = await center.call(client.number);
    await pushed(({ total }) => total.figures.open === 1, 'a board with a caller who waits');
    (await center.desk('anna').phone.nextCall()).answer();
    await call.answered();
    call.hangUp();
    await center.quiet();
    await pushed(({ total }) => total.figures.talks === 1, 'a board with a talk');
    const board = await center.olga.call('GET /api/v1/board');
    expect(board.total).toMatchObject({
      figures: { offered: 1, answered: 1, answeredInTime: 1, open: 0, rings: 1, ringsTaken: 1, talks: 1, wrapUps: 1 },
      serviceLevel: { numerator: 1, denominator: 1 },
      recentServiceLevel: { numerator: 1, denominator: 1 },
    });
    expect(board.queues.find(({ figures }) => figures.offered === 1)?.figures).toEqual(board.total.figures);
    const anna = board.agents.find(({ user }) => user.id === center.desk('anna').me.id);
    expect(anna).toMatchObject({ talks: 1, rings: 1, ringsTaken: 1, talkMs: board.total.figures.talkMs });
  });

  it('counts who gave up, and that we owe him a call', async () => {
    const before = (await center.olga.call('GET /api/v1/board')).owed.open;
    const client = await center.makeClient('Положил трубку', 'anna');
    const call = await center.call(client.number);
    await (await center.desk('anna').phone.nextCall()).invite;
    call.hangUp();
    await call.ended;
    await pushed(
      ({ total, owed }) => total.figures.shortAbandoned === 1 && owed.open === before + 1,
      'a board with a short abandon and a debt',
    );
    const { total } = await center.olga.call('GET /api/v1/board');
    expect(total.figures).toMatchObject({ offered: 2, answered: 1, abandoned: 1, open: 0 });
    expect(total.serviceLevel).toEqual({ numerator: 1, denominator: 1 });
  });

  it('is not for agents', async () => {
    await expect(center.desk('anna').call('GET /api/v1/board')).rejects.toMatchObject({ status: 403 });
  });
});

describe('the board after kill -9', () => {
  it('says what it said before; who waited then has given up, and nobody waits for ever', async () => {
    const server = await startTestServer({ child: true });
    const anna = await openDesk(server, 'anna', { tone: 1010 });
    const caller = await openTestPhone({ serverPort: server.sipPort, tone: 470 });
    try {
      const olga = await server.signIn('olga');
      const figures = async () => (await olga.call('GET /api/v1/board')).total.figures;
      const talked = await caller.call(line, { number: '+79160000001' });
      (await anna.phone.nextCall()).answer();
      await talked.answered();
      talked.hangUp();
      await anna.waitFor('interaction', ({ interaction }) => interaction.state === 'wrap_up');
      await caller.call(line, { number: '+79160000002' });
      await until(async () => (await figures()).open === 1, 5_000, 'a caller who waits');
      const before = await figures();
      expect(before).toMatchObject({ offered: 2, answered: 1, talks: 1, wrapUps: 0 });
      await server.restart('kill');
      expect(await figures()).toEqual({ ...before, open: 0, abandoned: 1 });
    } finally {
      await caller.close();
      await anna.close();
      await server.close();
    }
  });
});
