import type { DayFigures, Share } from '../../server/contract/board.ts';

/** Per cent, half up to 0.1; null when there is nothing to divide by. Whole numbers all the way: no 81.85 that rounds down. */
export function percentOf({ numerator, denominator }: Share): number | null {
  if (denominator === 0) return null;
  return Math.floor((2000 * numerator + denominator) / (2 * denominator)) / 10;
}

/** Milliseconds, half up to 0.1 s; null when there is nothing to divide by. */
export function meanMs(sumMs: number, count: number): number | null {
  return count === 0 ? null : Math.floor(sumMs / (100 * count) + 0.5) * 100;
}

/** Gave up, without those who gave up at once. */
export const netAbandoned = ({ abandoned, shortAbandoned }: DayFigures): number => abandoned - shortAbandoned;

/** Abandon rate, net of short ones on both sides. */
export const netAbandonRate = (figures: DayFigures): Share => ({
  numerator: netAbandoned(figures),
  denominator: figures.offered - figures.shortAbandoned,
});
