import type { DayFigures } from '../../server/contract/board.ts';
import { ringResult, type Story } from './story.ts';

/** The figures that are compared: the board's, without what does not add up over a part of a day. */
export type Figures = Record<FigureName, number>;

export const counts = [
  'offered',
  'answered',
  'answeredInTime',
  'abandoned',
  'shortAbandoned',
  'flowedOut',
  'open',
  'closedHours',
  'voicemails',
  'callbacksRequested',
  'talks',
  'wrapUps',
  'dialled',
  'reached',
  'rings',
  'ringsTaken',
  'phantomRings',
  'rescued',
  'returned',
] as const satisfies readonly (keyof DayFigures)[];
export const sums = [
  'answeredWaitMs',
  'abandonedWaitMs',
  'talkMs',
  'wrapUpMs',
] as const satisfies readonly (keyof DayFigures)[];
export const figureNames = [...counts, ...sums] as const;
export type FigureName = (typeof figureNames)[number];

export const noFigures = (): Figures => Object.fromEntries(figureNames.map((name) => [name, 0])) as Figures;

/** What happened between two boards. */
export const difference = (after: DayFigures, before: DayFigures): Figures =>
  Object.fromEntries(figureNames.map((name) => [name, after[name] - before[name]])) as Figures;

/**
 * What the script may be wrong by in each wait and each talk: the way between two processes, some 10 ms on a machine with
 * time to spare. Where it is busy with other things, `runDay` adds the longest time for which the script itself had to wait.
 */
export const leastToleranceMs = 1_000;

export interface Thresholds {
  readonly answerSeconds: number;
  readonly shortAbandonSeconds: number;
}

/** The script's own figures: sums by its own watch, and counts as a range where a threshold is nearer than the watch can tell. */
export interface OwnFigures {
  readonly figures: Figures;
  /** Name -> the least and the most that other figures may be. */
  readonly range: Readonly<Record<FigureName, readonly [number, number]>>;
}

/** Thresholds as a watch sees them. */
interface Watched extends Thresholds {
  readonly toleranceMs: number;
}

/** @returns 0 or 1, and both when the threshold is within the tolerance */
function within(ms: number, seconds: number, toleranceMs: number): readonly [number, number] {
  const far = ms - seconds * 1000;
  return [far <= -toleranceMs ? 1 : 0, far <= toleranceMs ? 1 : 0];
}

/** Counts what the actors wrote down. */
export function ownFigures(
  stories: readonly Story[],
  thresholds: Thresholds,
  toleranceMs: number = leastToleranceMs,
): OwnFigures {
  const own = { ...thresholds, toleranceMs };
  const low = noFigures();
  const high = noFigures();
  const figures = noFigures();
  const add = (name: FigureName, value = 1, [least, most]: readonly [number, number] = [value, value]): void => {
    figures[name] += value;
    low[name] += least;
    high[name] += most;
  };
  const addMs = (name: FigureName, ms: number, slackMs = 0): void =>
    add(name, ms, [ms - toleranceMs - slackMs, ms + toleranceMs + slackMs]);
  for (const story of stories) countStory(story, own, add, addMs);
  const ranges = figureNames.map((name): [FigureName, readonly [number, number]] => [name, [low[name], high[name]]]);
  return { figures, range: Object.fromEntries(ranges) as OwnFigures['range'] };
}

type Add = (name: FigureName, value?: number, range?: readonly [number, number]) => void;
type AddMs = (name: FigureName, ms: number, slackMs?: number) => void;

function countStory(story: Story, watched: Watched, add: Add, addMs: AddMs): void {
  const { arrivedAt, answeredAt, endedAt, closedAt, outcome, direction } = story;
  if (arrivedAt === null || outcome === 'refused') return;
  add(direction === 'in' ? 'offered' : 'dialled');
  for (const ring of story.rings) {
    const result = ringResult(ring);
    add('rings');
    if (result === 'accepted') add('ringsTaken');
    if (result === 'not_delivered') add('phantomRings');
  }
  if (story.rescued > 0) add('rescued', story.rescued);
  if (story.returned > 0) add('returned', story.returned);
  if (answeredAt !== null) {
    if (direction === 'out') add('reached');
    else countAnswer(answeredAt - arrivedAt, watched, add, addMs);
  }
  if (outcome === 'abandoned' && endedAt !== null) countAbandon(endedAt - arrivedAt, watched, add, addMs);
  if (outcome === 'voicemail' || outcome === 'callback') add('flowedOut');
  if (outcome === 'voicemail') add('voicemails');
  if (outcome === 'callback') add('callbacksRequested');
  if (endedAt !== null && answeredAt !== null) {
    const { talkFrom, talkedMs, returned, slackMs } = story;
    add('talks', 1 + returned);
    addMs('talkMs', talkedMs + endedAt - (talkFrom ?? answeredAt), slackMs + returned * watched.toleranceMs);
  }
  if (endedAt !== null && closedAt !== null && story.kind !== 'out no answer') {
    add('wrapUps');
    addMs('wrapUpMs', closedAt - endedAt, story.slackMs);
  }
}

function countAnswer(waitMs: number, { answerSeconds, toleranceMs }: Watched, add: Add, addMs: AddMs): void {
  add('answered');
  const range = within(waitMs, answerSeconds, toleranceMs);
  add('answeredInTime', waitMs <= answerSeconds * 1000 ? 1 : 0, range);
  addMs('answeredWaitMs', waitMs);
}

function countAbandon(waitMs: number, { shortAbandonSeconds, toleranceMs }: Watched, add: Add, addMs: AddMs): void {
  add('abandoned');
  const range = within(waitMs, shortAbandonSeconds, toleranceMs);
  add('shortAbandoned', waitMs <= shortAbandonSeconds * 1000 ? 1 : 0, range);
  addMs('abandonedWaitMs', waitMs);
}
