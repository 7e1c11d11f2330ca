import { once } from 'node:events';
import { eq } from 'drizzle-orm';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { authSessions, users } from '../../../db/schema/access.ts';
import { limits as accessLimits } from '../../../server/access/limits.ts';
import type { ClientToServerEvents, Push, ServerToClientEvents } from '../../../server/contract/events.ts';
import type { QueueView } from '../../../server/contract/schemas.ts';
import type { ClientId, OfferId, UserId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { limits } from '../../../server/realtime/limits.ts';
import { createGateway } from '../../../server/realtime/socket-gateway.ts';
import { type ListeningApp, listenTestApp, openTestHouse, signIn, type TestHouse } from '../http/app-support.ts';

type Client = Socket<ServerToClientEvents, ClientToServerEvents>;

const changed = (version: number): Push => ({ type: 'client-changed', clientId: 1, version });
const queue: QueueView = { id: 1, name: 'Sales', waiting: [] };

describe('socket gateway', () => {
  let house: TestHouse;
  let server: ListeningApp;
  const clients: Client[] = [];
  beforeAll(async () => {
    house = await openTestHouse();
    server = await listenTestApp(house);
  });
  afterEach(async () => {
    server.gateway.onConnection = undefined;
    server.gateway.onOfferSeen = undefined;
    server.gateway.onQueuesWatched = undefined;
    for (const client of clients.splice(0)) client.disconnect();
    // the server notices a little later
    const anybody = () => Object.values(house.people).some((userId) => server.gateway.isConnected(userId));
    await expect.poll(anybody, { timeout: 10_000 }).toBe(false);
  });
  afterAll(async () => {
    await server.app.close();
    await house.close();
  });

  function open(headers: Record<string, string>): Client {
    const client: Client = io(`http://${server.host}`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders: headers,
    });
    clients.push(client);
    return client;
  }

  /** A connected tab. */
  async function connect(cookie: string): Promise<Client> {
    const client = open({ cookie });
    await once(client as never, 'connect');
    return client;
  }

  /** The next `count` pushes. */
  function pushes(client: Client, count: number): Promise<[number, Push][]> {
    const got: [number, Push][] = [];
    return new Promise((resolve) => {
      client.on('push', (seq, push) => {
        got.push([seq, push]);
        if (got.length === count) resolve(got);
      });
    });
  }

  /** What the server tells about connections, as it happens. */
  function nextConnection(): Promise<[UserId, boolean]> {
    return new Promise((resolve) => {
      server.gateway.onConnection = (userId, connected) => resolve([userId, connected]);
    });
  }

  it('refuses sockets without a session', async () => {
    const client = open({});
    const [error] = await once(client as never, 'connect_error');
    expect(error).toBeInstanceOf(Error);
    expect(client.connected).toBe(false);
  });

  it('tells the first tab and the last', async () => {
    const cookie = await signIn(server.app, 'anna');
    const first = nextConnection();
    const one = await connect(cookie);
    expect(await first).toEqual([house.people.anna, true]);
    const two = await connect(cookie);
    const last = nextConnection();
    one.disconnect();
    expect(server.gateway.isConnected(house.people.anna)).toBe(true);
    two.disconnect();
    expect(await last).toEqual([house.people.anna, false]);
    expect(server.gateway.isConnected(house.people.anna)).toBe(false);
  });

  it('numbers the pushes of each user without gaps, for all tabs, and also while nobody is there', async () => {
    const { anna, boris } = house.people;
    const before = server.gateway.seq(anna);
    server.gateway.push(anna, changed(1));
    const annas = await signIn(server.app, 'anna');
    const tabs = await Promise.all([connect(annas), connect(annas), connect(await signIn(server.app, 'boris'))]);
    const got = Promise.all([pushes(tabs[0], 2), pushes(tabs[1], 2), pushes(tabs[2], 1)]);
    server.gateway.push(anna, changed(2));
    server.gateway.push(boris, changed(7));
    server.gateway.push(anna, changed(3));
    const [one, two, other] = await got;
    expect(one).toEqual([
      [before + 2, changed(2)],
      [before + 3, changed(3)],
    ]);
    expect(two).toEqual(one);
    expect(other).toEqual([[1, changed(7)]]);
    expect(server.gateway.seq(anna)).toBe(before + 3);
  });

  it('pushes a card to every tab of the users who have it open, except those named', async () => {
    const card = 41 as ClientId;
    const annas = await signIn(server.app, 'anna');
    const watching = await connect(annas);
    const otherTab = await connect(annas);
    const boris = await connect(await signIn(server.app, 'boris'));
    expect(await watching.emitWithAck('card:watch', card)).toEqual({ ok: true, value: null });
    await boris.emitWithAck('card:watch', card);
    const before = server.gateway.seq(house.people.anna);
    const borisBefore = server.gateway.seq(house.people.boris);
    const got = Promise.all([pushes(watching, 1), pushes(otherTab, 1)]);
    server.gateway.pushToCard(card, changed(5), [house.people.boris]);
    expect(await got).toEqual([[[before + 1, changed(5)]], [[before + 1, changed(5)]]]);
    expect(server.gateway.seq(house.people.boris)).toBe(borisBefore);
    // another card replaces it
    await watching.emitWithAck('card:watch', 42);
    await boris.emitWithAck('card:watch', null);
    server.gateway.pushToCard(card, changed(6));
    expect(server.gateway.seq(house.people.anna)).toBe(before + 1);
    expect(server.gateway.seq(house.people.boris)).toBe(borisBefore);
  });

  it('refuses a card that must not be seen, and forgets one that must not be seen any more', async () => {
    const secret = new Set([77 as ClientId]);
    const refused: [UserId, ClientId][] = [];
    const gateway = createGateway({
      access: house.access,
      clock: house.clock,
      log: silentLog,
      mayWatch: async (user, card) => user.sees === 'all' && !secret.has(card),
      onRefused: (user, card) => void refused.push([user.id, card]),
    });
    const own = await listenTestApp(house, { gateway });
    const { anna } = house.people;
    const cookie = await signIn(own.app, 'anna');
    const socket: Client = io(`http://${own.host}`, { transports: ['websocket'], extraHeaders: { cookie } });
    clients.push(socket);
    await once(socket as never, 'connect');
    expect(await socket.emitWithAck('card:watch', 77)).toMatchObject({ ok: false, code: 'not_found' });
    expect(refused).toEqual([[anna, 77]]);

    const seen: Push[] = [];
    socket.on('push', (_seq, push) => void seen.push(push));
    const heard = async (version: number) => {
      gateway.pushToCard(78 as ClientId, changed(version));
      // the answer comes after everything that was sent before it
      await socket.emitWithAck('offer:seen', '0191d8a0-0000-7000-8000-000000000001');
      return seen.splice(0);
    };
    await socket.emitWithAck('card:watch', 78);
    expect(await heard(1)).toEqual([changed(1)]);
    secret.add(78 as ClientId);
    expect(await heard(2)).toEqual([]);

    secret.clear();
    await socket.emitWithAck('card:watch', 78);
    await house.db.orm.update(users).set({ sees: 'own' }).where(eq(users.id, anna));
    const checked = once(socket as never, 'setup-changed');
    gateway.pushSetupChange('user', anna);
    await checked;
    await expect.poll(() => socket.emitWithAck('card:watch', 78)).toMatchObject({ ok: false, code: 'not_found' });
    await house.db.orm.update(users).set({ sees: 'all' }).where(eq(users.id, anna));
    socket.disconnect();
    await own.app.close();
  });

  it('shows queues to supervisors only', async () => {
    const agent = await connect(await signIn(server.app, 'anna'));
    expect(await agent.emitWithAck('queues:watch', true)).toMatchObject({ ok: false, code: 'forbidden' });
    let agentSaw = 0;
    agent.on('queues', () => agentSaw++);
    const supervisor = await connect(await signIn(server.app, 'olga'));
    const watched = new Promise<void>((resolve) => {
      server.gateway.onQueuesWatched = resolve;
    });
    expect(await supervisor.emitWithAck('queues:watch', true)).toEqual({ ok: true, value: null });
    await watched;
    const seen = once(supervisor as never, 'queues');
    server.gateway.pushQueues(() => [queue]);
    expect(await seen).toEqual([[queue]]);
    await supervisor.emitWithAck('queues:watch', false);
    supervisor.on('queues', () => agentSaw++);
    server.gateway.pushQueues(() => [queue]);
    // answers come after everything that was sent before them
    await Promise.all([supervisor.emitWithAck('card:watch', null), agent.emitWithAck('card:watch', null)]);
    expect(agentSaw).toBe(0);
  });

  it('passes on that an offer is painted', async () => {
    const offerId = '0191d8a0-0000-7000-8000-000000000001' as OfferId;
    const client = await connect(await signIn(server.app, 'anna'));
    const seen = new Promise<[UserId, OfferId]>((resolve) => {
      server.gateway.onOfferSeen = (userId, id) => resolve([userId, id]);
    });
    await client.emitWithAck('offer:seen', offerId);
    expect(await seen).toEqual([house.people.anna, offerId]);
  });

  it.each([
    ['card:watch', 'x'],
    ['card:watch', 0],
    ['card:watch', { toString: 1 }],
    ['queues:watch', 'yes'],
    ['offer:seen', '../../etc/passwd'],
    ['no:such', 1],
    ['__proto__', 1],
  ])('answers bad_request to %s %j', async (name, payload) => {
    const client = await connect(await signIn(server.app, 'olga'));
    const answer = await client.emitWithAck(name as 'card:watch', payload as number);
    expect(answer).toMatchObject({ ok: false, code: 'bad_request' });
  });

  it('refuses events over the rate, answers them still, and closes a socket that does not stop', async () => {
    const client = await connect(await signIn(server.app, 'anna'));
    const answers = await Promise.all(
      Array.from({ length: limits.eventBurst + 5 }, () => client.emitWithAck('card:watch', null)),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(limits.eventBurst);
    expect(answers.at(-1)).toMatchObject({ ok: false, code: 'too_many_requests' });
    const closed = once(client as never, 'disconnect');
    for (let i = 0; i < limits.refusedEvents; i++) client.emit('card:watch', null, () => undefined);
    await closed;
  });

  it('closes a socket that sends too much at once', async () => {
    const client = await connect(await signIn(server.app, 'anna'));
    const closed = once(client as never, 'disconnect');
    client.emit('card:watch', 'x'.repeat(limits.payloadBytes) as never, () => undefined);
    await closed;
  });

  it('refuses the tab after the last that a user may have', async () => {
    const cookie = await signIn(server.app, 'boris');
    await Promise.all(Array.from({ length: limits.socketsPerUser }, () => connect(cookie)));
    const [error] = await once(open({ cookie }) as never, 'connect_error');
    expect((error as Error).message).toBe('too_many_requests');
  });

  it('says goodbye to all sockets of a session that was signed out, and to no others', async () => {
    const cookie = await signIn(server.app, 'anna');
    const ending = await connect(cookie);
    const staying = await connect(await signIn(server.app, 'anna'));
    const heard = once(ending as never, 'signed-out');
    const closed = once(ending as never, 'disconnect');
    await server.app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { cookie } });
    await heard;
    await closed;
    await staying.emitWithAck('card:watch', null);
    expect(staying.connected).toBe(true);
  });

  it('ends the sockets of a session that is over in the database', async () => {
    const client = await connect(await signIn(server.app, 'anna'));
    const heard = once(client as never, 'signed-out');
    await house.db.orm.update(authSessions).set({ expiresAt: new Date(house.clock.now() - 1) });
    house.clock.advance(accessLimits.sessionSweepMs);
    await heard;
  });
});

