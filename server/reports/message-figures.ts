import type { MessageFigures } from '../contract/board.ts';
import type { QueueId } from '../kernel/ids.ts';
import type { JournalEntry } from '../kernel/journal.ts';

/**
 * What each event of the journal adds to the figures of what was written; docs/metrics.md is its text. A message counts when it
 * was written, a wait when it is decided: when it is answered in time, or its time is over, whichever comes first.
 */

type Data = Readonly<Record<string, unknown>>;
export type MessageSums = { -readonly [Key in keyof MessageFigures]: number };
type Part = Readonly<Partial<MessageSums>>;

const none = {
  received: 0,
  written: 0,
  answered: 0,
  answeredInTarget: 0,
  overdue: 0,
  answerWaitMs: 0,
} as const satisfies Record<keyof MessageSums, 0>;

const keys = Object.keys(none) as (keyof MessageSums)[];

export const noMessages = (): MessageSums => ({ ...none });

/** Adds to a sum, in place; the order is of no matter. */
export function addMessages(sum: MessageSums, part: Part): void {
  for (const key of keys) sum[key] += part[key] ?? 0;
}

interface Counting {
  /** Field of the moment at which it counts, milliseconds since the epoch. */
  readonly at: 'at' | 'dueAt';
  readonly part: (data: Data) => Part;
}

const isOurs = ({ origin }: Data): boolean => origin === 'agent' || origin === 'echo';

const counts: Readonly<Record<string, Counting>> = {
  // what machines write is nobody's question
  'message.received': { at: 'at', part: ({ nature }) => (nature === 'human' ? { received: 1 } : {}) },
  // what rules and campaigns write is nobody's answer
  'message.written': { at: 'at', part: (data) => (isOurs(data) ? { written: 1 } : {}) },
  'conversation.answered': {
    at: 'at',
    part: ({ inTime, waitMs }) => ({
      answered: 1,
      answeredInTarget: inTime === true ? 1 : 0,
      answerWaitMs: typeof waitMs === 'number' ? Math.max(0, Math.round(waitMs)) : 0,
    }),
  },
  'conversation.overdue': { at: 'dueAt', part: () => ({ overdue: 1 }) },
};

/** Types of events that count, for whoever reads the table. */
export const countedMessageTypes: readonly string[] = Object.keys(counts);

export interface CountedMessage {
  readonly seq: number;
  readonly at: number;
  readonly queueId: QueueId;
  readonly part: Part;
}

/** @returns null for an event that no figure of messages counts */
export function countedMessage({ seq, type, data = {} }: JournalEntry): CountedMessage | null {
  const counting = Object.hasOwn(counts, type) ? counts[type] : undefined;
  const { queueId } = data;
  if (!counting || typeof queueId !== 'number') return null;
  const at = data[counting.at];
  if (typeof at !== 'number' || !Number.isFinite(at)) return null;
  return { seq, at, queueId: queueId as QueueId, part: counting.part(data) };
}
