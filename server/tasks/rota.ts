import type { QueueId, TeamId, UserId } from '../kernel/ids.ts';
import type { AgentRow, RoutingSetup } from '../routing/store.ts';
import { nextShiftAt, type Shift, shiftAt, type WorkSchedule } from '../routing/work-schedule.ts';

/** The part of the setting that says who works when, with whom. */
export type RotaSetup = Pick<RoutingSetup, 'agents' | 'schedules' | 'members' | 'company'>;

/** Somebody's working time around a moment. */
export interface Duty {
  /** The shift he is in. */
  readonly shift: Shift | null;
  /** Else the next one, within a fortnight. */
  readonly next: Shift | null;
}

const offDuty: Duty = { shift: null, next: null };

/** Who is on shift now and next. Disabled people and people without a schedule never are. */
export interface Rota {
  agent(id: UserId): AgentRow | undefined;
  hasSchedule(id: UserId): boolean;
  duty(id: UserId, now: number): Duty;
  /** Of a queue, in schedule order, without disabled people. */
  members(queueId: QueueId | null): readonly UserId[];
  everybody(): readonly UserId[];
  /**
   * His team; who has none: those who serve a queue with him. Without himself and disabled people.
   * @param teamId of somebody who is disabled; default: his own
   */
  colleagues(id: UserId, teamId?: TeamId | null): readonly UserId[];
  scheduleOf(id: UserId): WorkSchedule | undefined;
  /** Zone of his schedule, else the company's. */
  timeZoneOf(id: UserId): string;
}

/** What is known of a schedule until then; schedules are replaced, never changed. */
interface Known extends Duty {
  readonly from: number;
  readonly until: number;
}

/** Nothing is known for longer than this. */
const longestMs = 60 * 60_000;

function look(schedule: WorkSchedule, now: number): Known {
  const shift = shiftAt(schedule, now);
  const nextAt = shift ? null : nextShiftAt(schedule, now);
  const next = nextAt === null ? null : shiftAt(schedule, nextAt);
  const until = Math.min(shift?.endsAt ?? next?.startsAt ?? Number.POSITIVE_INFINITY, now + longestMs);
  return { shift, next, from: now, until };
}

/** @param setup whose fields are always the present ones */
export function createRota(setup: RotaSetup): Rota {
  const known = new WeakMap<WorkSchedule, Known>();
  const agent = (id: UserId) => setup.agents.find((row) => row.id === id);

  function queueMates(id: UserId): Set<UserId> {
    const mates = [...setup.members.values()].filter((ids) => ids.includes(id)).flat();
    return new Set(mates);
  }

  return {
    agent,
    hasSchedule: (id) => setup.schedules.has(id),
    scheduleOf: (id) => setup.schedules.get(id),
    duty(id, now) {
      const schedule = agent(id) && setup.schedules.get(id);
      if (!schedule) return offDuty;
      const held = known.get(schedule);
      if (held && held.from <= now && now < held.until) return held;
      const fresh = look(schedule, now);
      known.set(schedule, fresh);
      return fresh;
    },
    members: (queueId) => (queueId === null ? [] : (setup.members.get(queueId) ?? [])).filter((id) => agent(id)),
    everybody: () => setup.agents.map((row) => row.id),
    colleagues(id, teamId = agent(id)?.teamId ?? null) {
      const mates = teamId === null ? queueMates(id) : null;
      const isMate = (row: AgentRow) => (mates ? mates.has(row.id) : row.teamId === teamId);
      return setup.agents.filter((row) => row.id !== id && isMate(row)).map((row) => row.id);
    },
    timeZoneOf: (id) => setup.schedules.get(id)?.timeZone ?? setup.company.timeZone,
  };
}
