import type { SignedInUser } from '../access/route.ts';
import type { ClientCard } from '../contract/schemas.ts';
import type { TaskChange } from '../contract/tasks-schemas.ts';
import type { TaskKind } from '../contract/tasks-words.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId } from '../kernel/ids.ts';
import { transition } from '../kernel/transition.ts';
import { taskLimits } from './limits.ts';
import { passAtOf, taskTransitions } from './state.ts';
import type { NewRow, StoredTask } from './store.ts';

/** What tasks need of the clients' room. */
export interface TaskClients {
  /** @throws AppError `not_found` when this user must not see the card, or there is none */
  requireVisible(id: ClientId, user: SignedInUser): Promise<{ readonly id: ClientId }>;
  /** @throws AppError `not_found` */
  card(id: ClientId): Promise<ClientCard>;
}

/** Milliseconds of an ISO-8601 instant. @throws AppError `bad_request` */
export function instantOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new AppError('bad_request', `"${text}" is not an instant`);
  return ms;
}

/** A time to come, within reach. @throws AppError `bad_request` */
export function checkTime(at: number, now: number): number {
  if (at < now - taskLimits.pastMs) throw new AppError('bad_request', 'this time is over');
  if (at > now + taskLimits.aheadMs) throw new AppError('bad_request', 'this time is too far away');
  return at;
}

/**
 * The times of a task as they are stored.
 * @param now undefined = the due time is an old one, and not checked
 * @throws AppError `bad_request`
 */
export function dueFields(
  kind: TaskKind,
  { dueAt, remindAt }: { dueAt: string; remindAt: string | undefined },
  now: number | undefined,
): { dueAt: Date; remindAt: Date; passAt: Date } {
  const due = instantOf(dueAt);
  if (now !== undefined) checkTime(due, now);
  const remind = remindAt === undefined ? due : instantOf(remindAt);
  if (Math.abs(remind - due) > taskLimits.aheadMs)
    throw new AppError('bad_request', 'the reminder is too far from the time');
  return { dueAt: new Date(due), remindAt: new Date(remind), passAt: new Date(passAtOf(kind, due)) };
}

/**
 * What an edit writes. A new time opens a task again that was missed, and brings a new reminder.
 * @throws AppError `bad_request`, `illegal_transition` when the task is over
 */
export function editedFields(row: StoredTask, change: TaskChange, now: number): Partial<NewRow> {
  const state = transition(taskTransitions, row.state, 'plan');
  const { kind = row.kind, title = row.title, note = row.note } = change;
  if (kind !== 'task' && row.clientId === null)
    throw new AppError('bad_request', 'a promise and a callback have a client');
  const words = { kind, title: title.trim(), note: note.trim() };
  if (change.dueAt !== undefined) {
    const times = dueFields(kind, { dueAt: change.dueAt, remindAt: change.remindAt }, now);
    return { ...words, ...times, state, outcome: null, remindedAt: null };
  }
  // another kind has another time until which it counts as kept; what was missed stays so
  const old = { dueAt: row.dueAt.toISOString(), remindAt: change.remindAt ?? row.remindAt.toISOString() };
  const times = dueFields(kind, old, undefined);
  return { ...words, ...times, ...(change.remindAt === undefined ? {} : { remindedAt: null }) };
}

/** The note with words of a hand-over at its end; when there is no room, the oldest words go. */
export function withNote(note: string, author: string, words: string | undefined): string {
  const added = words?.trim() ?? '';
  if (added === '') return note;
  return `${note}${note === '' ? '' : '\n'}${author}: ${added}`.slice(-taskLimits.noteLength);
}
