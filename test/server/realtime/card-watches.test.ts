import { describe, expect, it } from 'vitest';
import type { ClientId } from '../../../server/kernel/ids.ts';
import { createCardWatches } from '../../../server/realtime/card-watches.ts';

const card = 1 as ClientId;
const other = 2 as ClientId;
const anna = { name: 'anna' };
const boris = { name: 'boris' };

/** Watches whose answers are given by hand, one question after another. */
function openWatches() {
  const questions: { watcher: object; card: ClientId; answer: (allowed: boolean | Error) => void }[] = [];
  const watches = createCardWatches<{ name: string }>({
    mayWatch: (watcher, asked) =>
      new Promise((resolve, reject) => {
        const answer = (allowed: boolean | Error) => (allowed instanceof Error ? reject(allowed) : resolve(allowed));
        questions.push({ watcher, card: asked, answer });
      }),
  });
  const settle = () => new Promise(setImmediate);
  async function answer(allowed: boolean | Error): Promise<void> {
    await settle();
    const question = questions.shift();
    if (!question) throw new Error('nobody was asked about');
    question.answer(allowed);
    await settle();
  }
  function told(about: ClientId): string[] {
    const names: string[] = [];
    watches.tell(about, (watchers) => names.push(...[...watchers].map(({ name }) => name)));
    return names;
  }
  async function watch(watcher: { name: string }, wanted: ClientId): Promise<void> {
    const watching = watches.watch(watcher, wanted);
    await answer(true);
    await watching;
  }
  return { watches, questions, settle, answer, told, watch };
}

describe('a card that is open', () => {
  it('is told to whoever may see it', async () => {
    const { watches, answer, told } = openWatches();
    const allowed = watches.watch(anna, card);
    expect(told(card)).toEqual([]);
    await answer(true);
    expect(await allowed).toBe(true);
    const refused = watches.watch(boris, card);
    await answer(false);
    expect(await refused).toBe(false);
    expect(told(card)).toEqual(['anna']);
    expect(told(other)).toEqual([]);
  });

  it('is not told to whoever could not be asked about', async () => {
    const { watches, answer, told } = openWatches();
    const watching = watches.watch(anna, card);
    await answer(new Error('the database is away'));
    expect(await watching).toBe(false);
    expect(told(card)).toEqual([]);
  });

  it('is one at a time, and the last wish counts', async () => {
    const { watches, settle, questions, told, watch } = openWatches();
    await watch(anna, card);
    const slow = watches.watch(anna, other);
    expect(told(card)).toEqual([]);
    const last = watches.watch(anna, card);
    await settle();
    const [first, second] = questions.splice(0);
    second?.answer(true);
    await last;
    first?.answer(true);
    await slow;
    expect([told(card), told(other)]).toEqual([['anna'], []]);
    await watches.watch(anna, null);
    expect(told(card)).toEqual([]);
  });

  it('is told no more to whoever lost it, and to nobody before that is known', async () => {
    const { watches, answer, told, watch } = openWatches();
    await watch(anna, card);
    await watch(boris, card);
    watches.check(card);
    const late = told(card);
    expect(late).toEqual([]);
    await answer(true);
    expect(late).toEqual([]);
    await answer(false);
    expect(late).toEqual(['anna']);
    expect(told(card)).toEqual(['anna']);
  });

  it('is told in the order of the pushes, whatever is asked in between', async () => {
    const { watches, answer, settle, watch } = openWatches();
    await watch(anna, card);
    const order: number[] = [];
    watches.tell(card, () => void order.push(1));
    watches.check(card);
    watches.tell(card, () => void order.push(2));
    watches.check(card);
    watches.tell(card, () => void order.push(3));
    await answer(true);
    await answer(true);
    await settle();
    watches.tell(card, () => void order.push(4));
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it('does not begin by an answer from before a change', async () => {
    const { watches, answer, told } = openWatches();
    const watching = watches.watch(anna, card);
    watches.check(card);
    await answer(true);
    await answer(false);
    expect(await watching).toBe(false);
    expect(told(card)).toEqual([]);
  });

  it('is checked with all others, one question at a time', async () => {
    const { watches, answer, settle, questions, told, watch } = openWatches();
    await watch(anna, card);
    await watch(boris, other);
    watches.checkAll();
    await settle();
    expect(questions.map((question) => question.card)).toEqual([card]);
    const late = told(other);
    await answer(false);
    expect(questions.map((question) => question.card)).toEqual([other]);
    expect(late).toEqual([]);
    await answer(true);
    expect(late).toEqual(['boris']);
    expect([told(card), told(other)]).toEqual([[], ['boris']]);
  });

  it('begins whatever happens to other cards meanwhile', async () => {
    const { watches, answer, told } = openWatches();
    const watching = watches.watch(anna, card);
    watches.check(other);
    await answer(true);
    expect(await watching).toBe(true);
    expect(told(card)).toEqual(['anna']);
  });
});
