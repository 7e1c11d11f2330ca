import type { ClientId, QueueId, UserId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';
import type { Debt } from './debt.ts';
import type { Facts } from './facts-store.ts';
import { type OwnerChange, type OwnerQuestion, ownerChange } from './owner.ts';
import type { QueuePeople } from './queue-people.ts';
import type { Closing, LedgerRow } from './store.ts';

export interface Opening {
  readonly act: 'open';
  readonly clientId: ClientId;
  readonly debt: Debt;
  readonly owner: OwnerChange | null;
}

export interface Keeping {
  readonly act: 'keep';
  readonly clientId: ClientId;
  readonly row: LedgerRow;
  readonly debt: Debt;
  /** Something else is owed than the row says, or it was closed. */
  readonly isChanged: boolean;
  readonly owner: OwnerChange | null;
}

export interface Paid {
  readonly act: 'close';
  readonly clientId: ClientId;
  readonly row: LedgerRow;
  readonly closing: Closing;
}

/** What becomes of a client's row. */
export type Decision = Opening | Keeping | Paid;

const isSame = (row: LedgerRow, debt: Debt): boolean =>
  row.kind === debt.kind &&
  row.lastAt === debt.lastAt &&
  row.times === debt.times &&
  row.dueAt === debt.dueAt &&
  row.interactionIds.join() === debt.interactionIds.join() &&
  row.conversationIds.join() === debt.conversationIds.join();

/**
 * Whether a closed row is about the same calls or the same wait: then the talk or the letter that closed it was with
 * somebody else, or did not leave.
 */
function isAbout(row: LedgerRow, debt: Debt): boolean {
  const [first] = row.interactionIds;
  if (first !== undefined) return first === debt.interactionIds[0];
  return row.firstAt === debt.firstAt && row.conversationIds.some((id) => debt.conversationIds.includes(id));
}

const nobody = { ownerId: null, reason: null, until: null } as const;

/** What is known of a client. */
export interface Seen {
  readonly clientId: ClientId;
  readonly facts: Facts;
  /** His open one, or the last one if it may be opened again. */
  readonly row: LedgerRow | undefined;
  readonly debt: Debt | null;
  /** What became of the conversations of a row for which nothing is owed any more. */
  readonly answered: 'written' | 'by_hand' | null;
  /** The responsible manager is another one. */
  readonly isHandedToResponsible: boolean;
}

function decideOwing(
  { clientId, row, isHandedToResponsible }: Seen,
  debt: Debt,
  question: OwnerQuestion,
): Opening | Keeping {
  const hand = { holderId: debt.holderId, isHandedToResponsible };
  if (!row || !(row.isOpen || isAbout(row, debt)))
    return { act: 'open', clientId, debt, owner: ownerChange(nobody, question, hand) };
  const isChanged = !row.isOpen || !isSame(row, debt);
  return { act: 'keep', clientId, row, debt, isChanged, owner: ownerChange(row, question, hand) };
}

/** Why nothing is owed any more. */
function closingOf(row: LedgerRow, { facts: { talk, exchange }, answered }: Seen, now: number): Closing {
  if (talk && (talk.until === null || talk.until >= row.lastAt))
    return { at: talk.answeredAt, because: 'talked', interactionId: talk.interactionId, userId: talk.userId };
  if (answered === 'written' || (exchange && exchange.at > row.lastAt))
    return { at: now, because: 'written', userId: exchange?.userId ?? null };
  const unanswered = row.lastAt < now - owedLimits.tooOldMs ? 'too_old' : 'moved';
  return { at: now, because: answered ?? unanswered };
}

/** Who of each queue got the last client in turn. */
export type Turns = ReadonlyMap<QueueId | null, UserId>;

const inTurn = (change: OwnerChange | null): UserId | null =>
  change && 'owner' in change && change.owner?.reason === 'round_robin' ? change.owner.userId : null;

export interface Asked {
  readonly now: number;
  readonly turns: Turns;
  readonly peopleOf: (queueId: QueueId | null) => QueuePeople;
}

/** What becomes of the rows of clients, one after the other, since owners take turns. Pure. */
export function decideAll(
  seen: readonly Seen[],
  { now, turns, peopleOf }: Asked,
): { readonly decisions: readonly Decision[]; readonly turns: Turns } {
  const last = new Map(turns);
  const decisions = seen.flatMap((client): Decision[] => {
    const { clientId, row, debt } = client;
    if (!debt) return row?.isOpen ? [{ act: 'close', clientId, row, closing: closingOf(row, client, now) }] : [];
    const { queueId } = debt;
    const { responsibleId } = client.facts;
    const question = { ...peopleOf(queueId).question, responsibleId, lastId: last.get(queueId) ?? null };
    const decision = decideOwing(client, debt, question);
    const userId = inTurn(decision.owner);
    if (userId !== null) last.set(queueId, userId);
    return [decision];
  });
  return { decisions, turns: last };
}
