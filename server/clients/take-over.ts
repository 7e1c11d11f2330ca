import type { Executor } from '../../db/client.ts';
import type { SignedInUser } from '../access/route.ts';
import type { IdentityLine } from '../contract/schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId, InteractionId } from '../kernel/ids.ts';
import type { JournalEvent } from '../kernel/journal.ts';
import { readCard } from './card-rows.ts';
import { displayOf, type NewContactPoint, noCard, type StoredCard } from './client.ts';
import * as identity from './identity-store.ts';
import { clientLimits } from './limits.ts';
import { searchText } from './search-text.ts';
import * as store from './store.ts';
import type { Visibility } from './visibility.ts';

/** What a number's way from one card to another did besides: for pushes after the commit. */
export interface Moved {
  /** The card that the number came from. */
  readonly from: ClientId;
  readonly fromVersion: number;
  /** Calls that belong to another card now, live ones among them. */
  readonly interactionIds: readonly InteractionId[];
  readonly to: ClientId;
  readonly events: readonly JournalEvent[];
}

/** Who has the number, for people who want it for another card. */
export const alreadyTaken = (point: NewContactPoint, owner: identity.Owner): AppError => {
  const { clientId, name, kind, calls } = owner;
  return new AppError('already_taken', `${displayOf(point)} is on another card`, {
    details: { clientId, name, kind, calls },
  });
};

/** The same for whoever must not see that card: whom to ask, and nothing of the client. */
export const takenUnseen = (point: NewContactPoint, { responsible }: identity.Owner): AppError =>
  new AppError('already_taken', `${displayOf(point)} is on a card of somebody else`, {
    details: { responsible: responsible?.name ?? null },
  });

const isSupervisor = (user: SignedInUser): boolean => user.role !== 'agent';

/** Anybody may take from a card that a call made; what people know to be somebody's, only those who answer for him. */
export function mayTake(user: SignedInUser, owner: Pick<identity.Owner, 'kind' | 'responsible'>): boolean {
  return owner.kind === 'unknown' || isSupervisor(user) || owner.responsible?.id === user.id;
}

/** Keeps search text and version of a card that lost or got back a number. */
async function touch(tx: Executor, id: ClientId, at: Date): Promise<number> {
  await store.updateCard(tx, id, {}, at);
  const card = await readCard(tx, id);
  if (!card) throw new Error(`card ${id} vanished inside a transaction`);
  await store.saveSearchText(tx, id, searchText(card));
  return card.version;
}

export interface TakeOver {
  readonly to: ClientId;
  readonly point: NewContactPoint;
  readonly owner: identity.Owner;
  readonly user: SignedInUser;
  readonly at: Date;
}

/**
 * Moves a number to another card, with its line in the ledger; a card that a call made and that has nothing else is
 * emptied into the other one. Both cards are locked by the caller; the caller keeps the receiving card's search text.
 * @throws AppError `forbidden` with the owner in details
 */
export async function takeOver(tx: Executor, { to, point, owner, user, at }: TakeOver): Promise<Moved> {
  const { clientId: from, pointId, before } = owner;
  if (!mayTake(user, owner))
    throw new AppError('forbidden', `only a supervisor or the manager of "${owner.name}" may move this number`, {
      details: alreadyTaken(point, owner).details,
    });
  const merged = owner.kind === 'unknown' && owner.otherPoints === 0;
  const ledgerId = await identity.recordIdentity(tx, {
    clientId: to,
    contactPointId: pointId,
    action: 'moved',
    evidence: `${point.kind} ${point.value}: ${point.evidence}; taken over from "${owner.name}" by ${user.login}`,
    userId: user.id,
    fromClientId: from,
    merged,
    before,
    at,
  });
  await identity.movePoint(tx, pointId, to, { isPrimary: false, label: point.label || before.label });
  if (point.isPrimary) await store.makePrimary(tx, to, point.kind, pointId);
  const data = { ledgerId, to };
  if (!merged) {
    await store.passOnPrimary(tx, from, point.kind);
    const fromVersion = await touch(tx, from, at);
    const event = { type: 'client.changed', clientId: from, userId: user.id };
    return { from, fromVersion, interactionIds: [], to, events: [{ ...event, data: { fields: ['contactPoints'] } }] };
  }
  const interactionIds = await identity.moveTimeline(tx, { from, to, ledgerId });
  const fromVersion = await identity.setMergedInto(tx, from, to, at);
  await identity.dropSearchText(tx, from);
  const events = [{ type: 'client.merged', clientId: from, userId: user.id, data }];
  return { from, fromVersion, interactionIds, to, events };
}

