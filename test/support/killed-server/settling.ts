import type { Database } from '../../../db/client.ts';
import { until } from '../../../demo/actors/within.ts';
import type { TestServer } from '../server.ts';
import type { FarEnd } from './far-end.ts';
import type { Traffic } from './traffic.ts';

/** With a loaded machine in mind: a message that takes so long has been forgotten. */
const patienceMs = 180_000;
/** Dead attempts become doubts, doubts are asked about, and what may be repeated then leaves. */
const steps = 3;
/** Messages that settling needs beside those that are counted. */
export const settlingNeeds = 2 * steps;

interface Settling {
  readonly server: TestServer;
  readonly farEnd: FarEnd;
  readonly traffic: Traffic;
  /** Of each direction. */
  readonly messages: number;
}

/** What one connection to the database of the running server finds. */
export async function lookInto<T>(server: TestServer, look: (db: Database) => Promise<T>): Promise<T> {
  const db = server.lookIn();
  try {
    return await look(db);
  } finally {
    await db.close();
  }
}

interface Open {
  /** Due to leave, under way, or due to be looked after. Attempts of dead processes are not: they wait for their time. */
  readonly open: number;
  readonly stored: number;
}

async function openSince(db: Database, since: number): Promise<Open> {
  const [row] = await db.run<{ open: number; stored: number }>({
    name: 'kill_open',
    text: `SELECT (SELECT count(*)::int FROM message_outbox o
              WHERE (o.state IN ('held', 'queued') AND o.not_before <= now() + interval '3 seconds')
                 OR (o.state IN ('sending', 'unconfirmed') AND o.lease_until <= now())
                 OR (o.state = 'sending' AND EXISTS (SELECT 1 FROM message_attempts a
                       WHERE a.message_id = o.id AND a.attempt = o.attempts AND a.started_at >= $1))) AS open,
             (SELECT count(*)::int FROM messages WHERE direction = 'in') AS stored`,
    values: [new Date(since)],
  });
  return row ?? { open: 0, stored: 0 };
}

/**
 * Waits until nothing is on its way any more but what is in doubt.
 * @param since when the server that runs now was started, milliseconds since the epoch
 * @throws when it takes too long; what did not come in by then is counted as lost by who looks
 */
export async function quiet({ server, farEnd, messages }: Settling, since: number): Promise<void> {
  const look = (): Promise<Open> => lookInto(server, (db) => openSince(db, since));
  await until(async () => (await look()).open === 0, patienceMs, 'the end of sending');
  const isAllIn = async (): Promise<boolean> => farEnd.unacknowledged() === 0 && (await look()).stored >= messages;
  await until(isAllIn, patienceMs / 2, 'the last incoming message').catch(() => undefined);
}

/**
 * Instants at which doubts are looked after are now, and doubts are so old that a provider that cannot tell is asked for the
 * last time. @returns how many there were
 */
async function letTimePass(db: Database): Promise<number> {
  await db.run({
    name: 'kill_age',
    text: `UPDATE message_attempts a SET started_at = a.started_at - interval '1 hour' FROM message_outbox o
           WHERE o.state = 'unconfirmed' AND o.lease_until IS NOT NULL AND a.message_id = o.id AND a.attempt = o.attempts`,
    values: [],
  });
  const moved = await db.run<{ id: string }>({
    name: 'kill_time',
    text: `UPDATE message_outbox
           SET lease_until = CASE WHEN state = 'queued' THEN NULL ELSE now() END, not_before = least(not_before, now())
           WHERE (state IN ('sending', 'unconfirmed') AND lease_until IS NOT NULL) OR (state = 'queued' AND not_before > now())
           RETURNING id`,
    values: [],
  });
  return moved.length;
}

/**
 * Instead of waiting minutes until dead attempts are doubts, doubts are asked about and repeated, the clock of those rows is
 * moved on. @returns how many were in doubt
 */
export async function settleDoubts(settling: Settling, since: number): Promise<number> {
  let doubtful = 0;
  for (let step = 0; step < steps; step++) {
    const moved = await lookInto(settling.server, letTimePass);
    doubtful = Math.max(doubtful, moved);
    if (moved === 0) break;
    await settling.traffic.nudge();
    await quiet(settling, since);
  }
  return doubtful;
}
