import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queues } from '../../db/schema/index.ts';
import type { ApiClient, PushOf } from '../../demo/actors/api-client.ts';
import { readWav, tonesIn } from '../../demo/actors/audio.ts';
import { openTestPhone, type PlacedCall, type TestPhone } from '../../demo/actors/sip-agent.ts';
import { until } from '../../demo/actors/within.ts';
import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { type Desk, openDesk } from './desk.ts';
import { line, startTestServer, type TestServer, type TestServerOptions } from './server.ts';

/** What everybody says, Hz: far enough from each other and from the waiting music to be told apart. */
export const tones = { caller: 470, anna: 1010, boris: 1390, vera: 1790, carrier: 620 } as const;
export const allTones = Object.values(tones);

type AgentLogin = 'anna' | 'boris' | 'vera';

export interface CallCenterOptions extends Pick<TestServerOptions, 'env' | 'prepare'> {
  /** Changes of the demo's queue. The wrap-up takes no time unless said otherwise. */
  readonly queue?: Partial<typeof queues.$inferInsert>;
  /** Who is at his desk; the others are not available. */
  readonly agents: readonly AgentLogin[];
}

/** The running server with agents at their desks, a supervisor who looks on, and a telephone in the town. */
export interface CallCenter {
  readonly server: TestServer;
  readonly olga: ApiClient;
  readonly caller: TestPhone;
  desk(login: AgentLogin): Desk;
  /** A Russian mobile number that nobody has yet. */
  newNumber(): string;
  /** A card with a number, and perhaps a responsible manager. */
  makeClient(name: string, responsible?: AgentLogin): Promise<{ id: number; number: string }>;
  /** Calls the line from a number. */
  call(number: string): Promise<PlacedCall>;
  /** The first offer of a call from this number to this agent. */
  offerOf(login: AgentLogin, number: string, ms?: number): Promise<PushOf<'offer'>>;
  /** Waits until nobody rings, talks or finishes any more. */
  quiet(): Promise<void>;
  /** Ends whatever a test left behind, so that the next one begins with free agents. */
  clearDesks(): Promise<void>;
  close(): Promise<void>;
}

export async function openCallCenter(options: CallCenterOptions): Promise<CallCenter> {
  const server = await startTestServer({
    ...(options.env ? { env: options.env } : {}),
    async prepare(db) {
      await db.orm.update(queues).set({ wrapUpSeconds: 0, ...options.queue });
      await options.prepare?.(db);
    },
  });
  const desks = new Map<string, Desk>();
  for (const login of options.agents) desks.set(login, await openDesk(server, login, { tone: tones[login] }));
  const olga = await server.signIn('olga');
  const caller = await openTestPhone({ serverPort: server.sipPort, tone: tones.caller });
  let numbers = 0;

  const center: CallCenter = {
    server,
    olga,
    caller,
    desk(login) {
      const desk = desks.get(login);
      if (!desk) throw new Error(`${login} has no desk in this test`);
      return desk;
    },
    newNumber: () => `+7916000${String(++numbers).padStart(4, '0')}`,
    async makeClient(name, responsible) {
      const number = center.newNumber();
      const card = await olga.call('POST /api/v1/clients', {
        body: {
          name,
          contactPoints: [{ kind: 'phone', value: number }],
          ...(responsible ? { responsibleId: center.desk(responsible).me.id } : {}),
        },
      });
      return { id: card.id, number };
    },
    call: (number) => caller.call(line, { number }),
    offerOf: (login, number, ms) =>
      center.desk(login).waitFor('offer', ({ interaction }) => interaction.peer.number === number, ms),
    async quiet() {
      await until(
        async () => (await olga.call('GET /api/v1/agents')).items.every(({ busy }) => busy === null),
        10_000,
        'the end of all work',
      );
    },
    async clearDesks() {
      for (const desk of desks.values()) await clearDesk(desk);
      await center.quiet();
    },
    async close() {
      await caller.close();
      for (const desk of desks.values()) await desk.close();
      await server.close();
    },
  };
  return center;
}

async function clearDesk(desk: Desk): Promise<void> {
  const { interactions } = await desk.call('GET /api/v1/workspace');
  for (const { id } of interactions) {
    // Either may be too late or too early: what counts is that the work ends.
    await desk.call('POST /api/v1/interactions/:id/hang-up', { params: { id } }).catch(() => undefined);
    await desk.call('POST /api/v1/interactions/:id/finish', { params: { id }, body: {} }).catch(() => undefined);
  }
}

/** Who was offered a call, with the result and the reasons, by login-like short names. */
export async function offersOf(client: ApiClient, interactionId: string) {
  const { items } = await client.call('GET /api/v1/interactions/:id/offers', { params: { id: interactionId } });
  return items.map(({ user, result, reason, candidates }) => ({
    user: user.id,
    result,
    reason,
    candidates: Object.fromEntries(
      candidates.map((each) => [
        each.user.id,
        each.parameter === null ? each.reason : `${each.reason} ${each.parameter}`,
      ]),
    ),
  }));
}

/** What the left (client) and the right (agent) channel of an entry's recording hold, as `tonesIn` says it. */
export async function recordingOf(client: ApiClient, entry: TimelineEntry | undefined, candidates: readonly number[]) {
  if (!entry?.recording) throw new Error('the entry has no recording');
  const folder = mkdtempSync(join(tmpdir(), 'recording-'));
  try {
    const path = join(folder, 'recording.wav');
    writeFileSync(path, await client.download(`/api/v1/recordings/${entry.recording.id}`));
    const { rate, channels } = readWav(path);
    return channels.map((samples) => tonesIn({ rate, samples }, candidates));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
