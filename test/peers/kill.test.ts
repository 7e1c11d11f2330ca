import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clients, interactions, offers, queues, timelineEntries } from '../../db/schema/index.ts';
import type { ApiClient } from '../support/api-client.ts';
import { createSeededRandom } from '../support/random.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';
import { openTestPhone, type TestPhone } from '../support/sip-agent.ts';

const kills = 50;
/** A busy run is killed at some point of its first second. */
const longestRunMs = 900;
/** Fifty starts of a server; a busy machine needs some seconds for each. */
const timeoutMs = 10 * 60_000;
const random = createSeededRandom(20_261_121);

/** What the API has acknowledged: it may never be gone. */
interface Acknowledged {
  readonly notes: string[];
  readonly cards: string[];
  /** Finished calls with their notes. */
  readonly calls: Map<string, string>;
}

describe(`${kills} times kill -9 in the middle of work`, () => {
  let server: TestServer;
  let anna: ApiClient;
  let olga: ApiClient;
  let clientId: number;
  const acknowledged: Acknowledged = { notes: [], cards: [], calls: new Map() };

  beforeAll(async () => {
    server = await startTestServer({
      child: true,
      prepare: async (db) => void (await db.orm.update(queues).set({ wrapUpSeconds: 60 })),
    });
    anna = await server.signIn('anna');
    olga = await server.signIn('olga');
    await anna.call('PUT /api/v1/presence', { body: { status: 'available' } });
    const card = await olga.call('POST /api/v1/clients', { body: { name: 'Много заметок' } });
    clientId = card.id;
  });
  afterAll(() => server?.close());

  it(
    'leaves every agent free and every call closed after each restart',
    async () => {
      for (let round = 0; round < kills; round++) {
        const work = startWork(round);
        await new Promise((resolve) => setTimeout(resolve, 20 + random.below(longestRunMs)));
        const restarted = server.restart('kill');
        await work.end();
        await restarted;
        const { interactions: mine, presence } = await anna.call('GET /api/v1/workspace');
        expect(mine).toEqual([]);
        expect(presence.status).toBe('available');
        const { items } = await olga.call('GET /api/v1/agents');
        expect(items.filter(({ busy }) => busy !== null)).toEqual([]);
      }
    },
    timeoutMs,
  );

  it('has kept all that was acknowledged, and nothing is half done', async () => {
    const { orm } = await server.stopAndOpenDatabase();
    const entries = await orm.select().from(timelineEntries);
    const noted = new Set(entries.filter(({ kind }) => kind === 'note').map(({ note }) => note));
    expect(acknowledged.notes.filter((note) => !noted.has(note))).toEqual([]);
    const names = new Set((await orm.select({ name: clients.name }).from(clients)).map(({ name }) => name));
    expect(acknowledged.cards.filter((name) => !names.has(name))).toEqual([]);
    const calls = await orm.select().from(interactions);
    const notes = new Map(calls.map(({ id, note }) => [id as string, note]));
    expect([...acknowledged.calls].filter(([id, note]) => notes.get(id) !== note)).toEqual([]);
    expect(calls.filter(({ state }) => state !== 'closed')).toEqual([]);
    expect(entries.filter(({ status }) => status === 'ongoing')).toEqual([]);
    expect((await orm.select().from(offers)).filter(({ endedAt }) => endedAt === null)).toEqual([]);
    // The test itself: it was busy, in every kind of work.
    expect(acknowledged.notes.length).toBeGreaterThan(kills);
    expect(acknowledged.cards.length).toBeGreaterThan(kills);
    expect(acknowledged.calls.size).toBeGreaterThan(kills / 2);
  });

  /** Notes, cards and calls, as fast as they are acknowledged, until the server is gone. */
  function startWork(round: number): { end(): Promise<void> } {
    const over = Promise.withResolvers<void>();
    let isOver = false;
    const phones: TestPhone[] = [];
    /** Repeats until the server is gone. What fails was not acknowledged; whoever waits for a dead server is left behind. */
    const repeat = async (task: (step: string) => Promise<void>): Promise<void> => {
      for (let i = 0; !isOver; i++) {
        const attempt = task(`${round}-${i}`).catch(() => new Promise<void>((resolve) => setTimeout(resolve, 20)));
        await Promise.race([attempt, over.promise]);
      }
    };
    const works = [
      repeat(async (step) => {
        const body = `заметка ${step}`;
        await anna.call('POST /api/v1/clients/:id/notes', { params: { id: clientId }, body: { body } });
        acknowledged.notes.push(body);
      }),
      repeat(async (step) => {
        const name = `Карточка ${step}`;
        await olga.call('POST /api/v1/clients', { body: { name } });
        acknowledged.cards.push(name);
      }),
      callAfterCall(phones, repeat),
    ];
    return {
      async end() {
        isOver = true;
        over.resolve();
        await Promise.all(works);
        await Promise.all(phones.map((phone) => phone.close()));
      },
    };
  }

  /** Anna's phone comes up and talks with one caller after the other, while others wait. */
  async function callAfterCall(
    phones: TestPhone[],
    repeat: (task: (step: string) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const desk = await openTestPhone({ serverPort: server.sipPort, tone: 1010 });
    const town = await openTestPhone({ serverPort: server.sipPort, tone: 470 });
    phones.push(desk, town);
    const secret = server.sipSecrets.get('anna') ?? '';
    await repeat(async (step) => {
      if (step.endsWith('-0')) await desk.register('anna', secret);
      const call = await town.call(line, { number: '+79160001122' });
      const ringing = await desk.nextCall(2_000);
      ringing.answer();
      const id = ringing.invite.header('x-switchroom-interaction') ?? '';
      await call.answered(2_000);
      const note = `звонок ${step}`;
      ringing.hangUp();
      await call.ended;
      await finish(id, note);
      acknowledged.calls.set(id, note);
    });
  }

  /** The end of the talk is known to the server some moments after the phone has hung up. */
  async function finish(id: string, note: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await anna.call('POST /api/v1/interactions/:id/finish', { params: { id }, body: { note } });
        return;
      } catch (error) {
        if (attempt === 50 || (error as { code?: string }).code !== 'illegal_transition') throw error;
      }
    }
  }
});
