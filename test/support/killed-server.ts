import { setTimeout as pause } from 'node:timers/promises';
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import {
  channelAccounts,
  channelAddresses,
  contactPoints,
  messageOutbox,
  messageSettings,
  messages,
  queues,
} from '../../db/schema/index.ts';
import { bulkNumber, seedClients } from '../../db/seed/bulk.ts';
import { type ApiClient, ApiFailure } from '../../demo/actors/api-client.ts';
import { until } from '../../demo/actors/within.ts';
import { createSeededRandom } from './random.ts';
import { startTestServer, type TestServer } from './server.ts';
import { type Delivered, type Smsc, startSmsc } from './smsc.ts';

export interface KillOptions {
  readonly kills: number;
  /** Out, and as many in. */
  readonly messages: number;
  readonly seed: number;
  /** After so long no more kills: what is there is counted. */
  readonly minutes?: number;
  readonly onStep?: (step: string) => void;
}

/** What the provider and the house say of the same messages. */
export interface KillCounts {
  readonly kills: number;
  /** Acknowledged by the API, or taken by the provider without that. */
  readonly out: number;
  /** Taken by the provider, once or more often. */
  readonly taken: number;
  readonly takenTwice: number;
  /** Neither taken nor shown as doubtful: lost. */
  readonly missing: number;
  /** In doubt for a person to decide; `heldAndTaken` of them the provider did take. */
  readonly held: number;
  readonly heldAndTaken: number;
  /** Not taken although the house says that they were. */
  readonly wronglyTaken: number;
  readonly delivered: number;
  /** In doubt right after the last kill, before anybody asked the provider. */
  readonly doubtful: number;
  readonly in: number;
  readonly stored: number;
  readonly lost: number;
  readonly storedTwice: number;
  /** Cards beyond one for each stranger. */
  readonly extraCards: number;
  readonly seconds: number;
}

const ours = '+74950000777';
/** Strangers write so many messages each. */
const messagesEach = 3;
/** A run is killed at some point of its first moments of being busy; one in so many before it has begun to send. */
const longestRunMs = 500;
const early = 6;
/** A busy machine needs some seconds to start; a run that has nothing left to do is killed all the same. */
const idleMs = 5_000;
/** Endings that mean something to the SMSC. */
const special = /(?:00[1-8]|01[04]|045|058|09[6-9])$/;
const strangerOf = (index: number): string => `+7977${String(Math.floor(index / messagesEach)).padStart(7, '0')}`;

interface Recipient {
  readonly id: number;
  readonly number: string;
}

/**
 * Kills a running server again and again while messages go out over an SMSC of the test's own process and others come in by it.
 * Every message has words of its own, so that each can be counted on both sides.
 */
export async function killWhileMessagesFlow(options: KillOptions): Promise<KillCounts> {
  const { kills, messages: count, seed } = options;
  const startedAt = performance.now();
  const smsc = await startSmsc({ repeatMs: 100 });
  const recipients: Recipient[] = [];
  const server = await startTestServer({
    child: true,
    prepare: async (db) => {
      recipients.push(...(await prepare(db, { count, port: smsc.port })));
    },
  });
  try {
    const admin = await server.signIn('admin');
    const traffic = createTraffic({ admin, smsc, recipients });
    const random = createSeededRandom(seed);
    let done = 0;
    const isLate = (): boolean => performance.now() - startedAt > (options.minutes ?? 60) * 60_000;
    for (let kill = 0; kill < kills && !isLate(); kill++) {
      await until(() => smsc.bound > 0, 60_000, 'the bind');
      options.onStep?.(
        `run ${kill + 1} of ${kills}, ${smsc.submitted.length} taken, ${traffic.acknowledged.size} acknowledged`,
      );
      const share = Math.ceil((count * (kill + 1)) / kills);
      const round = traffic.begin(share);
      if (random.below(early) > 0) await firstTaken(smsc);
      await pause(random.below(longestRunMs));
      await server.restart('kill');
      done++;
      await round.end();
    }
    await until(() => smsc.bound > 0, 60_000, 'the last bind');
    options.onStep?.('the rest is written');
    await traffic.begin(count).done;
    options.onStep?.('the rest is delivered');
    await quiet(admin, smsc, traffic.deliveries);
    options.onStep?.('doubts are settled');
    const doubtful = await settleDoubts(server);
    await until(() => smsc.bound > 0, 60_000, 'the bind');
    await settled(server, admin);
    const db = await server.stopAndOpenDatabase();
    const counted = await countAll(db, { smsc, count });
    return { kills: done, doubtful, seconds: Math.round((performance.now() - startedAt) / 1000), ...counted };
  } finally {
    await server.close();
    await smsc.stop();
  }
}

