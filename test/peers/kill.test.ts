import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clients, interactions, offers, queues, timelineEntries } from '../../db/schema/index.ts';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { openTestPhone, type TestPhone } from '../../demo/actors/sip-agent.ts';
import { within } from '../../demo/actors/within.ts';
import { createSeededRandom, type SeededRandom } from '../support/random.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';

/** Two servers side by side, each killed so often: starting one keeps one processor busy. */
const killsEach = 25;
/** A run is killed at some point of its first second of being busy. */
const longestRunMs = 900;
/** A busy machine needs some seconds for each start. */
const timeoutMs = 10 * 60_000;

/** What the API has acknowledged: it may never be gone. */
interface Acknowledged {
  readonly notes: string[];
  readonly cards: string[];
  /** Finished calls with their notes. */
  readonly calls: Map<string, string>;
}

/** A server that is killed again and again, the people who work on it, and what they were promised. */
interface Victim {
  readonly server: TestServer;
  readonly anna: ApiClient;
  readonly olga: ApiClient;
  readonly clientId: number;
  readonly acknowledged: Acknowledged;
  readonly random: SeededRandom;
}

describe('kill -9 in the middle of work, fifty times', () => {
  const victims: Victim[] = [];

  beforeAll(async () => {
    for (const seed of [20_261_121, 20_261_122]) victims.push(await openVictim(seed));
  });
  afterAll(async () => {
    for (const { server } of victims) await server.close();
  });

  it(
    'leaves every agent free and every call closed after each restart',
    async () => {
      await Promise.all(victims.map(killAgainAndAgain));
    },
    timeoutMs,
  );

  it('has kept all that was acknowledged, and nothing is half done', async () => {
    for (const { server, acknowledged } of victims) {
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
      // Of the test itself: there was work of every kind to lose.
      expect(acknowledged.notes.length).toBeGreaterThan(killsEach);
      expect(acknowledged.cards.length).toBeGreaterThan(killsEach);
      expect(acknowledged.calls.size).toBeGreaterThan(0);
    }
  });
});

async function openVictim(seed: number): Promise<Victim> {
  const server = await startTestServer({
    child: true,
    prepare: async (db) => void (await db.orm.update(queues).set({ wrapUpSeconds: 60 })),
  });
  const anna = await server.signIn('anna');
  const olga = await server.signIn('olga');
  await anna.call('PUT /api/v1/presence', { body: { status: 'available' } });
  const { id } = await olga.call('POST /api/v1/clients', { body: { name: 'Много заметок' } });
  const acknowledged = { notes: [], cards: [], calls: new Map() };
  return { server, anna, olga, clientId: id, acknowledged, random: createSeededRandom(seed) };
}

async function killAgainAndAgain(victim: Victim): Promise<void> {
  const { server, anna, olga, random } = victim;
  for (let round = 0; round < killsEach; round++) {
    const work = startWork(victim, round);
    await work.begun;
    await new Promise((resolve) => setTimeout(resolve, random.below(longestRunMs)));
    const restarted = server.restart('kill');
    await work.end();
    await restarted;
    const { interactions: mine, presence } = await anna.call('GET /api/v1/workspace');
    expect(mine).toEqual([]);
    expect(presence.status).toBe('available');
    const { items } = await olga.call('GET /api/v1/agents');
    expect(items.filter(({ busy }) => busy !== null)).toEqual([]);
  }
}

type Task = (step: string) => Promise<void>;

/** Notes, cards and calls, as fast as they are acknowledged, until the server is gone. */
function startWork(victim: Victim, round: number): { readonly begun: Promise<unknown>; end(): Promise<void> } {
  const { anna, olga, clientId, acknowledged } = victim;
  const over = Promise.withResolvers<void>();
  /** The first caller is on his way: from now on every moment is a good one to die. */
  const begun = Promise.withResolvers<void>();
  let isOver = false;
  const phones: TestPhone[] = [];
  /** Repeats until the server is gone. What fails was not acknowledged; who waits for a dead server is left behind. */
  const repeat = async (task: Task): Promise<void> => {
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
    callAfterCall(victim, { phones, repeat, begun: begun.resolve }),
  ];
  return {
    begun: within(begun.promise, 60_000, 'the first call'),
    async end() {
      isOver = true;
      over.resolve();
      await Promise.all(works);
      await Promise.all(phones.map((phone) => phone.close()));
    },
  };
}

/** Anna's phone registers and talks with one caller after the other. */
async function callAfterCall(
  { server, anna, acknowledged }: Victim,
  { phones, repeat, begun }: { phones: TestPhone[]; repeat: (task: Task) => Promise<void>; begun: () => void },
): Promise<void> {
  const desk = await openTestPhone({ serverPort: server.sipPort, tone: 1010 });
  const town = await openTestPhone({ serverPort: server.sipPort, tone: 470 });
  phones.push(desk, town);
  const secret = server.sipSecrets.get('anna') ?? '';
  await repeat(async (step) => {
    if (step.endsWith('-0')) await desk.register('anna', secret);
    begun();
    const call = await town.call(line, { number: '+79160001122' });
    const ringing = await desk.nextCall(2_000);
    ringing.answer();
    const id = ringing.invite.header('x-switchroom-interaction') ?? '';
    await call.answered(2_000);
    const note = `звонок ${step}`;
    ringing.hangUp();
    await call.ended;
    await finish(anna, id, note);
    acknowledged.calls.set(id, note);
  });
}

/** The end of the talk is known to the server some moments after the phone has hung up. */
async function finish(anna: ApiClient, id: string, note: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await anna.call('POST /api/v1/interactions/:id/finish', { params: { id }, body: { note } });
      return;
    } catch (error) {
      if (attempt === 50 || (error as { code?: string }).code !== 'illegal_transition') throw error;
    }
  }
}
