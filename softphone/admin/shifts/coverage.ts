import type { Shifts } from '../../../server/contract/setup-schemas.ts';

interface Span {
  readonly startsAt: number;
  readonly endsAt: number;
}

/** A stretch of an open queue with the same number of people on shift; 0 is a hole. */
export interface CoverageStretch extends Span {
  readonly people: number;
}

const toSpan = ({ startsAt, endsAt }: { startsAt: string; endsAt: string }): Span => ({
  startsAt: Date.parse(startsAt),
  endsAt: Date.parse(endsAt),
});

/** When a queue is open and how many of its people are on shift then, in order. */
export function coverageOf(shifts: Shifts, queueId: number): readonly CoverageStretch[] {
  const open = (shifts.queues.find(({ queue }) => queue.id === queueId)?.open ?? []).map(toSpan);
  const work = shifts.items
    .filter(({ queueIds }) => queueIds.includes(queueId))
    .flatMap((one) => one.shifts.map(toSpan));
  return open.flatMap((span) => stretchesOf(span, work));
}

function stretchesOf(open: Span, work: readonly Span[]): CoverageStretch[] {
  const inside = work
    .map(({ startsAt, endsAt }) => ({
      startsAt: Math.max(startsAt, open.startsAt),
      endsAt: Math.min(endsAt, open.endsAt),
    }))
    .filter(({ startsAt, endsAt }) => startsAt < endsAt);
  const edges = [open.startsAt, open.endsAt, ...inside.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt])];
  const times = [...new Set(edges)].toSorted((a, b) => a - b);
  const stretches: CoverageStretch[] = [];
  for (const [index, startsAt] of times.entries()) {
    const endsAt = times[index + 1];
    if (endsAt === undefined) break;
    const people = inside.filter((span) => span.startsAt <= startsAt && span.endsAt >= endsAt).length;
    const last = stretches.at(-1);
    if (last?.people === people) stretches[stretches.length - 1] = { ...last, endsAt };
    else stretches.push({ startsAt, endsAt, people });
  }
  return stretches;
}
