import type { RoutingStatus } from '../contract/words.ts';
import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { InteractionId, QueueId, UserId } from '../kernel/ids.ts';
import { type AgentSnapshot, obstacle, type Work } from './router.ts';
import type { AgentRow, PresenceRow, RoutingSetup } from './store.ts';
import { nextShiftAt, shiftAt } from './work-schedule.ts';

/** A snapshot plus what the roster alone needs. Fields change in place: 400 agents, many reads, few writes. */
export interface Agent extends AgentSnapshot {
  readonly row: AgentRow;
  readonly presence: PresenceRow;
  /** Start of what he does now: work, else his status. */
  readonly since: number;
}

type MutableAgent = { -readonly [K in keyof Agent]: Agent[K] };

export type RosterListener = (agent: Agent, freed: boolean) => void;

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
  /**
   * The setting changed: people, queues, members or schedules. Nobody's work, phone or status is touched. Somebody who
   * was disabled serves no queue from now on, and is forgotten when he has nothing in hand.
   * @param isRegistered whether a phone of this login is there, for people who are new
   */
  apply(setup: RoutingSetup, isRegistered: (login: string) => boolean): void;
  /** Somebody who was disabled is being rung: the offer is to be withdrawn. */
  onWithdraw: ((agent: Agent, interactionId: InteractionId) => void) | undefined;
  /**
   * Tells of every change of one agent from now on, in order of subscription; `freed` when he had an obstacle before and has
   * none now.
   */
  subscribe(listener: RosterListener): void;
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

/** What a setting says of people and queues, and who of them is free. */
interface Places {
  readonly queuesOf: ReadonlyMap<UserId, readonly QueueId[]>;
  readonly members: ReadonlyMap<QueueId, readonly MutableAgent[]>;
  readonly free: ReadonlyMap<QueueId, Set<Agent>>;
}

/** Whoever was free in a queue and still serves it goes on being free there. */
function placesOf(setup: RoutingSetup, agents: ReadonlyMap<UserId, MutableAgent>, before: Places['free']): Places {
  const members = new Map<QueueId, MutableAgent[]>();
  const free = new Map<QueueId, Set<Agent>>();
  const queuesOf = new Map<UserId, QueueId[]>();
  const serving = new Set(setup.agents.map((row) => row.id));
  for (const [queueId, ids] of setup.members) {
    const present = ids.flatMap((id) => (serving.has(id) ? (agents.get(id) ?? []) : []));
    members.set(queueId, present);
    free.set(queueId, new Set(present.filter((agent) => before.get(queueId)?.has(agent))));
    for (const { id } of present) queuesOf.set(id, [...(queuesOf.get(id) ?? []), queueId]);
  }
  return { members, free, queuesOf };
}

const nobody: ReadonlySet<Agent> = new Set();

