import type { RoutingStatus } from '../contract/words.ts';
import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { InteractionId, QueueId, UserId } from '../kernel/ids.ts';
import { type AgentSnapshot, obstacle, type Work } from './router.ts';
import type { AgentRow, PresenceRow, RoutingSetup } from './store.ts';
import { nextShiftAt, shiftAt, type WorkSchedule } from './work-schedule.ts';

/** A snapshot plus what the roster alone needs. Fields change in place: 400 agents, many reads, few writes. */
export interface Agent extends AgentSnapshot {
  readonly row: AgentRow;
  readonly presence: PresenceRow;
  /** Start of what he does now: work, else his status. */
  readonly since: number;
}

type MutableAgent = { -readonly [K in keyof Agent]: Agent[K] };

/** Every agent's present state, kept up to date by events, and who of a queue is free right now. */
export interface Roster {
  agent(id: UserId): Agent | undefined;
  byLogin(login: string): Agent | undefined;
  all(): Iterable<Agent>;
  /** A queue's agents in schedule order. */
  members(queueId: QueueId): readonly Agent[];
  /** Members without any obstacle at this moment. */
  free(queueId: QueueId): ReadonlySet<Agent>;
  setPhone(id: UserId, phone: boolean): void;
  setPresence(row: PresenceRow): void;
  /** null = done. @returns whether anything changed */
  setWork(id: UserId, work: Work | null): void;
  /** Who works on it, if anybody. */
  workerOf(interactionId: InteractionId): Agent | undefined;
  /** After every change of one agent; `freed` when he had an obstacle before and has none now. */
  onChange: ((agent: Agent, freed: boolean) => void) | undefined;
  close(): void;
}

/** A shift change is never further away than this, so that a wrong clock is noticed. */
const longestSleepMs = 60 * 60_000;

const offDuty: PresenceRow = {
  userId: 0 as UserId,
  status: 'not_ready',
  reason: 'signed_in',
  nextStatus: null,
  nextReason: '',
  since: new Date(0),
  cause: 'agent',
};

/** @param setup read by `loadSetup`; everybody starts without a phone and without work */
export function createRoster(setup: RoutingSetup, clock: Clock): Roster {
  const agents = new Map<UserId, MutableAgent>();
  const byLogin = new Map<string, MutableAgent>();
  const queuesOf = new Map<UserId, QueueId[]>();
  const members = new Map<QueueId, MutableAgent[]>();
  const free = new Map<QueueId, Set<Agent>>();
  let boundary: TimerHandle | undefined;

  for (const row of setup.agents) {
    const presence = setup.presence.get(row.id) ?? { ...offDuty, userId: row.id, since: new Date(clock.now()) };
    const agent: MutableAgent = {
      id: row.id,
      row,
      presence,
      status: presence.status as RoutingStatus,
      reason: presence.reason,
      since: presence.since.getTime(),
      shift: null,
      nextShiftAt: null,
      phone: false,
      work: null,
    };
    agents.set(row.id, agent);
    byLogin.set(row.login, agent);
  }
  for (const [queueId, ids] of setup.members) {
    members.set(
      queueId,
      ids.flatMap((id) => agents.get(id) ?? []),
    );
    free.set(queueId, new Set());
    for (const id of ids) queuesOf.set(id, [...(queuesOf.get(id) ?? []), queueId]);
  }

  function refreshShift(agent: MutableAgent, schedule: WorkSchedule | undefined, now: number): void {
    agent.shift = schedule ? shiftAt(schedule, now) : null;
    agent.nextShiftAt = schedule && !agent.shift ? nextShiftAt(schedule, now) : null;
  }

  /** Wakes when the first shift of anybody starts or ends. */
  function watchShifts(): void {
    const now = clock.now();
    let next = now + longestSleepMs;
    for (const agent of agents.values()) {
      const change = agent.shift?.endsAt ?? agent.nextShiftAt;
      if (change !== null && change > now) next = Math.min(next, change);
    }
    boundary = clock.after(next - now, () => {
      for (const agent of agents.values()) {
        const before = agent.shift;
        refreshShift(agent, setup.schedules.get(agent.id), clock.now());
        if (before?.endsAt !== agent.shift?.endsAt) settle(agent);
      }
      watchShifts();
    });
  }

  /** Puts the agent into or out of the free sets and tells. */
  function settle(agent: MutableAgent): void {
    const isFree = obstacle(agent, clock.now()) === null;
    let freed = false;
    for (const queueId of queuesOf.get(agent.id) ?? []) {
      const set = free.get(queueId);
      if (!set || set.has(agent) === isFree) continue;
      if (isFree) set.add(agent);
      else set.delete(agent);
      freed = isFree;
    }
    roster.onChange?.(agent, freed);
  }

  const nobody: ReadonlySet<Agent> = new Set();
  const roster: Roster = {
    onChange: undefined,
    agent: (id) => agents.get(id),
    byLogin: (login) => byLogin.get(login),
    all: () => agents.values(),
    members: (queueId) => members.get(queueId) ?? [],
    free: (queueId) => free.get(queueId) ?? nobody,
    setPhone(id, phone) {
      const agent = agents.get(id);
      if (!agent || agent.phone === phone) return;
      agent.phone = phone;
      settle(agent);
    },
    setPresence(row) {
      const agent = agents.get(row.userId);
      if (!agent) return;
      agent.presence = row;
      agent.status = row.status;
      agent.reason = row.reason;
      if (!agent.work) agent.since = row.since.getTime();
      settle(agent);
    },
    setWork(id, work) {
      const agent = agents.get(id);
      if (!agent || agent.work === work) return;
      agent.work = work;
      agent.since = clock.now();
      settle(agent);
    },
    workerOf: (interactionId) => [...agents.values()].find((agent) => agent.work?.interactionId === interactionId),
    close: () => boundary?.cancel(),
  };
  for (const agent of agents.values()) {
    refreshShift(agent, setup.schedules.get(agent.id), clock.now());
    settle(agent);
  }
  watchShifts();
  return roster;
}
