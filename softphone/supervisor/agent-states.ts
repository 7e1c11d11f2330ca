import type { AgentDay } from '../../server/contract/board.ts';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import type { Level } from './levels.ts';

/** What an agent does, as a supervisor asks for it. `missing`: on shift by the schedule, and cannot be rung. */
export const agentStates = ['missing', 'not_ready', 'wrap_up', 'ringing', 'on_call', 'available', 'off'] as const;
export type AgentState = (typeof agentStates)[number];

/** Pure. */
export function agentState(agent: AgentListItem): AgentState {
  if (agent.busy !== null) return agent.busy;
  if (!agent.onShift) return 'off';
  const started = !(agent.status === 'not_ready' && agent.reason === 'signed_in');
  const reachable = agent.phone || agent.status === 'not_ready';
  // a supervisor's shift is not for taking calls: he is missed by no queue
  if (!started || !reachable) return agent.role === 'agent' ? 'missing' : 'off';
  return agent.status;
}

export interface AgentRow {
  readonly agent: AgentListItem;
  readonly state: AgentState;
  /** null until he did something today. */
  readonly day: AgentDay | null;
}

/** Those in trouble first; within a state the longest first. Pure. */
export function agentRows(agents: readonly AgentListItem[], days: readonly AgentDay[]): AgentRow[] {
  const dayOf = new Map(days.map((day) => [day.user.id, day]));
  return agents
    .map((agent) => ({ agent, state: agentState(agent), day: dayOf.get(agent.id) ?? null }))
    .toSorted(
      (left, right) =>
        agentStates.indexOf(left.state) - agentStates.indexOf(right.state) ||
        left.agent.since.localeCompare(right.agent.since) ||
        left.agent.name.localeCompare(right.agent.name),
    );
}

export type StateCounts = Readonly<Record<AgentState, number>>;

export function countStates(rows: readonly AgentRow[]): StateCounts {
  const counts = { missing: 0, not_ready: 0, wrap_up: 0, ringing: 0, on_call: 0, available: 0, off: 0 };
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

const MINUTE_S = 60;

/** Seconds after which a time in state is long, and too long. A state that is not here may last. */
const limits: Partial<Record<AgentState | 'lunch' | 'pause', readonly [long: number, tooLong: number]>> = {
  missing: [0, 5 * MINUTE_S],
  ringing: [15, 30],
  wrap_up: [1 * MINUTE_S, 3 * MINUTE_S],
  on_call: [10 * MINUTE_S, 20 * MINUTE_S],
  lunch: [45 * MINUTE_S, 60 * MINUTE_S],
  pause: [15 * MINUTE_S, 30 * MINUTE_S],
};

/** Reasons that are work away from the phone, and may last. */
const longReasons: ReadonlySet<string> = new Set(['meeting', 'training', 'back_office']);

/** Whether he does it for longer than usual. @param ms time in state. Pure. */
export function stateLevel(state: AgentState, reason: string, ms: number): Level {
  if (state === 'not_ready' && longReasons.has(reason)) return 'calm';
  const limit = limits[state === 'not_ready' ? (reason === 'lunch' ? 'lunch' : 'pause') : state];
  if (limit === undefined) return 'calm';
  const [long, tooLong] = limit;
  if (ms >= tooLong * 1000) return 'trouble';
  return ms >= long * 1000 ? 'attention' : 'calm';
}