/** The SMSC takes one more message than it has. */
async function firstTaken(smsc: Smsc): Promise<void> {
  const before = smsc.submitted.length;
  for (let waited = 0; waited < idleMs && smsc.submitted.length === before; waited += 5) await pause(5);
}

/** Clients who are written to, and an account on the SMSC. Nobody sleeps, nothing waits to be undone. */
async function prepare(db: Database, { count, port }: { count: number; port: number }): Promise<Recipient[]> {
  const set = { quietFrom: '00:00', quietTo: '00:00', undoSeconds: 0 };
  await db.orm.insert(messageSettings).values(set).onConflictDoUpdate({ target: messageSettings.id, set });
  const [queue] = await db.orm.select().from(queues);
  const settings = { host: '127.0.0.1', port, perSecond: 1_000, window: 50 };
  const secrets = { systemId: 'esme', password: 'secret' };
  const [account] = await db.orm
    .insert(channelAccounts)
    .values({ kind: 'smpp', name: 'SMSC', settings, secrets })
    .returning();
  if (!queue || !account) throw new Error('no queue or account');
  await db.orm.update(channelAddresses).set({ isDefault: false }).where(eq(channelAddresses.channel, 'sms'));
  await db.orm.insert(channelAddresses).values({
    accountId: account.id,
    channel: 'sms',
    value: ours,
    name: 'Shop',
    queueId: queue.id,
    isDefault: true,
  });
  const many = Math.ceil(count * 1.05) + 20;
  await seedClients(db, many);
  const wanted = new Set(Array.from({ length: many }, (_, index) => bulkNumber(index)));
  const points = await db.orm.select().from(contactPoints).where(eq(contactPoints.kind, 'phone'));
  return points
    .filter(({ value }) => wanted.has(value) && !special.test(value))
    .slice(0, count)
    .map(({ clientId, value }) => ({ id: clientId, number: value }));
}

interface TrafficOptions {
  readonly admin: ApiClient;
  readonly smsc: Smsc;
  readonly recipients: readonly Recipient[];
}

/** People who write on until what they wrote is acknowledged, and an SMSC that has much to hand over. */
function createTraffic({ admin, smsc, recipients }: TrafficOptions) {
  const acknowledged = new Set<number>();
  const deliveries: Delivered[] = [];
  let written = 0;

  async function post(index: number): Promise<void> {
    const { id, number } = recipients[index] ?? { id: 0, number: '' };
    await admin.call('POST /api/v1/messages', {
      body: {
        key: `out-message-${index}`,
        despiteWarnings: true,
        message: {
          clientId: id,
          channel: 'sms',
          mode: 'new',
          to: [{ address: number, name: '' }],
          cc: [],
          subject: '',
          text: `out ${index}`,
          attachmentIds: [],
          purpose: 'service',
        },
      },
    });
    acknowledged.add(index);
  }

  /** Everything up to this number; what was acknowledged before is done. */
  function begin(share: number): { readonly done: Promise<void>; end(): Promise<void> } {
    let isOver = false;
    const todo = Array.from({ length: share }, (_, index) => index).filter((index) => !acknowledged.has(index));
    const poster = async (): Promise<void> => {
      for (let index = todo.shift(); index !== undefined && !isOver; index = todo.shift()) {
        try {
          await post(index);
        } catch (error) {
          // no answer is what a dead server gives, and a conflict one whose accounts are only starting
          if (error instanceof ApiFailure && error.status < 500 && error.status !== 409) throw error;
          todo.push(index);
          await pause(20);
        }
      }
    };
    const writer = async (): Promise<void> => {
      for (; written < share && !isOver; written++) {
        deliveries.push(...smsc.write({ from: strangerOf(written), to: ours, text: `in ${written}` }));
        await pause(2);
      }
    };
    const done = Promise.all([poster(), poster(), poster(), poster(), writer()]).then(() => undefined);
    // awaited by `end`; a failure meanwhile is no unhandled one
    done.catch(() => undefined);
    return {
      done,
      async end() {
        isOver = true;
        await done;
      },
    };
  }
  return { begin, deliveries, acknowledged };
}

