import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interactions, offers, queues, timelineEntries } from '../../db/schema/index.ts';
import { openTestPhone, type PlacedCall, type TestPhone } from '../../demo/actors/sip-agent.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';

describe('a restart in the middle of calls', () => {
  let server: TestServer;
  let anna: Desk;
  let caller: TestPhone;
  let answered: PlacedCall;
  let finishedId: number;

  beforeAll(async () => {
    server = await startTestServer({
      prepare: async (db) => void (await db.orm.update(queues).set({ wrapUpSeconds: 60 })),
    });
    anna = await openDesk(server, 'anna', { tone: 1010 });
    caller = await openTestPhone({ serverPort: server.sipPort, tone: 470 });
    finishedId = await finishedCall('+79160000001');
    answered = await caller.call(line, { number: '+79160000002' });
    (await anna.phone.nextCall()).answer();
    await answered.answered();
    const { interaction } = await anna.waitFor(
      'interaction',
      (push) => push.interaction.state === 'active' && push.interaction.peer.number === '+79160000002',
    );
    await anna.call('PATCH /api/v1/interactions/:id', {
      params: { id: interaction.id },
      body: { note: 'до перезапуска' },
    });
    const waiting = await caller.call(line, { number: '+79160000003' });
    await waiting.answered();
    await server.restart();
  });
  afterAll(async () => {
    await caller?.close();
    await anna?.close();
    await server?.close();
  });

  /** A call from arrival to disposition. @returns the client's id */
  async function finishedCall(number: string): Promise<number> {
    const call = await caller.call(line, { number });
    (await anna.phone.nextCall()).answer();
    await call.answered();
    call.hangUp();
    const { interaction } = await anna.waitFor('interaction', (push) => push.interaction.state === 'wrap_up');
    const { id } = interaction;
    await anna.call('POST /api/v1/interactions/:id/finish', { params: { id }, body: { note: 'всё решено' } });
    return interaction.client.id;
  }

  it('says goodbye to who was talking', async () => {
    expect(await answered.ended).toMatchObject({ by: 'remote' });
  });

  it('keeps what was finished, and the session of the agent', async () => {
    const [entry] = await anna.timelineOf(finishedId);
    expect(entry).toMatchObject({ status: 'answered', note: 'всё решено', recording: { state: 'ready' } });
  });

  it('shows the talk as answered with its note, and who waited as missed', async () => {
    const find = async (q: string) => {
      const { items } = await anna.call('GET /api/v1/clients', { querystring: { q } });
      return (await anna.timelineOf(items[0]?.id ?? 0))[0];
    };
    expect(await find('79160000002')).toMatchObject({ status: 'answered', note: 'до перезапуска' });
    expect(await find('79160000003')).toMatchObject({ status: 'missed' });
  });

  it('leaves nothing open, and takes calls again', async () => {
    const workspace = await anna.call('GET /api/v1/workspace');
    expect(workspace).toMatchObject({ interactions: [], presence: { status: 'available' } });
    const rows = await server.db.orm.select().from(interactions);
    expect(rows.filter(({ state }) => state !== 'closed')).toEqual([]);
    expect((await server.db.orm.select().from(offers)).filter(({ endedAt }) => endedAt === null)).toEqual([]);
    const entries = await server.db.orm.select().from(timelineEntries);
    expect(entries.filter(({ status }) => status === 'ongoing')).toEqual([]);
    const again = await openDesk(server, 'boris', { tone: 1390 });
    const call = await caller.call(line, { number: '+79160000004' });
    (await again.phone.nextCall()).answer();
    await call.answered();
    expect(await call.tones([1010, 1390])).toEqual([1390]);
    call.hangUp();
    await again.close();
  });
});
