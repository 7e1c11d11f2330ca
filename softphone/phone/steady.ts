/** How well one side hears, from best to worst. `silent`: nothing at all. */
export const hearingGrades = ['good', 'fair', 'bad', 'silent'] as const;
export type HearingGrade = (typeof hearingGrades)[number];

/** How many grades in a row it takes before another one is shown. */
export interface Patience {
  readonly worse: number;
  readonly better: number;
}

/** A grade that is shown, and the grades since then that all lie on one side of it. */
export interface Steady {
  readonly shown: HearingGrade;
  readonly run: readonly HearingGrade[];
}

export const steadyGood: Steady = { shown: 'good', run: [] };

const rank = (grade: HearingGrade): number => hearingGrades.indexOf(grade);
const byRank = (one: HearingGrade, other: HearingGrade): number => rank(one) - rank(other);

/**
 * Keeps a grade from flickering. Another grade is shown after `patience` grades in a row on its side of the shown one, and
 * then the cautious one of them: the mildest of worse ones, the worst of better ones. Silence needs no patience, neither to
 * begin nor to end: its condition lasts seconds by itself.
 */
export function steady(before: Steady, now: HearingGrade, patience: Patience): Steady {
  if (now === before.shown) return { shown: now, run: [] };
  if (now === 'silent' || before.shown === 'silent') return { shown: now, run: [] };
  const isWorse = rank(now) > rank(before.shown);
  const goesOn = before.run.every((grade) => rank(grade) > rank(before.shown) === isWorse);
  const run = goesOn ? [...before.run, now] : [now];
  if (run.length < (isWorse ? patience.worse : patience.better)) return { shown: before.shown, run };
  const sorted = run.toSorted(byRank);
  return { shown: (isWorse ? sorted[0] : sorted.at(-1)) ?? now, run: [] };
}