describe('a browser that is gone without a word', () => {
  it('is noticed by the heartbeat', async () => {
    const house = await openTestHouse();
    const heartbeat = { heartbeatMs: 50, heartbeatTimeoutMs: 50 };
    const mayWatch = async () => true;
    const gateway = createGateway({ access: house.access, clock: house.clock, log: silentLog, mayWatch, ...heartbeat });
    const server = await listenTestApp(house, { gateway });
    const seen: [UserId, boolean][] = [];
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    gateway.onConnection = (userId, connected) => {
      seen.push([userId, connected]);
      if (!connected) resolve();
    };
    const headers = { cookie: await signIn(server.app, 'anna') };
    // speaks just enough to be connected, and answers no ping
    const dead = new WebSocket(`ws://${server.host}/socket.io/?EIO=4&transport=websocket`, { headers });
    dead.once('message', () => dead.send('40'));
    await gone;
    expect(seen).toEqual([
      [house.people.anna, true],
      [house.people.anna, false],
    ]);
    dead.terminate();
    await server.app.close();
    await house.close();
  });

  it('is noticed within twenty seconds by default', () => {
    expect(limits.heartbeatMs + limits.heartbeatTimeoutMs).toBeLessThan(20_000);
  });
});

describe('closing', () => {
  it('ends the sockets, and closing again does nothing', async () => {
    const house = await openTestHouse();
    const server = await listenTestApp(house);
    const cookie = await signIn(server.app, 'anna');
    const client: Client = io(`http://${server.host}`, {
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { cookie },
    });
    await once(client as never, 'connect');
    const closed = once(client as never, 'disconnect');
    await server.app.close();
    await closed;
    await server.gateway.close();
    await server.app.close();
    expect(server.app.server.listening).toBe(false);
    await house.close();
  });
});
