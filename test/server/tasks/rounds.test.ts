import { describe, expect, test } from 'vitest';
import type { ClientId, InteractionId } from '../../../server/kernel/ids.ts';
import type { JournalEntry } from '../../../server/kernel/journal.ts';
import { concernOf } from '../../../server/tasks/owed/concern.ts';
import { createRounds } from '../../../server/tasks/owed/rounds.ts';

/** Rounds whose end the test decides. */
function openRounds(limit = 10) {
  const begun: { readonly items: readonly string[]; end(errors?: readonly unknown[] | Error): void }[] = [];
  let line: Promise<unknown> = Promise.resolve();
  const rounds = createRounds<string>({
    limit,
    inLine: (work) => {
      const run = line.then(work);
      line = run.catch(() => undefined);
      return run;
    },
    run: (items) =>
      new Promise((resolve, reject) => {
        const end = (errors: readonly unknown[] | Error = items.map(() => undefined)) =>
          errors instanceof Error ? reject(errors) : resolve(errors);
        begun.push({ items, end });
      }),
  });
  /** How it went with each, as far as it is known. */
  const outcomes = new Map<string, string>();
  const join = (...items: string[]) => {
    for (const item of items)
      void rounds.join(item).then(
        () => outcomes.set(item, 'done'),
        (error: Error) => outcomes.set(item, error.message),
      );
  };
  const turn = () => new Promise(setImmediate);
  return {
    begun,
    outcomes: () => Object.fromEntries(outcomes),
    join,
    turn,
    items: () => begun.map(({ items }) => items),
  };
}

describe('rounds', () => {
  test('who comes alone waits for nobody; who comes meanwhile goes together with the others', async () => {
    const { begun, outcomes, join, turn, items } = openRounds();
    join('a');
    await turn();
    expect(items()).toEqual([['a']]);
    join('b');
    await turn();
    join('c', 'd');
    await turn();
    expect(items()).toEqual([['a']]);
    begun[0]?.end();
    await turn();
    expect(outcomes()).toEqual({ a: 'done' });
    expect(items()).toEqual([['a'], ['b', 'c', 'd']]);
    begun[1]?.end();
    await turn();
    expect(outcomes()).toEqual({ a: 'done', b: 'done', c: 'done', d: 'done' });
    join('e');
    await turn();
    expect(items().at(-1)).toEqual(['e']);
  });

  test('a crowd is several rounds, in its order', async () => {
    const { begun, join, turn, items } = openRounds(2);
    join('a', 'b', 'c', 'd', 'e');
    for (let round = 0; round < 3; round++) {
      await turn();
      begun[round]?.end();
    }
    await turn();
    expect(items()).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  test('one that fails is told so, and a round that fails is everybody’s; the next one runs', async () => {
    const { begun, outcomes, join, turn } = openRounds();
    join('a', 'b', 'c');
    await turn();
    begun[0]?.end([undefined, new Error('bad'), undefined]);
    join('d', 'e');
    await turn();
    expect(outcomes()).toEqual({ a: 'done', b: 'bad', c: 'done' });
    begun[1]?.end(new Error('away'));
    join('f');
    await turn();
    begun[2]?.end();
    await turn();
    expect(outcomes()).toMatchObject({ d: 'away', e: 'away', f: 'done' });
  });
});

describe('whom an entry of the journal concerns', () => {
  const now = 1_000;
  const clientId = 7 as ClientId;
  const interactionId = 'i1' as InteractionId;
  const of = (entry: Omit<JournalEntry, 'seq'>) => concernOf({ seq: 1, ...entry }, now);
  const nobody = { clients: [], ifOwed: null, interaction: null, isHandedToResponsible: false };

  test.each([
    'conversation.waiting',
    'conversation.assigned',
    'conversation.answered',
    'conversation.closed',
    'conversation.changed',
    'message.received',
    'message.written',
  ])('%s: who is owed something', (type) => {
    expect(of({ type, clientId, data: { dueAt: now + 1 } })).toEqual({ ...nobody, ifOwed: clientId });
  });

  test.each([
    ['conversation.overdue', {}],
    ['conversation.unassigned', { because: 'nobody_on_shift' }],
    ['conversation.waiting', { dueAt: now }],
    ['client.restored', {}],
  ])('%s %j: the client in any case', (type, data) => {
    expect(of({ type, clientId, data })).toEqual({ ...nobody, clients: [clientId] });
  });

  test('a card that goes into another one: both', () => {
    const both = { ...nobody, clients: [clientId, 8] };
    expect(of({ type: 'client.merged', clientId, data: { to: 8 } })).toEqual(both);
    expect(of({ type: 'client.restored', clientId, data: { from: 8 } })).toEqual(both);
  });

  test('another responsible manager: the client goes to him', () => {
    const concern = { ...nobody, clients: [clientId], isHandedToResponsible: true };
    expect(of({ type: 'client.changed', clientId, data: { fields: ['name', 'responsibleId'] } })).toEqual(concern);
    expect(of({ type: 'client.changed', clientId, data: { fields: ['name'] } })).toBeNull();
  });

  test.each([
    ['interaction.abandoned', { isOpening: true, isMoved: false }],
    ['interaction.voicemail', { isOpening: true, isMoved: false }],
    ['interaction.callback_requested', { isOpening: true, isMoved: false }],
    ['interaction.recovered', { isOpening: true, isMoved: false }],
    ['interaction.answered', { isOpening: false, isMoved: false }],
    ['interaction.edited', { isOpening: true, isMoved: true }],
  ])('%s: whose it is now', (type, expected) => {
    const interaction = { id: interactionId, ...expected };
    expect(of({ type, clientId, interactionId, data: { fields: ['clientId'] } })).toEqual({ ...nobody, interaction });
  });

  test.each([
    'conversation.unassigned',
    'conversation.opened',
    'interaction.edited',
    'interaction.opened',
    'owed.opened',
  ])('%s: nobody', (type) => {
    expect(of({ type, clientId, interactionId, data: { because: 'nobody_free', fields: ['queueId'] } })).toBeNull();
  });
});