/** @param initial read by `loadSetup`; everybody starts without a phone and without work */
export function createRoster(initial: RoutingSetup, clock: Clock): Roster {
  const agents = new Map<UserId, MutableAgent>();
  const byLogin = new Map<string, MutableAgent>();
  /** Disabled with something in hand. */
  const leaving = new Set<MutableAgent>();
  let setup = initial;
  let places: Places = { queuesOf: new Map(), members: new Map(), free: new Map() };
  let boundary: TimerHandle | undefined;
  const listeners: RosterListener[] = [];
  const tell: RosterListener = (agent, freed) => {
    for (const listener of listeners) listener(agent, freed);
  };

  function add(row: AgentRow, phone: boolean): MutableAgent {
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
      phone,
      work: null,
    };
    agents.set(row.id, agent);
    return agent;
  }

  /** @returns whether anything that screens show of him is different now */
  function refreshShift(agent: MutableAgent, now: number): boolean {
    const schedule = leaving.has(agent) ? undefined : setup.schedules.get(agent.id);
    const { shift, nextShiftAt: nextAt } = agent;
    agent.shift = schedule ? shiftAt(schedule, now) : null;
    agent.nextShiftAt = schedule && !agent.shift ? nextShiftAt(schedule, now) : null;
    return (
      shift?.startsAt !== agent.shift?.startsAt || shift?.endsAt !== agent.shift?.endsAt || nextAt !== agent.nextShiftAt
    );
  }

  /** Wakes when the first shift of anybody starts or ends. */
  function watchShifts(): void {
    const now = clock.now();
    let next = now + longestSleepMs;
    for (const agent of agents.values()) {
      const change = agent.shift?.endsAt ?? agent.nextShiftAt;
      if (change !== null && change > now) next = Math.min(next, change);
    }
    boundary?.cancel();
    boundary = clock.after(next - now, () => {
      for (const agent of agents.values()) if (refreshShift(agent, clock.now())) settle(agent);
      watchShifts();
    });
  }

  /** Puts the agent into or out of the free sets. @returns whether he is free somewhere where he was not */
  function sort(agent: MutableAgent): boolean {
    const isFree = obstacle(agent, clock.now()) === null;
    let freed = false;
    for (const queueId of places.queuesOf.get(agent.id) ?? []) {
      const set = places.free.get(queueId);
      if (!set || set.has(agent) === isFree) continue;
      if (isFree) set.add(agent);
      else set.delete(agent);
      freed = isFree;
    }
    return freed;
  }

  function settle(agent: MutableAgent): void {
    tell(agent, sort(agent));
  }

  /** @returns whose name or phone is different */
  function applyPeople(isRegistered: (login: string) => boolean): Set<MutableAgent> {
    const changed = new Set<MutableAgent>();
    for (const row of setup.agents) {
      const known = agents.get(row.id);
      const agent = known ?? add(row, isRegistered(row.login));
      // back before he was forgotten
      const isBack = leaving.delete(agent);
      if (agent.row.login !== row.login || isBack) agent.phone = isRegistered(row.login);
      if (!known || isBack || agent.row.login !== row.login || agent.row.name !== row.name) changed.add(agent);
      agent.row = row;
    }
    return changed;
  }

  /** @returns who was disabled since */
  function takeOff(): MutableAgent[] {
    const present = new Set(setup.agents.map((row) => row.id));
    const gone = [...agents.values()].filter((agent) => !present.has(agent.id) && !leaving.has(agent));
    for (const agent of gone) {
      agent.phone = false;
      if (agent.work) leaving.add(agent);
      else agents.delete(agent.id);
    }
    return gone;
  }

  const roster: Roster = {
    onWithdraw: undefined,
    subscribe: (listener) => void listeners.push(listener),
    agent: (id) => agents.get(id),
    byLogin: (login) => byLogin.get(login),
    all: () => agents.values(),
    members: (queueId) => places.members.get(queueId) ?? [],
    free: (queueId) => places.free.get(queueId) ?? nobody,
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
      // whoever was disabled meanwhile is forgotten now, without a word: nobody may look him up any more
      if (work === null && leaving.delete(agent)) agents.delete(id);
      else settle(agent);
    },
    workerOf: (interactionId) => [...agents.values()].find((agent) => agent.work?.interactionId === interactionId),
    apply(next, isRegistered) {
      setup = next;
      const changed = applyPeople(isRegistered);
      const gone = takeOff();
      byLogin.clear();
      for (const row of setup.agents) {
        const agent = agents.get(row.id);
        if (agent) byLogin.set(row.login, agent);
      }
      places = placesOf(setup, agents, places.free);
      for (const agent of agents.values()) if (refreshShift(agent, clock.now())) changed.add(agent);
      const freed = new Set([...agents.values()].filter(sort));
      watchShifts();
      // told last, when all of it is in place: whoever hears it makes offers
      for (const agent of agents.values()) {
        if (changed.has(agent) || freed.has(agent)) tell(agent, freed.has(agent));
      }
      for (const agent of gone) {
        if (agent.work?.kind === 'ringing') roster.onWithdraw?.(agent, agent.work.interactionId);
      }
    },
    close: () => boundary?.cancel(),
  };
  roster.apply(initial, () => false);
  return roster;
}
