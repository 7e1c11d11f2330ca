import type { OwnerReason } from '../../contract/tasks-words.ts';
import type { UserId } from '../../kernel/ids.ts';
import { startOfDay } from '../../routing/work-schedule.ts';
import { owedLimits } from '../limits.ts';
import type { Duty } from '../rota.ts';

/** Whose a client is, why, and until when: the end of the shift in which he is his. */
export interface Owner {
  readonly userId: UserId;
  readonly reason: OwnerReason;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export interface OwnerQuestion {
  readonly now: number;
  readonly responsibleId: UserId | null;
  /** Of the queue that was called, in schedule order. */
  readonly members: readonly UserId[];
  readonly everybody: readonly UserId[];
  /** Who of the queue got the last one in turn. */
  readonly lastId: UserId | null;
  readonly duty: (id: UserId) => Duty;
  readonly timeZoneOf: (id: UserId) => string;
}

const longestDayMs = 25 * 60 * 60_000;

/** The shift he is in, or one that begins before his local day is over. */
function shiftOfToday(question: OwnerQuestion, id: UserId): number | null {
  const { shift, next } = question.duty(id);
  if (shift) return shift.endsAt;
  if (!next) return null;
  const timeZone = question.timeZoneOf(id);
  const today = startOfDay(timeZone, question.now);
  const isToday = next.startsAt - today < longestDayMs && startOfDay(timeZone, next.startsAt) === today;
  return isToday ? next.endsAt : null;
}

/** The next one on shift after `lastId`, round and round. */
function inTurn(question: OwnerQuestion, ids: readonly UserId[]): Owner | null {
  const start = ids.indexOf(question.lastId ?? (0 as UserId)) + 1;
  for (let step = 0; step < ids.length; step++) {
    const userId = ids[(start + step) % ids.length];
    const shift = userId === undefined ? null : question.duty(userId).shift;
    if (userId !== undefined && shift) return { userId, reason: 'round_robin', until: shift.endsAt };
  }
  return null;
}

/** Who comes first; of several at the same time the first in order. */
function nextToCome({ duty }: OwnerQuestion, ids: readonly UserId[]): (Owner & { readonly at: number }) | null {
  let first: (Owner & { readonly at: number }) | null = null;
  for (const userId of ids) {
    const { next } = duty(userId);
    if (next && (!first || next.startsAt < first.at))
      first = { userId, reason: 'next_to_come', until: next.endsAt, at: next.startsAt };
  }
  return first;
}

/**
 * Who owes the client an answer. Pure. The responsible manager, if he works today; else the queue's members on shift in
 * turn; else who of them comes within a day; else anybody on shift; else who comes first, of the queue before others.
 * null: nobody of the company has a shift within a fortnight.
 */
export function ownerOf(question: OwnerQuestion): Owner | null {
  const { now, responsibleId, members, everybody } = question;
  const until = responsibleId === null ? null : shiftOfToday(question, responsibleId);
  if (responsibleId !== null && until !== null) return { userId: responsibleId, reason: 'responsible', until };
  const present = inTurn(question, members);
  if (present) return present;
  const coming = nextToCome(question, members);
  if (coming && coming.at <= now + owedLimits.soonMs) return withoutTime(coming);
  const other = inTurn(question, everybody);
  if (other) return other;
  return withoutTime(coming ?? nextToCome(question, everybody));
}

const withoutTime = (owner: Owner | null): Owner | null =>
  owner && { userId: owner.userId, reason: owner.reason, until: owner.until };

/** Whose it is now. */
export interface Held {
  readonly ownerId: UserId | null;
  readonly reason: OwnerReason | null;
  readonly until: number | null;
}

/**
 * Whether it stays with who has it: on shift; or given to him by a person for a shift that is not over. Whoever is off
 * shift for another reason is asked for anew, which mostly answers the same.
 */
export function keepsOwner({ ownerId, reason, until }: Held, question: OwnerQuestion): boolean {
  if (ownerId === null || !question.everybody.includes(ownerId)) return false;
  if (question.duty(ownerId).shift) return true;
  return reason === 'by_hand' && until !== null && question.now < until;
}

/** What is different about whose it is: another owner, null = nobody; or only the end of the shift in which it is his. */
export type OwnerChange = { readonly owner: Owner | null } | { readonly until: number };

export interface HandOver {
  /** Has what the client wrote. */
  readonly holderId: UserId | null;
  /** The responsible manager is another one. */
  readonly isHandedToResponsible: boolean;
}

/**
 * Who gets it. Pure. Whoever has what the client wrote answers for him, as long as he is there; else it stays with who has
 * it, or goes to who owes the answer.
 * @returns null when nothing is different
 */
export function ownerChange(held: Held, question: OwnerQuestion, hand: HandOver): OwnerChange | null {
  const { holderId } = hand;
  const shift = holderId === null ? null : question.duty(holderId).shift;
  if (holderId !== null && shift && held.ownerId !== holderId && held.reason !== 'by_hand')
    return { owner: { userId: holderId, reason: 'has_conversation', until: shift.endsAt } };
  const mayKeep = keepsOwner(held, question);
  const isMoved = hand.isHandedToResponsible && held.reason !== 'by_hand' && held.ownerId !== question.responsibleId;
  if (mayKeep && !isMoved) return untilChange(held, question);
  const owner = ownerOf(question);
  if (mayKeep && owner?.reason !== 'responsible') return untilChange(held, question);
  const isSameOwner = (owner?.userId ?? null) === held.ownerId && (owner?.reason ?? null) === held.reason;
  return isSameOwner && (owner?.until ?? null) === held.until ? null : { owner };
}

function untilChange({ ownerId, until }: Held, { duty }: OwnerQuestion): OwnerChange | null {
  const shift = ownerId === null ? null : duty(ownerId).shift;
  return shift && shift.endsAt !== until ? { until: shift.endsAt } : null;
}
