import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../demo/actors/within.ts';
import { createSeededRandom, type SeededRandom } from '../random.ts';
import { startTestServer, type TestServer } from '../server.ts';
import { type Counted, countAll } from './counts.ts';
import { type FarEnd, startFarEnd } from './far-end.ts';
import { makePeople, type Recipient } from './people.ts';
import { lookInto, quiet, settleDoubts, settlingNeeds } from './settling.ts';
import { createTraffic, type Round, type Traffic } from './traffic.ts';

export interface KillOptions {
  readonly kills: number;
  /** Out, and as many in; half of them SMS, half mails. */
  readonly messages: number;
  readonly seed: number;
  /** After so long no more kills: what is there is counted. */
  readonly minutes?: number;
  readonly onStep?: (step: string) => void;
}

/** When a server was killed: before it was ready, with much to do, or when all that was written had just been acknowledged. */
type Moment = 'starting' | 'working' | 'settling';

export interface KillCounts extends Counted {
  readonly kills: Readonly<Record<Moment, number>>;
  /** In doubt right after the last kill, before anybody asked the providers. */
  readonly doubtful: number;
  /** On the screen of failed messages: what a person has to decide. Whatever is held has to be there. */
  readonly shown: number;
  readonly seconds: number;
  /** The longest start after a kill. */
  readonly slowestStartSeconds: number;
}

/** One kill in so many comes while the server starts; of the others one in so many when a round's writing is over. */
const whileStarting = 5;
const whileSettling = 5;
/** Within so much of what is on its way at that moment. */
const lastMomentsMs = 300;
/** A round whose messages do not go on is not waited for any longer. */
const idleMs = 10_000;
const bindMs = 120_000;

/**
 * Kills a running server again and again while messages go out to an SMSC and a mail server of the test's own process, and
 * others come in from them. Every message has words of its own, so that each can be counted on both sides.
 */
export async function killWhileMessagesFlow(options: KillOptions): Promise<KillCounts> {
  const { messages, seed } = options;
  const startedAt = performance.now();
  const farEnd = await startFarEnd();
  let recipients: readonly Recipient[] = [];
  const server = await startTestServer({
    child: true,
    prepare: async (db) => {
      recipients = await makePeople(db, farEnd, messages + settlingNeeds);
    },
  });
  try {
    const admin = await server.signIn('admin');
    const traffic = createTraffic({ admin, farEnd, recipients, messages });
    const victim: Victim = { options, server, farEnd, traffic, random: createSeededRandom(seed) };
    const { since, ...killed } = await killAll(victim);
    options.onStep?.('the rest is written');
    await traffic.begin(messages).done;
    options.onStep?.('the rest is delivered');
    const settling = { server, farEnd, traffic, messages };
    await quiet(settling, since);
    options.onStep?.('doubts are settled');
    const doubtful = await settleDoubts(settling, since);
    const shown = (await admin.call('GET /api/v1/failed-messages', { querystring: { limit: 1 } })).total;
    const counted = await lookInto(server, (db) => countAll(db, farEnd, messages));
    return { ...killed, doubtful, shown, seconds: Math.round((performance.now() - startedAt) / 1000), ...counted };
  } finally {
    await server.close();
    await farEnd.close();
  }
}

interface Victim {
  readonly options: KillOptions;
  readonly server: TestServer;
  readonly farEnd: FarEnd;
  readonly traffic: Traffic;
  readonly random: SeededRandom;
}

/** @returns with when the server that runs at the end was started */
async function killAll(victim: Victim) {
  const { options, server, farEnd, traffic, random } = victim;
  const kills = { starting: 0, working: 0, settling: 0 };
  let startMs = 2_000;
  let slowestMs = 0;
  let since = 0;
  const sum = (): number => kills.starting + kills.working + kills.settling;
  const endAt = performance.now() + (options.minutes ?? 120) * 60_000;
  while (sum() < options.kills && performance.now() < endAt) {
    await until(() => farEnd.isBound(), bindMs, 'the bind');
    const round = traffic.begin(Math.ceil((options.messages * (sum() + 1)) / options.kills));
    const moment = random.below(whileSettling) === 0 ? 'settling' : 'working';
    await (moment === 'settling' ? lastMoments(victim, round) : midWork(victim));
    kills[moment]++;
    if (sum() < options.kills && random.below(whileStarting) === 0) {
      await server.killWhileItStarts(random.below(startMs));
      kills.starting++;
    }
    since = Date.now();
    const before = performance.now();
    await server.restart('kill');
    startMs = Math.round(performance.now() - before);
    slowestMs = Math.max(slowestMs, startMs);
    await round.end();
    options.onStep?.(
      `${sum()} kills of ${options.kills}, started in ${startMs} ms; acknowledged ${traffic.acknowledged.size}, ` +
        `taken ${farEnd.sms.length} SMS and ${farEnd.mails.length} mails`,
    );
  }
  return { kills, slowestStartSeconds: Math.ceil(slowestMs / 1000), since };
}

/** Until some of the round's messages have been taken, and a random moment more. */
async function midWork({ options, farEnd, random }: Victim): Promise<void> {
  const takenAt = (): number => farEnd.sms.length + farEnd.mails.length;
  const wanted = takenAt() + random.below(1 + Math.ceil(options.messages / options.kills));
  const idleAt = performance.now() + idleMs;
  while (takenAt() < wanted && performance.now() < idleAt) await pause(5);
  await pause(random.below(50));
}

/** All is acknowledged; the last messages, receipts and answers are on their way. */
async function lastMoments({ random }: Victim, round: Round): Promise<void> {
  await Promise.race([round.done, pause(idleMs)]);
  await pause(random.below(lastMomentsMs));
}
