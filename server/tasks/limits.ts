import type { OwedKind, TaskKind } from '../contract/tasks-words.ts';

const minutes = (count: number): number => count * 60_000;
const hours = (count: number): number => minutes(60) * count;
const days = (count: number): number => hours(24) * count;

/** Bounds and times of tasks. */
export const taskLimits = {
  /** Done this long after its time still counts as kept; then it is missed. */
  graceMs: { promise: minutes(15), callback: minutes(15), task: hours(1) } satisfies Record<TaskKind, number>,
  /** A time that is promised may be this long ago: the clock of a browser. */
  pastMs: minutes(5),
  aheadMs: days(2 * 365),
  /** What a rule makes is to be done within this time. */
  byRuleMs: hours(1),
  /** Of one person, still to be done. */
  openOfUser: 2_000,
  noteLength: 4_000,
  /** Longest list of the workspace. */
  today: 200,
  /** Tasks that one statement moves on. */
  batch: 100,
  /** The longest sleep of the timer, so that a wrong clock is noticed. */
  sleepMs: hours(1),
  /** A database that was away is asked again. */
  againMs: 10_000,
  /** How far nearest times are looked for, back and ahead. */
  nearestBackMs: days(7),
  nearestAheadMs: days(15),
  /** Left of a shift when something is to be done in it. */
  leadMs: minutes(15),
  colleagues: 20,
} as const;

/** Bounds and times of the ledger of people we owe. */
export const owedLimits = {
  /** Working time within which we answer: of the people who could. */
  answerMs: {
    missed: minutes(30),
    /** Where its conversation has no target of its own. */
    message: minutes(60),
    voicemail: minutes(60),
    callback: minutes(60),
  } satisfies Record<OwedKind, number>,
  /** Working time is looked for this far ahead; then it is plain time. */
  workingAheadMs: days(15),
  /** People whose working time counts, where a queue has none of its own. */
  workers: 50,
  /** Nobody is owed an answer for a call older than this. */
  tooOldMs: days(30),
  /** "Within a day": somebody of the queue who comes by then goes before people of other queues. */
  soonMs: days(1),
  /** Calls and conversations of one client that are looked at, and ids that are kept of them. */
  calls: 500,
  conversations: 100,
  interactionIds: 50,
  /** Entries of the journal that one round follows, and clients that one transaction looks at. */
  round: 500,
  clients: 200,
  /** Closed rows shown with a client. */
  history: 50,
  /** Longest list of the workspace. */
  mine: 200,
  sleepMs: hours(1),
  againMs: 10_000,
  /** Many calls are one push; a list that is three seconds old harms nobody. */
  coalesceMs: 3_000,
} as const;