function checkUndo(move: identity.MoveLine, user: SignedInUser): void {
  if (!isSupervisor(user) && move.userId !== user.id)
    throw new AppError('forbidden', 'only a supervisor or who did it may undo it');
  if (move.heldBy !== move.clientId || move.fromMergedLater || move.movedLater)
    throw new AppError('conflict', 'the number has moved on since: undo that first', {
      details: { heldBy: move.heldBy },
    });
}

/**
 * Undoes one line of the ledger: the number goes back, an emptied card stands for itself again, and with them go the
 * entries that the line moved and the calls that came by the number since. What other people put elsewhere meanwhile
 * stays there. `moved` is null when it was undone before; `card` gave the number back, and the caller keeps its search
 * text.
 * @throws AppError `not_found`, `forbidden`, `conflict` when the number is no longer where the line put it
 */
export async function undoMove(
  tx: Executor,
  ledgerId: number,
  { user, visibility, at }: { user: SignedInUser; visibility: Visibility; at: Date },
): Promise<{ card: StoredCard; moved: Moved | null }> {
  const seen = await identity.readMove(tx, ledgerId);
  if (!seen) throw new AppError('not_found', `nothing was moved by line ${ledgerId} of the ledger`);
  await identity.lockCards(tx, [seen.clientId, seen.fromClientId]);
  // again: the snapshot of the first reading is older than the locks
  const move = (await identity.readMove(tx, ledgerId)) ?? seen;
  const card = await readCard(tx, move.clientId);
  if (!card) throw noCard(move.clientId);
  await visibility.require(tx, user, card);
  if (move.undoneAt) return { card, moved: null };
  checkUndo(move, user);
  const { clientId: from, fromClientId: to, contactPointId, kind, value } = move;
  const shared = await identity.hasValueTwice(tx, from, value);
  if (move.merged) await identity.setMergedInto(tx, to, null, at);
  const { isPrimary = false, label = '' } = move.before ?? {};
  await identity.movePoint(tx, contactPointId, to, { isPrimary: false, label });
  if (isPrimary) await store.makePrimary(tx, to, kind, contactPointId);
  await store.passOnPrimary(tx, to, kind);
  await store.passOnPrimary(tx, from, kind);
  const back = { from, to, ledgerId, since: move.at, value: shared ? null : value };
  const interactionIds = await identity.returnTimeline(tx, back);
  await identity.markUndone(tx, ledgerId, user.id, at);
  const fromVersion = await touch(tx, to, at);
  const data = { ledgerId, from };
  const events = [{ type: 'client.restored', clientId: to, userId: user.id, data }];
  return { card, moved: { from: to, fromVersion, interactionIds, to, events } };
}

/** The ledger of a card as a user sees it. */
export async function identityLines(db: Executor, id: ClientId, user: SignedInUser): Promise<IdentityLine[]> {
  const rows = await identity.readLedger(db, id, clientLimits.ledgerLines);
  return rows.map(({ at, userId, undoneAt, undoneUser, isLast, ...same }) => ({
    ...same,
    at: at.toISOString(),
    undone: undoneAt && { at: undoneAt.toISOString(), user: undoneUser },
    canUndo: isLast && (isSupervisor(user) || userId === user.id),
  }));
}
