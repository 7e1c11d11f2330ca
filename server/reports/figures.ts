import type { AgentDay, DayFigures } from '../contract/board.ts';

/** The part of a day's figures that is counted; `open` is what remains. */
export type Counted = { -readonly [Key in Exclude<keyof DayFigures, 'open'>]: number };

/** What one event adds. */
export type Part = Readonly<Partial<Counted>>;

const counted = {
  offered: 0,
  answered: 0,
  answeredInTime: 0,
  abandoned: 0,
  shortAbandoned: 0,
  flowedOut: 0,
  closedHours: 0,
  voicemails: 0,
  callbacksRequested: 0,
  answeredWaitMs: 0,
  abandonedWaitMs: 0,
  longestWaitMs: 0,
  talks: 0,
  talkMs: 0,
  wrapUps: 0,
  wrapUpMs: 0,
  dialled: 0,
  reached: 0,
  rings: 0,
  ringsTaken: 0,
  phantomRings: 0,
  rescued: 0,
  returned: 0,
} as const satisfies Record<keyof Counted, 0>;

const keys = Object.keys(counted) as (keyof Counted)[];

export const noFigures = (): Counted => ({ ...counted });

/** Adds to a sum, in place. Adding is commutative: the order of events is of no matter. */
export function add(sum: Counted, part: Part): void {
  for (const key of keys) {
    const value = part[key];
    if (value === undefined) continue;
    sum[key] = key === 'longestWaitMs' ? Math.max(sum[key], value) : sum[key] + value;
  }
}

/** Figures as the board shows them, with who waits now. */
export function figuresOf(sum: Counted): DayFigures {
  // the end of a call may be told before its beginning
  const open = Math.max(0, sum.offered - sum.answered - sum.abandoned - sum.flowedOut);
  return { ...sum, open };
}

/** The figures that an agent's row has. */
export const agentKeys = [
  'talks',
  'talkMs',
  'wrapUpMs',
  'rings',
  'ringsTaken',
  'phantomRings',
] as const satisfies readonly (keyof AgentDay & keyof Counted)[];

export type AgentFigures = { [Key in (typeof agentKeys)[number]]: number };

export const agentFiguresOf = (sum: Counted): AgentFigures =>
  Object.fromEntries(agentKeys.map((key) => [key, sum[key]])) as AgentFigures;

/** Whether the part is about an agent too. */
export const isOfAgent = (part: Part): boolean => agentKeys.some((key) => part[key] !== undefined);
