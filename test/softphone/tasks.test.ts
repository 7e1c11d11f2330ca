import { describe, expect, it } from 'vitest';
import type { OwedClient } from '../../server/contract/schemas.ts';
import { translators } from '../../softphone/i18n/translate.ts';
import { dueTasks, forToday, withSnapshot, withTask } from '../../softphone/state/task-list.ts';
import { localInput, quickTimes } from '../../softphone/workspace/task-times.ts';
import { owedText, taskTime, taskTitle, timeLeft } from '../../softphone/workspace/time-words.ts';
import { workItems } from '../../softphone/workspace/work-items.ts';
import { colleague, me, now, stateWith, task } from './samples.ts';

const t = translators.en;
const minutes = (n: number): string => new Date(now + n * 60_000).toISOString();

describe('the list of tasks', () => {
  const later = task({ id: 2, dueAt: minutes(60) });

  it('is ordered by time', () => {
    expect(withTask([later], task(), me.id).map(({ id }) => id)).toEqual([1, 2]);
  });

  it('does not take an older version, also not from a snapshot', () => {
    const held = [task({ version: 3, title: 'new' })];
    expect(withTask(held, task({ version: 2 }), me.id)).toBe(held);
    expect(withSnapshot(held, [task({ version: 2 })], me.id)).toEqual(held);
  });

  it.each([
    ['done', task({ version: 2, state: 'done' })],
    ['cancelled', task({ version: 2, state: 'cancelled' })],
    ["a colleague's now", task({ version: 2, assignee: colleague })],
  ])('lets go of what is %s', (_what, next) => {
    expect(withTask([task(), later], next, me.id)).toEqual([later]);
    expect(withSnapshot([], [next], me.id)).toEqual([]);
  });

  it('keeps what was missed: it is still to be done', () => {
    expect(withTask([task()], task({ version: 2, state: 'missed' }), me.id)).toHaveLength(1);
  });

  it('shows for today what is late and what is due before midnight', () => {
    const yesterday = task({ id: 3, dueAt: minutes(-24 * 60), state: 'missed' });
    const tomorrow = task({ id: 4, dueAt: minutes(24 * 60) });
    expect(forToday([yesterday, task(), tomorrow], now).map(({ id }) => id)).toEqual([3, 1]);
  });

  it('comes last in the work list, and leads to its client', () => {
    const items = workItems(stateWith(), { conversations: [], tasks: [task(), task({ id: 2, client: null })] });
    expect(items.map(({ path }) => path)).toEqual(['/clients/7', '/']);
  });

  it('calls due what was reminded of and not put off', () => {
    expect(dueTasks([task(), task({ id: 2, remindedAt: minutes(0) })]).map(({ id }) => id)).toEqual([2]);
  });
});

describe('time in words', () => {
  it.each([
    [120, 'calm', '2 h left'],
    [15, 'calm', '15 min left'],
    [14, 'soon', 'hurry, 14 min left'],
    [0, 'soon', 'hurry, 0 min left'],
    [-1, 'late', 'late by 1 min'],
    [-3000, 'late', 'late by 2 days'],
  ])('with %i minutes left it is %s: %s', (left, tone, text) => {
    expect(timeLeft(minutes(left), now, t)).toEqual({ tone, text });
  });

  it('says when a task is due and when it is late', () => {
    expect(taskTime(task({ dueAt: minutes(5) }), now, t).text).toBe('');
    expect(taskTime(task({ dueAt: minutes(5), remindedAt: minutes(0) }), now, t).text).toBe('now');
    expect(taskTime(task({ dueAt: minutes(0) }), now, t).text).toBe('now');
    expect(taskTime(task({ dueAt: minutes(-1) }), now, t).text).toBe('late');
    expect(taskTime(task({ state: 'missed', dueAt: minutes(5) }), now, t).tone).toBe('late');
  });

  it('calls a task without a title by its kind', () => {
    expect(taskTitle(task(), t)).toBe('Promise');
    expect(taskTitle(task({ title: 'Price list' }), t)).toBe('Price list');
  });

  it('offers whole minutes, and writes them as the field wants', () => {
    const { quarter, tomorrow } = quickTimes(now + 12_345);
    expect(quarter).toBe(now + 15 * 60_000);
    expect(new Date(localInput(quarter)).getTime()).toBe(quarter);
    expect(localInput(tomorrow)).toMatch(/T10:00$/);
  });
});

describe('what we owe', () => {
  const owed: OwedClient = {
    client: { id: 7, name: 'Алина Савельева', company: '' },
    number: '+79150007950',
    missedAt: minutes(-5),
    times: 2,
    ownerId: me.id,
  };
  it.each([
    [{}, 'missed call, called 2 times'],
    [{ kind: 'voicemail', times: 1 } as const, 'left a message'],
    [{ kind: 'callback', ownerId: null } as const, 'asked to be called back, called 2 times, anybody’s'],
  ])('%j is: %s', (change, text) => {
    expect(owedText({ ...owed, ...change }, t)).toBe(text);
  });
});
