import type { Story } from './story.ts';

/** Any of a phone's calls. */
interface Listener {
  readonly ended: Promise<unknown>;
  tones(candidates: readonly number[]): Promise<(number | string)[]>;
}

/** Listens until one of the voices (Hz) is heard, or the talk is over. @returns whether it was */
export async function hears(call: Listener, story: Story, candidates: readonly number[]): Promise<boolean> {
  let isOver = false;
  void call.ended.then(() => {
    isOver = true;
  });
  while (!isOver && story.endedAt === null) {
    // nothing comes while a page is away
    const heard = await call.tones(candidates).catch(() => []);
    if (heard.some((tone) => typeof tone === 'number')) return true;
  }
  return false;
}
