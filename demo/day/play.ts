import { setTimeout as sleep } from 'node:timers/promises';
import { ApiFailure } from '../actors/api-client.ts';
import type { Company } from './company.ts';
import type { Scene } from './plan.ts';
import type { Book, Story } from './story.ts';

export interface PlayOptions {
  readonly scenes: readonly Scene[];
  readonly company: Company;
  readonly book: Book;
  readonly signal: AbortSignal;
}

/** Between two looks for an agent who can call out. */
const lookMs = 500;
/** From the last scene to the end of the last call. */
const drainMs = 120_000;

/** Plays the scenes at their times and waits for the end of every call. Ends early when the signal says so. */
export async function play({ scenes, company, book, signal }: PlayOptions): Promise<void> {
  const startedAt = Date.now();
  const running: Promise<void>[] = [];
  for (const scene of scenes) {
    await until(startedAt + scene.at, signal);
    if (signal.aborted) return;
    if (scene.begins === 'call') running.push(begin(scene, company, book, signal));
    else
      await Promise.all(
        company.agents.map((agent) => (scene.begins === 'lunch' ? agent.notReady('lunch') : agent.available())),
      );
  }
  const over = Promise.all(running.map((each) => each.catch(() => undefined)));
  await Promise.race([over.then(() => writtenUp(book)), sleep(drainMs, undefined, { ref: false }), aborted(signal)]);
}

async function until(at: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, at - Date.now()), undefined, { signal }).catch(() => undefined);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function begin(
  { story, after }: Extract<Scene, { begins: 'call' }>,
  company: Company,
  book: Book,
  signal: AbortSignal,
): Promise<void> {
  if (after) await book.until(after, ({ outcome, endedAt }) => outcome !== null && endedAt !== null);
  if (signal.aborted) return;
  book.add(story);
  if (story.direction === 'in') await company.callers.call(story);
  else await callOut(story, company, signal);
}

async function callOut(story: Story, { agents }: Company, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const agent of agents) {
      if (!agent.isIdle) continue;
      try {
        return await agent.callOut(story);
      } catch (error) {
        // He was given a call in this very moment.
        if (!(error instanceof ApiFailure) || error.status !== 409) throw error;
      }
    }
    await sleep(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Every talk has its outcome and note. */
async function writtenUp(book: Book): Promise<void> {
  for (const story of book.stories)
    await book.until(
      story,
      ({ outcome, closedAt, trouble }) => trouble !== null || outcome !== 'answered' || closedAt !== null,
    );
}
