import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Accounting, account, type DayAccount, snapshot } from './account.ts';
import { chooseCast } from './cast.ts';
import { openCompany } from './company.ts';
import { leastToleranceMs } from './figures.ts';
import { planDay } from './plan.ts';
import { play } from './play.ts';
import type { Query } from './records.ts';
import { createBook, type Story } from './story.ts';

export interface DayOptions {
  /** Of the server, `http://host:port`. */
  readonly url: string;
  /** On 127.0.0.1. */
  readonly sipPort: number;
  readonly password: string;
  readonly minutes: number;
  /** Ordinary calls a minute, besides one of every kind. */
  readonly rate: number;
  readonly seed: number;
  readonly query: Query;
  readonly say: (text: string) => void;
  /** Once a second while the day goes on. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Board and ledger follow the journal: this long is waited for agreement. */
const settleMs = 6_000;
const lookAgainMs = 500;
const nanosecondsPerMs = 1_000_000;

/**
 * Plays one scripted day against a running demo and compares what everybody says of it.
 * @returns null when the signal has stopped it
 * @throws Error in words
 */
export async function runDay(options: DayOptions): Promise<DayAccount | null> {
  const { url, seed, minutes, rate, say, signal } = options;
  const demo = await fetch(`${url}/api/v1/demo`).catch(() => null);
  if (!demo?.ok) throw new Error(`no demo of Switchroom at ${url}: run "npm start" first, or set --url`);
  const { line } = (await demo.json()) as { line: { number: string } };
  const book = createBook();
  const company = await openCompany({ ...options, line: line.number, book });
  const { admin, agents } = company;
  const lateness = monitorEventLoopDelay();
  const ticking = setInterval(() => options.progress(progressOf(book.stories)), 1_000);
  try {
    const cast = await chooseCast(admin, seed);
    const scenes = planDay({ seed, minutes, rate, cast });
    const before = await snapshot(admin, options.query);
    await Promise.all(agents.map((agent) => agent.available()));
    say(
      `A day of ${minutes} minutes, ${scenes.length - 2} calls, with ${agents.map(({ login }) => login).join(', ')}; seed ${seed}.`,
    );
    lateness.enable();
    await play({ scenes, company, book, signal });
    lateness.disable();
    clearInterval(ticking);
    if (signal.aborted) return null;
    const scripted = new Set(agents.map(({ id }) => id));
    const toleranceMs = leastToleranceMs + Math.round(lateness.max / nanosecondsPerMs);
    const { stories, strays } = book;
    return await settled({ before, stories, strays, scripted, toleranceMs, admin, query: options.query });
  } finally {
    clearInterval(ticking);
    await company.close();
  }
}

function progressOf(stories: readonly Story[]): string {
  const begun = stories.filter(({ arrivedAt }) => arrivedAt !== null);
  const now = begun.filter(({ endedAt }) => endedAt === null);
  const waiting = now.filter(({ direction, answeredAt }) => direction === 'in' && answeredAt === null);
  return `calls now ${now.length}, waiting ${waiting.length}, done ${begun.length - now.length}`;
}

/** Waits until board and ledger have caught up, or the time is over, then asks everybody. */
async function settled(asked: Accounting): Promise<DayAccount> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const { rows, differences, strangers } = await account(asked, false);
    const agrees = rows.every((row) => row.agrees) && differences.length === 0;
    if (agrees || strangers.length > 0 || Date.now() > deadline) return account(asked);
    await sleep(lookAgainMs);
  }
}