/** Nothing is on its way any more but what is in doubt. */
async function quiet(admin: ApiClient, smsc: Smsc, deliveries: readonly Delivered[]): Promise<void> {
  await until(() => deliveries.every(({ statuses }) => statuses.at(-1) === 0), 300_000, 'the last incoming message');
  let before = -1;
  await until(
    async () => {
      const queued = await queuedAt(admin);
      const isSame = queued === 0 && smsc.submitted.length === before;
      before = smsc.submitted.length;
      // more often is refused as too many requests
      if (!isSame) await pause(1_000);
      return isSame;
    },
    300_000,
    'the last outgoing message',
  );
}

const queuedAt = async (admin: ApiClient): Promise<number> =>
  (await admin.call('GET /api/v1/channel-health')).items.reduce((sum, { queued }) => sum + queued, 0);

/**
 * An attempt of a dead process is in doubt after a minute, and asked about after another one and a half: instead of waiting, the
 * clock of those rows is moved on, twice. @returns how many were in doubt
 */
async function settleDoubts(server: TestServer): Promise<number> {
  let doubtful = 0;
  for (const state of ['sending', 'unconfirmed'] as const) {
    const db = await server.stopAndOpenDatabase();
    const moved = await db.orm
      .update(messageOutbox)
      .set({ leaseUntil: sql`now() - interval '1 second'` })
      .where(eq(messageOutbox.state, state))
      .returning({ id: messageOutbox.id });
    doubtful = Math.max(doubtful, moved.length);
    await db.close();
    await server.restart();
    if (moved.length > 0) await pause(2_000);
  }
  return doubtful;
}

/** Doubts that can be settled are: they are asked about by twenty. */
async function settled(server: TestServer, admin: ApiClient): Promise<void> {
  let before = -1;
  await until(
    async () => {
      const { total } = await admin.call('GET /api/v1/failed-messages', { querystring: { limit: 1 } });
      const isSame = total === before;
      before = total;
      if (!isSame) await pause(1_000);
      return isSame && server.child !== undefined;
    },
    60_000,
    'the last look-up',
  );
}

type Counted = Omit<KillCounts, 'kills' | 'doubtful' | 'seconds'>;

async function countAll(db: Database, { smsc, count }: { smsc: Smsc; count: number }): Promise<Counted> {
  const taken = new Map<string, number>();
  for (const { text } of smsc.submitted) taken.set(text, (taken.get(text) ?? 0) + 1);
  const out = await db.orm
    .select({ text: messages.writtenText, state: messageOutbox.state })
    .from(messageOutbox)
    .innerJoin(messages, eq(messages.id, messageOutbox.id));
  const stateOf = new Map(out.map(({ text, state }) => [text, state]));
  const all = Array.from({ length: count }, (_, index) => `out ${index}`);
  const isHeld = (text: string): boolean => ['sending', 'unconfirmed'].includes(stateOf.get(text) ?? '');
  const isGone = (text: string): boolean => ['accepted', 'sent', 'delivered'].includes(stateOf.get(text) ?? '');
  const came = await db.orm
    .select({ text: messages.text, from: messages.fromAddress })
    .from(messages)
    .where(eq(messages.direction, 'in'));
  const stored = new Map<string, number>();
  for (const { text } of came) stored.set(text, (stored.get(text) ?? 0) + 1);
  const written = Array.from({ length: count }, (_, index) => `in ${index}`);
  const strangers = new Set(written.map((_, index) => strangerOf(index)));
  const points = await db.orm.select({ value: contactPoints.value }).from(contactPoints);
  const cards = points.filter(({ value }) => strangers.has(value)).length;
  return {
    out: out.length,
    taken: all.filter((text) => taken.has(text)).length,
    takenTwice: all.filter((text) => (taken.get(text) ?? 0) > 1).length,
    missing: all.filter((text) => !taken.has(text) && !isHeld(text)).length,
    held: all.filter(isHeld).length,
    heldAndTaken: all.filter((text) => isHeld(text) && taken.has(text)).length,
    wronglyTaken: all.filter((text) => isGone(text) && !taken.has(text)).length,
    delivered: out.filter(({ state }) => state === 'delivered').length,
    in: count,
    stored: written.filter((text) => stored.has(text)).length,
    lost: written.filter((text) => !stored.has(text)).length,
    storedTwice: written.filter((text) => (stored.get(text) ?? 0) > 1).length,
    extraCards: cards - strangers.size,
  };
}
