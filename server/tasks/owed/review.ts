import type { Executor } from '../../../db/client.ts';
import type { ClientId, QueueId, UserId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import { type Shift, shiftsBetween } from '../../routing/work-schedule.ts';
import { owedLimits } from '../limits.ts';
import type { Rota } from '../rota.ts';
import { type Debt, debtOf } from './debt.ts';
import type { Workers } from './due.ts';
import { type Facts, readAnswered, readFacts } from './facts-store.ts';
import { keepsOwner, type OwnerQuestion, ownerOf } from './owner.ts';
import {
  type Closing,
  closeRow,
  insertRow,
  type LedgerRow,
  lockClient,
  readOpen,
  reopenRow,
  updateDebt,
  updateOwner,
  updateUntil,
} from './store.ts';

/** What a review works with. */
export interface Turn {
  readonly tx: Executor;
  readonly now: number;
  readonly rota: Rota;
  /** Who of a queue got the last client in turn. */
  readonly lastOf: (queueId: QueueId | null) => UserId | null;
  /** The responsible manager is another one: the client goes to him if he works today. */
  readonly isHandedToResponsible?: boolean;
}

/** What a review did. */
export interface Reviewed {
  readonly events: readonly JournalEvent[];
  /** Whose lists are different; null = everybody's. */
  readonly users: readonly (UserId | null)[];
  /** Who got a client in turn, of which queue. */
  readonly turn: { readonly queueId: QueueId | null; readonly userId: UserId } | null;
}

const nothing: Reviewed = { events: [], users: [], turn: null };

/** Shifts of those who answer for a queue; of everybody, where it has nobody. */
function workersOf(rota: Rota, queueId: QueueId | null): Workers {
  const members = rota.members(queueId);
  const people = (members.length > 0 ? members : rota.everybody()).slice(0, owedLimits.workers);
  return (from, to) => {
    const shifts: Shift[] = [];
    for (const id of people) {
      // mostly somebody is on shift all the time, and nobody else need be asked
      const { shift } = rota.duty(id, from);
      if (shift && shift.startsAt <= from && shift.endsAt >= to) return [{ startsAt: from, endsAt: to }];
      const schedule = rota.scheduleOf(id);
      if (schedule) shifts.push(...shiftsBetween(schedule, from, to));
    }
    return shifts;
  };
}

function questionOf({ rota, now, lastOf }: Turn, responsibleId: UserId | null, queueId: QueueId | null): OwnerQuestion {
  return {
    now,
    responsibleId,
    members: rota.members(queueId),
    everybody: rota.everybody(),
    lastId: lastOf(queueId),
    duty: (id) => rota.duty(id, now),
    timeZoneOf: rota.timeZoneOf,
  };
}

/** Why nothing is owed any more. */
async function closingOf({ tx, now }: Turn, row: LedgerRow, { talk, exchange }: Facts): Promise<Closing> {
  if (talk && (talk.until === null || talk.until >= row.lastAt))
    return { at: talk.answeredAt, because: 'talked', interactionId: talk.interactionId, userId: talk.userId };
  const answered = await readAnswered(tx, row.clientId, row.conversationIds);
  if (answered === 'written' || (exchange && exchange.at > row.lastAt))
    return { at: now, because: 'written', userId: exchange?.userId ?? null };
  return { at: now, because: answered ?? (row.lastAt < now - owedLimits.tooOldMs ? 'too_old' : 'moved') };
}

const isSame = (row: LedgerRow, debt: Debt): boolean =>
  row.kind === debt.kind &&
  row.lastAt === debt.lastAt &&
  row.times === debt.times &&
  row.dueAt === debt.dueAt &&
  row.interactionIds.join() === debt.interactionIds.join() &&
  row.conversationIds.join() === debt.conversationIds.join();

/**
 * Makes a client's row of the ledger what his timeline says, and gives it to who answers for it now. Reads everything
 * anew, so it may run at any time, any number of times, in any order.
 */
export async function review(turn: Turn, clientId: ClientId): Promise<Reviewed> {
  const { tx, now, rota } = turn;
  await lockClient(tx, clientId);
  const facts = await readFacts(tx, clientId, now);
  if (!facts) return nothing;
  const before = await readOpen(tx, clientId);
  const debt = debtOf(facts, now, (queueId) => workersOf(rota, queueId));
  if (debt) return keep(turn, { clientId, facts, before, debt });
  if (!before) return nothing;
  const closing = await closingOf(turn, before, facts);
  await closeRow(tx, before.id, closing);
  const data = { owedId: before.id, because: closing.because, interactionId: closing.interactionId ?? null };
  const userId = closing.userId ?? undefined;
  return { events: [{ type: 'owed.closed', clientId, userId, data }], users: [before.ownerId], turn: null };
}

interface Kept {
  readonly clientId: ClientId;
  readonly facts: Facts;
  readonly before: LedgerRow | null;
  readonly debt: Debt;
}

async function keep(turn: Turn, { clientId, facts, before, debt }: Kept): Promise<Reviewed> {
  const { tx, now } = turn;
  const row = before ?? (await reopenRow(tx, clientId, debt)) ?? (await insertRow(tx, clientId, debt, now));
  const isChanged = !isSame(row, debt);
  if (isChanged) await updateDebt(tx, row.id, debt);
  const question = questionOf(turn, facts.responsibleId, debt.queueId);
  const given = (await giveToHolder(turn, row, question, debt.holderId)) ?? (await giveToOwner(turn, row, question));
  if (before && !isChanged && !given) return nothing;
  const { kind, times } = debt;
  const ownerId = given ? given.userId : row.ownerId;
  const events: JournalEvent[] = [];
  if (!before) events.push({ type: 'owed.opened', clientId, data: { owedId: row.id, kind, times } });
  if (given) events.push(ownerEvent(clientId, row, given));
  const isTurn = given?.reason === 'round_robin' && given.userId !== null;
  return {
    events,
    users: [...new Set(before ? [before.ownerId, ownerId] : [ownerId])],
    turn: isTurn && given.userId !== null ? { queueId: debt.queueId, userId: given.userId } : null,
  };
}

interface Given {
  readonly userId: UserId | null;
  readonly reason: string | null;
}

const ownerEvent = (clientId: ClientId, row: LedgerRow, { userId, reason }: Given): JournalEvent => ({
  type: 'owed.owner_changed',
  clientId,
  userId: userId ?? undefined,
  data: { owedId: row.id, from: row.ownerId, reason },
});

/** Whoever has what the client wrote answers for him, as long as he is there. @returns null when nobody has it, or he does */
async function giveToHolder(
  { tx, now }: Turn,
  row: LedgerRow,
  { duty }: OwnerQuestion,
  holderId: UserId | null,
): Promise<Given | null> {
  const shift = holderId === null ? null : duty(holderId).shift;
  if (holderId === null || !shift || row.ownerId === holderId || row.reason === 'by_hand') return null;
  const owner = { userId: holderId, reason: 'has_conversation', until: shift.endsAt } as const;
  await updateOwner(tx, row.id, owner, now);
  return owner;
}

/** @returns null when it stays with who has it */
async function giveToOwner(turn: Turn, row: LedgerRow, question: OwnerQuestion): Promise<Given | null> {
  const { tx, now } = turn;
  const mayKeep = keepsOwner(row, question);
  const isMoved = turn.isHandedToResponsible && row.reason !== 'by_hand' && row.ownerId !== question.responsibleId;
  if (mayKeep && !isMoved) return keepUntil(turn, row, question);
  const owner = ownerOf(question);
  if (mayKeep && owner?.reason !== 'responsible') return keepUntil(turn, row, question);
  const isSameOwner = (owner?.userId ?? null) === row.ownerId && (owner?.reason ?? null) === row.reason;
  if (isSameOwner && (owner?.until ?? null) === row.until) return null;
  await updateOwner(tx, row.id, owner, now);
  return { userId: owner?.userId ?? null, reason: owner?.reason ?? null };
}

async function keepUntil({ tx }: Turn, row: LedgerRow, question: OwnerQuestion): Promise<null> {
  const shift = row.ownerId === null ? null : question.duty(row.ownerId).shift;
  if (shift && shift.endsAt !== row.until) await updateUntil(tx, row.id, shift.endsAt);
  return null;
}
