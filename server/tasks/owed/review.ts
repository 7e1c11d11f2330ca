import type { Executor } from '../../../db/client.ts';
import type { ClientId, QueueId, UserId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { Rota } from '../rota.ts';
import { debtOf } from './debt.ts';
import { type Decision, decideAll, type Seen, type Turns } from './decision.ts';
import { readFacts } from './facts-store.ts';
import type { Owner } from './owner.ts';
import { type QueuePeople, queuePeopleAt } from './queue-people.ts';
import { closeRows, insertRows, lockClients, readRows, updateDebts, updateOwners } from './store.ts';
import { readAnswered } from './written-store.ts';

/** Whom a review looks at. */
export interface Look {
  readonly clientId: ClientId;
  /** The responsible manager is another one: the client goes to him if he works today. */
  readonly isHandedToResponsible: boolean;
}

/** What a review works with. */
export interface ReviewContext {
  readonly tx: Executor;
  readonly now: number;
  readonly rota: Rota;
  readonly turns: Turns;
}

/** What a review did. */
export interface Reviewed {
  /** In the order of the clients. */
  readonly events: readonly JournalEvent[];
  /** Whose lists are different; null = everybody's. */
  readonly users: readonly (UserId | null)[];
  /** As they are after it. */
  readonly turns: Turns;
  /** When the first shift ends in which something is somebody's since; null = nothing is. */
  readonly firstUntil: number | null;
}

/** Reads everything about clients; who has no card is left out. */
async function see(
  { tx, now }: ReviewContext,
  looks: readonly Look[],
  peopleOf: (queueId: QueueId | null) => QueuePeople,
): Promise<Seen[]> {
  const clientIds = looks.map(({ clientId }) => clientId);
  const facts = await readFacts(tx, clientIds, now);
  const rows = await readRows(tx, clientIds);
  const seen = looks.flatMap((look) => {
    const known = facts.get(look.clientId);
    if (!known) return [];
    const debt = debtOf(known, now, (queueId) => peopleOf(queueId).workers);
    return [{ ...look, facts: known, row: rows.get(look.clientId), debt }];
  });
  const paid = seen.flatMap(({ row, debt }) => (row?.isOpen && !debt ? [row] : []));
  const answered = await readAnswered(tx, paid);
  return seen.map((client) => ({ ...client, answered: answered.get(client.clientId) ?? null }));
}

/** The new owner, null = nobody; undefined where it is the same one. */
const givenTo = (decision: Decision): Owner | null | undefined =>
  decision.act !== 'close' && decision.owner && 'owner' in decision.owner ? decision.owner.owner : undefined;

/** @returns the ids of rows that were opened */
async function write(
  tx: Executor,
  decisions: readonly Decision[],
  now: number,
): Promise<ReadonlyMap<ClientId, number>> {
  const opened = decisions.filter((decision) => decision.act === 'open');
  const kept = decisions.filter((decision) => decision.act === 'keep');
  const paid = decisions.filter((decision) => decision.act === 'close');
  const changed = kept.filter(({ isChanged }) => isChanged);
  await updateDebts(
    tx,
    changed.map(({ row, debt }) => ({ id: row.id, debt })),
  );
  await updateOwners(
    tx,
    kept.flatMap(({ row, owner }) => (owner ? [{ id: row.id, change: owner }] : [])),
    now,
  );
  await closeRows(
    tx,
    paid.map(({ row, closing }) => ({ id: row.id, closing })),
  );
  const rows = opened.map((decision) => ({ ...decision, owner: givenTo(decision) ?? null }));
  return insertRows(tx, rows, now);
}

function eventsOf(decision: Decision, owedId: number): JournalEvent[] {
  const { clientId } = decision;
  if (decision.act === 'close') {
    const { because, interactionId = null, userId } = decision.closing;
    return [{ type: 'owed.closed', clientId, userId: userId ?? undefined, data: { owedId, because, interactionId } }];
  }
  const { kind, times } = decision.debt;
  const before = decision.act === 'keep' ? decision.row : null;
  const events: JournalEvent[] = [];
  if (!before?.isOpen) events.push({ type: 'owed.opened', clientId, data: { owedId, kind, times } });
  const owner = givenTo(decision);
  if (owner !== undefined) {
    const data = { owedId, from: before?.ownerId ?? null, reason: owner?.reason ?? null };
    events.push({ type: 'owed.owner_changed', clientId, userId: owner?.userId, data });
  }
  return events;
}

/** Whose lists are different; null = everybody's. */
function usersOf(decision: Decision): (UserId | null)[] {
  if (decision.act === 'close') return [decision.row.ownerId];
  const owner = givenTo(decision);
  if (decision.act === 'open') return [owner?.userId ?? null];
  const { row, isChanged } = decision;
  if (!isChanged && owner === undefined) return [];
  const ownerId = owner === undefined ? row.ownerId : (owner?.userId ?? null);
  return row.isOpen ? [row.ownerId, ownerId] : [ownerId];
}

/** When the shift ends in which it is somebody's from now on. */
function untilOf(decision: Decision): number {
  const never = Number.POSITIVE_INFINITY;
  if (decision.act === 'close') return never;
  const { owner: change } = decision;
  if (change) return ('owner' in change ? change.owner?.until : change.until) ?? never;
  return decision.act === 'keep' && !decision.row.isOpen ? (decision.row.until ?? never) : never;
}

/**
 * Makes the rows of clients, each named once, what their timelines say, and gives them to who answers for them now: in a
 * bounded number of statements, however many they are. Reads everything anew, so it may run at any time, any number of
 * times, in any order.
 */
export async function review(context: ReviewContext, looks: readonly Look[]): Promise<Reviewed> {
  const { tx, now, rota } = context;
  await lockClients(
    tx,
    looks.map(({ clientId }) => clientId),
  );
  const peopleOf = queuePeopleAt(rota, now);
  const seen = await see(context, looks, peopleOf);
  const { decisions, turns } = decideAll(seen, { now, turns: context.turns, peopleOf });
  const opened = await write(tx, decisions, now);
  const idOf = (decision: Decision): number =>
    decision.act === 'open' ? (opened.get(decision.clientId) ?? 0) : decision.row.id;
  const firstUntil = Math.min(...decisions.map(untilOf));
  return {
    events: decisions.flatMap((decision) => eventsOf(decision, idOf(decision))),
    users: [...new Set(decisions.flatMap(usersOf))],
    turns,
    firstUntil: Number.isFinite(firstUntil) ? firstUntil : null,
  };
}
