import type { OwedClient } from '../../server/contract/schemas.ts';
import type { TaskView } from '../../server/contract/tasks-schemas.ts';
import type { Translate } from '../i18n/translate.ts';

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;
/** With less than this left there is no time for anything else first. */
const SOON_MINUTES = 15;

/** Colour of a row; the text says the same. */
export type TimeTone = 'calm' | 'soon' | 'late';

export interface TimeText {
  readonly tone: TimeTone;
  readonly text: string;
}

/** A length of time in its greatest unit: `12 min`, `3 h`, `2 days`. */
export function spell(minutes: number, t: Translate): string {
  if (minutes < HOUR_MINUTES) return t('time.minutes', { count: minutes });
  if (minutes < DAY_MINUTES) return t('time.hours', { count: Math.floor(minutes / HOUR_MINUTES) });
  return t('time.days', { count: Math.floor(minutes / DAY_MINUTES) });
}

/** How much time is left until `dueAt`, or how long it is over. @param now ms. Pure. */
export function timeLeft(dueAt: string, now: number, t: Translate): TimeText {
  const left = Math.floor((Date.parse(dueAt) - now) / MINUTE_MS);
  if (left < 0) return { tone: 'late', text: t('owed.late', { time: spell(-left, t) }) };
  const time = spell(left, t);
  return left < SOON_MINUTES
    ? { tone: 'soon', text: t('owed.soon', { time }) }
    : { tone: 'calm', text: t('owed.left', { time }) };
}

/** What we owe and how often it was asked for: "left a message, called 2 times". Pure. */
export function owedText(owed: OwedClient, t: Translate): string {
  const parts = [
    t(`owed.${owed.kind ?? 'missed'}`),
    owed.times > 1 ? t('work.owed.times', { count: owed.times }) : '',
    owed.ownerId === null ? t('owed.anybody') : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** What a task is about: its title, or else its kind. Pure. */
export function taskTitle(task: TaskView, t: Translate): string {
  return task.title || t(`task.kind.${task.kind}`);
}

/** Late, due now, or nothing to say yet. Pure. */
export function taskTime(task: TaskView, now: number, t: Translate): TimeText {
  const passed = Math.floor((now - Date.parse(task.dueAt)) / MINUTE_MS);
  if (task.state === 'missed' || passed >= 1) return { tone: 'late', text: t('task.late') };
  if (passed >= 0 || task.remindedAt !== null) return { tone: 'soon', text: t('task.now') };
  return { tone: 'calm', text: '' };
}
