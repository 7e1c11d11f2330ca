import type { Executor } from '../../db/client.ts';
import { createDay, type Day, type LocalDay } from './day.ts';
import { recentSince } from './recent.ts';
import { readEvents } from './store.ts';

/** How far the database's clock may be from ours. */
const clockSlackMs = 10 * 60_000;
/** What becomes of a call later than this after its day is not looked for. */
const longestCallMs = 24 * 60 * 60_000;

/**
 * Folds a day's journal into `day`. Events that it has heard already, or hears meanwhile, count once.
 * @param now the moment to which "lately" refers
 */
export async function foldInto(db: Executor, day: Day, now: number): Promise<void> {
  const from = Math.min(day.from, recentSince(now)) - clockSlackMs;
  for await (const entry of readEvents(db, from, day.to + longestCallMs)) day.count(entry, now);
}

/** The figures of a day from the journal alone; the same, to the digit, as those that were counted live. */
export async function recount(db: Executor, bounds: LocalDay, now: number): Promise<Day> {
  const day = createDay(bounds);
  await foldInto(db, day, now);
  return day;
}
