import type { Shifts } from '../contract/setup-schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { QueueId, UserId } from '../kernel/ids.ts';
import { openBetween } from '../routing/opening-hours.ts';
import type { QueueRow, RoutingSetup } from '../routing/store.ts';
import { type Shift, shiftsBetween } from '../routing/work-schedule.ts';
import { limits } from './limits.ts';

const iso = ({ startsAt, endsAt }: Shift) => ({
  startsAt: new Date(startsAt).toISOString(),
  endsAt: new Date(endsAt).toISOString(),
});

/** What is left of `open` when every one of `covered` is taken out of it; both are in any order, results in order. */
export function holesOf(open: readonly Shift[], covered: readonly Shift[]): Shift[] {
  let holes = open.toSorted((a, b) => a.startsAt - b.startsAt);
  for (const { startsAt, endsAt } of covered) {
    holes = holes.flatMap((hole) => {
      if (endsAt <= hole.startsAt || startsAt >= hole.endsAt) return [hole];
      const rest = [
        { startsAt: hole.startsAt, endsAt: startsAt },
        { startsAt: endsAt, endsAt: hole.endsAt },
      ];
      return rest.filter((part) => part.startsAt < part.endsAt);
    });
  }
  return holes;
}

/** The times in which one queue is open, and in which nobody of it is on shift meanwhile. */
export function coverageOf(
  setup: RoutingSetup,
  queue: QueueRow,
  span: { readonly from: number; readonly to: number },
  shiftsOf: (userId: UserId) => readonly Shift[],
): { open: Shift[]; holes: Shift[] } {
  const open = openBetween(setup, queue.id, span.from, span.to);
  const covered = (setup.members.get(queue.id) ?? []).flatMap(shiftsOf);
  return { open, holes: holesOf(open, covered) };
}

/** Everybody's shifts within a span. */
export function shiftsOfAll(
  setup: RoutingSetup,
  span: { readonly from: number; readonly to: number },
): ReadonlyMap<UserId, readonly Shift[]> {
  return new Map(
    setup.agents.map(({ id }) => {
      const schedule = setup.schedules.get(id);
      return [id, schedule ? shiftsBetween(schedule, span.from, span.to) : []];
    }),
  );
}

/**
 * Who is on shift when, for a picture of the coverage.
 * @throws AppError `bad_request` for a span that is empty or too long
 */
export function shiftsView(setup: RoutingSetup, from: number, to: number): Shifts {
  if (!(from < to) || to - from > limits.shiftsMs)
    throw new AppError('bad_request', '"to" must be after "from", by at most 62 days', {
      details: { errors: [{ path: 'querystring/to', message: 'must be after "from", by at most 62 days' }] },
    });
  const span = { from, to };
  const shifts = shiftsOfAll(setup, span);
  const queuesOf = new Map<UserId, QueueId[]>();
  for (const [queueId, ids] of setup.members)
    for (const id of ids) queuesOf.set(id, [...(queuesOf.get(id) ?? []), queueId]);
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    items: setup.agents.map(({ id, name, teamId }) => ({
      user: { id, name },
      teamId,
      queueIds: queuesOf.get(id) ?? [],
      shifts: (shifts.get(id) ?? []).map(iso),
    })),
    queues: setup.queues.map((queue) => {
      const { open, holes } = coverageOf(setup, queue, span, (id) => shifts.get(id) ?? []);
      return { queue: { id: queue.id, name: queue.name }, open: open.map(iso), holes: holes.map(iso) };
    }),
  };
}
