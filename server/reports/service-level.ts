import { shortAbandonMs } from '../calls/finishing.ts';
import type { DayFigures, MessageFigures, ServiceLevelFormula, Share } from '../contract/board.ts';

/** What the formulas of the field are made of: calls that joined a queue, each once. */
export interface ServedCalls {
  readonly answered: number;
  /** Within the answer threshold T. */
  readonly answeredInTime: number;
  readonly abandoned: number;
  /** Given up within T; the short ones among them. */
  readonly abandonedInTime: number;
  /** Given up within the short threshold S. */
  readonly shortAbandoned: number;
  /** Left the queue for a message, a callback or the goodbye: nobody was served in time, in every formula but F2. */
  readonly flowedOut: number;
}

/** Six formulas of service level on the same data; the field uses all of them (docs/metrics.md). */
export const serviceLevels = {
  /** Given up within T is success. */
  F1: (c) => ({
    numerator: c.answeredInTime + c.abandonedInTime,
    denominator: c.answered + c.abandoned + c.flowedOut,
  }),
  /** Of the answered ones only. */
  F2: (c) => ({ numerator: c.answeredInTime, denominator: c.answered }),
  /** Strict: everybody who gave up counts against us. */
  F3: (c) => ({ numerator: c.answeredInTime, denominator: c.answered + c.abandoned + c.flowedOut }),
  /** Given up within T is left out. */
  F4: (c) => ({
    numerator: c.answeredInTime,
    denominator: c.answered + c.abandoned - c.abandonedInTime + c.flowedOut,
  }),
  /** Given up within S is success. */
  F5: (c) => ({
    numerator: c.answeredInTime + c.shortAbandoned,
    denominator: c.answered + c.abandoned + c.flowedOut,
  }),
  /** Given up within S is left out: ours. */
  F6: (c) => ({
    numerator: c.answeredInTime,
    denominator: c.answered + c.abandoned - c.shortAbandoned + c.flowedOut,
  }),
} as const satisfies Record<string, (calls: ServedCalls) => Share>;

/** The formula of every service level that is shown. What a change of it means: docs/metrics.md. */
export const formula: ServiceLevelFormula = {
  id: 'F6',
  version: 1,
  answerSeconds: 20,
  shortAbandonSeconds: shortAbandonMs / 1000,
};

/** The formula of every response level that is shown. */
export const responseFormula = { id: 'R1', version: 1 } as const;

/** Waits that were answered in time, of those that were or whose time is over. Who still has time is in neither part. */
export const responseLevel = ({
  answeredInTarget,
  overdue,
}: Pick<MessageFigures, 'answeredInTarget' | 'overdue'>): Share => ({
  numerator: answeredInTarget,
  denominator: answeredInTarget + overdue,
});

type ServiceLevelFigures = Pick<
  DayFigures,
  'answered' | 'answeredInTime' | 'abandoned' | 'shortAbandoned' | 'flowedOut'
>;

/** The share by `formula`. Who still waits is in neither part of it. */
export const serviceLevel = (figures: ServiceLevelFigures): Share =>
  // F6 does not ask who gave up within T
  serviceLevels[formula.id]({ ...figures, abandonedInTime: 0 });
