import type { QueueId } from '../../kernel/ids.ts';
import { type Shift, shiftsBetween } from '../../routing/work-schedule.ts';
import { owedLimits } from '../limits.ts';
import type { Rota } from '../rota.ts';
import type { Workers } from './due.ts';
import type { OwnerQuestion } from './owner.ts';

/** Those who answer for a queue, at a moment. */
export interface QueuePeople {
  /** Shifts of those who answer for it; of everybody, where it has nobody. */
  readonly workers: Workers;
  /** What is asked about an owner and does not depend on the client. */
  readonly question: Omit<OwnerQuestion, 'responsibleId' | 'lastId'>;
}

function workersOf(rota: Rota, { members, everybody }: Pick<OwnerQuestion, 'members' | 'everybody'>): Workers {
  const people = (members.length > 0 ? members : everybody).slice(0, owedLimits.workers);
  return (from, to) => {
    const shifts: Shift[] = [];
    for (const id of people) {
      // mostly somebody is on shift all the time, and nobody else need be asked
      const { shift } = rota.duty(id, from);
      if (shift && shift.startsAt <= from && shift.endsAt >= to) return [{ startsAt: from, endsAt: to }];
      const schedule = rota.scheduleOf(id);
      if (schedule) shifts.push(...shiftsBetween(schedule, from, to));
    }
    return shifts;
  };
}

/** Looks the people of each queue up once, however many of its clients are asked about at that moment. */
export function queuePeopleAt(rota: Rota, now: number): (queueId: QueueId | null) => QueuePeople {
  const everybody = rota.everybody();
  const known = new Map<QueueId | null, QueuePeople>();
  return (queueId) => {
    const before = known.get(queueId);
    if (before) return before;
    const people = { members: rota.members(queueId), everybody };
    const duty = (id: (typeof everybody)[number]) => rota.duty(id, now);
    const question = { ...people, now, duty, timeZoneOf: rota.timeZoneOf };
    const found = { workers: workersOf(rota, people), question };
    known.set(queueId, found);
    return found;
  };
}
