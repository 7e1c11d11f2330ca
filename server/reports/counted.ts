import type { QueueId, UserId } from '../kernel/ids.ts';
import type { JournalEntry } from '../kernel/journal.ts';
import type { Part } from './figures.ts';
import { formula } from './service-level.ts';

/**
 * What each event of the journal adds to the figures: the whole meaning of them, with docs/metrics.md as its text. Every
 * event stands alone (it says when and for which queue its call arrived), so that neither order nor a missed
 * beginning matters.
 */

type Data = Readonly<Record<string, unknown>>;

const answerMs = formula.answerSeconds * 1000;
const shortAbandonMs = formula.shortAbandonSeconds * 1000;

/** A duration or instant in milliseconds; undefined = the event does not say so. */
const ms = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.max(0, Math.round(value)) : undefined;

const isOut = (data: Data): boolean => data['direction'] === 'out';

/** `waitMs` is on the event by which a call leaves its queue unanswered, and on no later one. */
function leftQueue(data: Data, by: (waitMs: number) => Part): Part {
  const waitMs = ms(data['waitMs']);
  return waitMs === undefined ? {} : { longestWaitMs: waitMs, ...by(waitMs) };
}

const flowedOut = (data: Data): Part => leftQueue(data, () => ({ flowedOut: 1 }));

const gaveUp = (data: Data): Part =>
  leftQueue(data, (waitMs) => ({
    abandoned: 1,
    shortAbandoned: waitMs <= shortAbandonMs ? 1 : 0,
    abandonedWaitMs: waitMs,
  }));

function answered(data: Data): Part {
  // a call that came to the queue out of a talk was answered before, also one that we had made
  if (data['again'] === true) return { ringsTaken: 1 };
  if (isOut(data)) return { reached: 1 };
  const waitMs = ms(data['waitMs']) ?? 0;
  const answeredInTime = waitMs <= answerMs ? 1 : 0;
  return { ringsTaken: 1, answered: 1, answeredInTime, answeredWaitMs: waitMs, longestWaitMs: waitMs };
}

function talked(data: Data): Part {
  const talkMs = ms(data['talkMs']);
  return talkMs === undefined ? {} : { talks: 1, talkMs };
}

const counts: Readonly<Record<string, (data: Data) => Part>> = {
  'interaction.opened': (data) =>
    isOut(data) ? { dialled: 1 } : data['turnedAway'] === true ? { closedHours: 1 } : { offered: 1 },
  'offer.made': () => ({ rings: 1 }),
  'offer.ended': (data) => (data['result'] === 'not_delivered' ? { phantomRings: 1 } : {}),
  'interaction.answered': answered,
  'interaction.abandoned': (data) => (data['result'] === 'timeout' ? flowedOut(data) : gaveUp(data)),
  'interaction.diverted': flowedOut,
  'interaction.callback_requested': (data) => ({ callbacksRequested: 1, ...flowedOut(data) }),
  'interaction.voicemail': () => ({ voicemails: 1 }),
  'interaction.rescued': () => ({ rescued: 1 }),
  'interaction.returned': (data) => ({ returned: 1, ...talked(data) }),
  'interaction.ended': talked,
  'interaction.closed': (data) => ({ wrapUps: 1, wrapUpMs: ms(data['wrapUpMs']) ?? 0 }),
  // for how long he waited before the house fell is not known
  'interaction.recovered': (data) => (data['leftQueue'] === true ? { abandoned: 1 } : {}),
};

/** Types of events that count, for whoever reads the table. */
export const countedTypes: readonly string[] = Object.keys(counts);

export interface CountedEvent {
  readonly seq: number;
  /** When its call arrived, milliseconds since the epoch: the moment at which it counts. */
  readonly arrivedAt: number;
  readonly queueId: QueueId;
  readonly userId: UserId | undefined;
  readonly part: Part;
}

/** @returns null for an event that no figure counts */
export function countedEvent({ seq, type, userId, data = {} }: JournalEntry): CountedEvent | null {
  const count = Object.hasOwn(counts, type) ? counts[type] : undefined;
  const arrivedAt = ms(data['arrivedAt']);
  const queueId = data['queueId'];
  if (!count || arrivedAt === undefined || typeof queueId !== 'number') return null;
  return { seq, arrivedAt, queueId: queueId as QueueId, userId, part: count(data) };
}
