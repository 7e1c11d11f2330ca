import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../../server/kernel/ids.ts';
import type { JournalEntry } from '../../../server/kernel/journal.ts';
import { noMessagesNow } from '../../../server/messages/assignment/now.ts';
import { createDay, type Day, localDay, localDayAt } from '../../../server/reports/day.ts';
import { agentFiguresOf, type Counted } from '../../../server/reports/figures.ts';
import { boardView } from '../../../server/reports/view.ts';
import { eventsOf, expectedOf, type Story, stories, withoutZeros } from './stories.ts';

const day = localDay('Europe/Moscow', '2026-03-29');
const hour = 3_600_000;

/** The journal of these calls, in the order of time, as a process would have written it. */
function journalOf(all: readonly Story[]): JournalEntry[] {
  return all
    .flatMap((story) => eventsOf(story, newId()))
    .sort((a, b) => a.at - b.at)
    .map(({ event }, index) => ({ ...event, seq: index + 1 }));
}

function fold(entries: readonly JournalEntry[], now = day.to): Day {
  const folded = createDay(day);
  for (const entry of entries) folded.count(entry, now);
  return folded;
}

const agentsOf = (agents: ReadonlyMap<number, Counted>) =>
  withoutZeros(agents).map(([id, counted]) => [id, agentFiguresOf(counted)]);

const isInDay = ({ arrivedAt }: Story): boolean => day.from <= arrivedAt && arrivedAt < day.to;
const setup = { queues: [], agents: [], company: {} as Parameters<typeof boardView>[0]['setup']['company'] };
const owed = { open: 0, overdue: 0, unowned: 0 };

describe('the figures of a day', () => {
  it('are those of the calls that arrived in it, whatever became of them and when', () => {
    fc.assert(
      fc.property(stories(day.from - 2 * hour, day.to + 2 * hour), (all) => {
        const folded = fold(journalOf(all));
        const expected = expectedOf(all.filter(isInDay));
        expect(withoutZeros(folded.queues)).toEqual(withoutZeros(expected.queues));
        expect(agentsOf(folded.agents)).toEqual(agentsOf(expected.agents));
      }),
      { numRuns: 300 },
    );
  });

  it('do not depend on the order in which events are told, nor on how often', () => {
    const told = stories(day.from, day.to).chain((all) => {
      const entries = journalOf(all);
      const some = fc.subarray(entries);
      return fc
        .tuple(some, some)
        .chain(([again, once]) => fc.shuffledSubarray([...entries, ...again, ...once], { minLength: entries.length }))
        .map((mixed) => ({ entries, mixed: [...mixed, ...entries] }));
    });
    fc.assert(
      fc.property(told, ({ entries, mixed }) => {
        const [inOrder, inDisorder] = [fold(entries), fold(mixed)];
        expect(withoutZeros(inDisorder.queues)).toEqual(withoutZeros(inOrder.queues));
        expect(agentsOf(inDisorder.agents)).toEqual(agentsOf(inOrder.agents));
        expect(inDisorder.seq).toBe(inOrder.seq);
      }),
    );
  });

  it('add up: queues to the total, and offered is answered, abandoned, flowed out or open; at no moment is any negative', () => {
    fc.assert(
      fc.property(stories(day.from, day.to), (all) => {
        const folded = createDay(day);
        for (const entry of journalOf(all)) {
          folded.count(entry, day.to);
          const { total, queues } = boardView({ day: folded, setup, owed, messages: noMessagesNow, now: day.to });
          for (const { figures } of [total, ...queues]) {
            expect(figures.offered).toBe(figures.answered + figures.abandoned + figures.flowedOut + figures.open);
            expect(Math.min(...Object.values(figures))).toBeGreaterThanOrEqual(0);
          }
          for (const key of ['offered', 'open', 'talkMs', 'abandonedWaitMs'] as const)
            expect(total.figures[key]).toBe(queues.reduce((sum, { figures }) => sum + figures[key], 0));
        }
        const { total } = boardView({ day: folded, setup, owed, messages: noMessagesNow, now: day.to });
        expect(total.figures.open).toBe(expectedOf(all).open);
      }),
    );
  });

  it('have no caller who waits when the end of a call is told before its beginning', () => {
    const story: Story = {
      arrivedAt: day.from,
      queueId: 1,
      direction: 'in',
      turnedAway: false,
      rings: [],
      waitMs: 7_000,
      talks: [],
      leaving: 'gave_up',
      isGivenBack: false,
      wrapUpMs: null,
    };
    const [opened, abandoned] = journalOf([story]);
    if (!opened || !abandoned) throw new Error('a call is two events at least');
    const folded = fold([abandoned]);
    const open = (): number =>
      boardView({ day: folded, setup, owed, messages: noMessagesNow, now: day.to }).total.figures.open;
    expect(open()).toBe(0);
    folded.count(opened, day.to);
    expect(open()).toBe(0);
  });

  it('take nothing from rehearsals, listening, edits, or events that do not say when their call arrived', () => {
    const base = { seq: 1, data: { queueId: 1, arrivedAt: day.from } };
    for (const type of ['interaction.rehearsed', 'interaction.listened', 'interaction.edited', 'presence.changed'])
      expect(fold([{ ...base, type }]).queues.size, type).toBe(0);
    for (const data of [{}, { queueId: 1 }, { arrivedAt: day.from }, { queueId: 1, arrivedAt: 'soon' }, undefined])
      expect(fold([{ seq: 1, type: 'interaction.opened', data }]).queues.size).toBe(0);
    expect(fold([{ ...base, type: 'toString' }]).queues.size).toBe(0);
  });
});

describe('what became of calls lately', () => {
  const minute = 60_000;
  const now = Date.UTC(2026, 2, 29, 9, 30, 30);

  it('is what arrived in this minute and the 29 before it', () => {
    fc.assert(
      fc.property(stories(now - 40 * minute, now), (all) => {
        const since = Date.UTC(2026, 2, 29, 9, 1);
        const folded = fold(journalOf(all), now);
        const expected = expectedOf(all.filter(({ arrivedAt }) => arrivedAt >= since));
        for (const id of [1, 2] as Parameters<Day['recent']['sum']>[1][])
          expect(withoutZeros(new Map([[1, folded.recent.sum(now, id)]]))).toEqual(
            withoutZeros(
              new Map([...expected.queues].filter(([queueId]) => queueId === id).map(([, sum]) => [1, sum])),
            ),
          );
      }),
    );
  });

  it('goes on over midnight, and is forgotten as time goes by', () => {
    const arrived = { seq: 1, type: 'interaction.opened', data: { queueId: 1, arrivedAt: day.from - minute } };
    const folded = fold([arrived], day.from + minute);
    expect(folded.queues.size).toBe(0);
    expect(folded.recent.sum(day.from + minute).offered).toBe(1);
    expect(folded.recent.sum(day.from + 28 * minute).offered).toBe(1);
    expect(folded.recent.sum(day.from + 29 * minute).offered).toBe(0);
  });
});

describe('a local day', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['Europe/Moscow', '2026-03-29', 24],
    ['America/Santiago', '2026-09-06', 23],
  ])('of %s on %s has %i hours', (timeZone, name, hours) => {
    const { from, to } = localDay(timeZone, name);
    expect((to - from) / hour).toBe(hours);
    for (const at of [from, to - 1, from + 12 * hour])
      expect(localDayAt(timeZone, at)).toEqual({ day: name, timeZone, from, to });
    expect(localDayAt(timeZone, to).day).not.toBe(name);
    expect(localDayAt(timeZone, to).from).toBe(to);
  });
});
