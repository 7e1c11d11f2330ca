import type { Database, Executor } from '../../db/client.ts';
import type { SignedInUser } from '../access/route.ts';
import type { ClientChange, ContactPointInput } from '../contract/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId, ContactPointId, InteractionId, UserId } from '../kernel/ids.ts';
import type { Journal, JournalEvent } from '../kernel/journal.ts';
import { readCard } from './card-rows.ts';
import {
  type CardFields,
  changedFields,
  contactPointOf,
  type NewContactPoint,
  nameOf,
  noCard,
  type StoredCard,
  type StoredContactPoint,
} from './client.ts';
import * as identity from './identity-store.ts';
import { clientLimits } from './limits.ts';
import { searchText } from './search-text.ts';
import * as store from './store.ts';
import { alreadyTaken, type Moved, takenUnseen, takeOver, undoMove } from './take-over.ts';
import type { Visibility } from './visibility.ts';

export interface ChangeOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  /** Whose habits decide how people write numbers, ISO 3166-1. */
  readonly region: string;
  readonly visibility: Visibility;
  /** Called after the commit of every change and creation by a person. */
  readonly onChanged: (clientId: ClientId, version: number) => void;
  /** Called after the commit when interactions, live ones among them, went over to another card. */
  readonly onMoved: (move: { readonly interactionIds: readonly InteractionId[]; readonly to: ClientId }) => void;
}

/** What `POST /api/v1/clients` takes. */
export interface NewCard {
  readonly kind?: 'person' | 'company';
  readonly name: string;
  readonly company?: string;
  readonly responsibleId?: number | null;
  readonly contactPoints?: readonly ContactPointInput[];
}

/** What was changed, for the journal; an empty list means nothing was. */
type Work = (tx: Executor, card: StoredCard) => Promise<{ fields: string[]; set?: CardFields; moves?: Moved[] }>;

export type ClientChanges = ReturnType<typeof createClientChanges>;

async function checkResponsible(tx: Executor, id: UserId | null | undefined): Promise<void> {
  if (id && !(await store.isActiveUser(tx, id)))
    throw new AppError('bad_request', `there is no user ${id} who could be responsible`);
}

/** What the caller of `addPoint` knows. */
interface Adding {
  readonly clientId: ClientId;
  readonly point: NewContactPoint;
  /** Move it here when another card has it. */
  readonly take: boolean;
  readonly user: SignedInUser;
  readonly visibility: Visibility;
  readonly at: Date;
}

/**
 * Adds a contact point with its ledger line, or takes it over from the card that has it.
 * @throws AppError `already_taken` naming the card that has it, or only its manager when this user must not see it;
 * `forbidden` when he may not take it
 */
async function addPoint(tx: Executor, adding: Adding): Promise<Moved | null> {
  const { clientId, point, user } = adding;
  const id = await store.insertContactPoint(tx, clientId, point);
  if (id === null) return takePoint(tx, adding);
  if (point.isPrimary) await store.makePrimary(tx, clientId, point.kind, id);
  const { kind, value, evidence } = point;
  await identity.recordIdentity(tx, {
    clientId,
    contactPointId: id,
    action: 'added',
    evidence: `${kind} ${value}: ${evidence}`,
    userId: user.id,
  });
  return null;
}

/** Another card has it already, or this one. */
async function takePoint(tx: Executor, { clientId, point, take, user, visibility, at }: Adding): Promise<Moved | null> {
  const owner = await identity.ownerOf(tx, point);
  if (!owner) throw busy(point);
  if (owner.clientId === clientId) return null;
  if (!(await visibility.isVisible(tx, user, { id: owner.clientId, responsible: owner.responsible })))
    throw takenUnseen(point, owner);
  if (take) return takeOver(tx, { to: clientId, point, owner, user, at });
  throw alreadyTaken(point, owner);
}

/** Somebody moved or removed it between two statements. */
const busy = (point: NewContactPoint): AppError =>
  new AppError('conflict', `${point.value} is just being moved`, { retryable: true });

/** Locks the cards that points are to be taken from, before any other lock and in one order. */
async function lockOwners(tx: Executor, points: readonly NewContactPoint[], also: readonly ClientId[]): Promise<void> {
  const owners: ClientId[] = [...also];
  for (const point of points) {
    const owner = await identity.ownerOf(tx, point);
    if (owner) owners.push(owner.clientId);
  }
  await identity.lockCards(tx, owners);
}

function pointOn(card: StoredCard, id: ContactPointId): StoredContactPoint {
  const point = card.contactPoints.find((candidate) => candidate.id === id);
  if (!point) throw new AppError('not_found', `card ${card.id} has no contact point ${id}`);
  return point;
}

/** What people do to cards: each change with its journal row and search text in one transaction. */
export function createClientChanges(options: ChangeOptions) {
  const { db, clock, journal, region, visibility, onChanged, onMoved } = options;
  const now = () => new Date(clock.now());

  /** Reads the card again, keeps its search text, journals. */
  async function settle(tx: Executor, id: ClientId, event: JournalEvent, moves: readonly Moved[] = []) {
    const card = await readCard(tx, id);
    if (!card) throw noCard(id);
    await store.saveSearchText(tx, id, searchText(card));
    const events = [{ ...event, clientId: id }, ...moves.flatMap((move) => move.events)];
    return { card, entries: await journal.append(tx, events), moves };
  }

  async function commit(work: (tx: Executor) => ReturnType<typeof settle>): Promise<StoredCard> {
    const { card, entries, moves } = await db.transaction(work);
    if (entries.length > 0) {
      journal.published(entries);
      onChanged(card.id, card.version);
    }
    for (const { from, fromVersion, interactionIds, to } of moves) {
      onChanged(from, fromVersion);
      if (interactionIds.length > 0) onMoved({ interactionIds, to });
    }
    return card;
  }

  /** @param prepare runs first in the transaction, for locks that must come before the card's own */
  function change(
    id: ClientId,
    user: SignedInUser,
    work: Work,
    prepare?: (tx: Executor) => Promise<void>,
  ): Promise<StoredCard> {
    return commit(async (tx) => {
      await prepare?.(tx);
      const card = await store.lockCard(tx, id);
      if (!card) throw noCard(id);
      await visibility.require(tx, user, card);
      const { fields, set = {}, moves = [] } = await work(tx, card);
      if (fields.length === 0) return { card, entries: [], moves };
      await store.updateCard(tx, card.id, set, now());
      const event = { type: 'client.changed', userId: user.id, data: { fields: fields.toSorted() } };
      return settle(tx, card.id, event, moves);
    });
  }

  return {
    /** @throws AppError `already_taken`, `invalid_number`, `invalid_email`, `bad_request`, `forbidden` */
    create(input: NewCard, user: SignedInUser): Promise<StoredCard> {
      const points = (input.contactPoints ?? []).map((written) => ({
        take: written.take ?? false,
        point: contactPointOf(written, region),
      }));
      const responsibleId = (input.responsibleId ?? null) as UserId | null;
      return commit(async (tx) => {
        await checkResponsible(tx, responsibleId);
        await lockOwners(
          tx,
          points.filter(({ take }) => take).map(({ point }) => point),
          [],
        );
        const { kind = 'person', company = '' } = input;
        const fields = { kind, name: nameOf(input.name), company: company.trim(), responsibleId };
        const id = await store.insertCard(tx, fields, now());
        const moves: Moved[] = [];
        for (const [index, { point, take }] of points.entries()) {
          const first = points.findIndex((other) => other.point.kind === point.kind) === index;
          const primary = { ...point, isPrimary: point.isPrimary || first };
          const moved = await addPoint(tx, { clientId: id, point: primary, take, user, visibility, at: now() });
          if (moved) moves.push(moved);
        }
        return settle(tx, id, { type: 'client.created', userId: user.id }, moves);
      });
    },

    /** @throws AppError `stale_version` with the present version, `not_found`, `bad_request` */
    edit(id: ClientId, { version, ...wanted }: ClientChange, user: SignedInUser): Promise<StoredCard> {
      return change(id, user, async (tx, card) => {
        if (card.version !== version)
          throw new AppError('stale_version', `card ${id} was changed meanwhile`, {
            details: { version: card.version },
          });
        const set = changedFields(card, wanted);
        await checkResponsible(tx, set.responsibleId);
        return { fields: Object.keys(set), set };
      });
    },

    /**
     * Adding what the card has already changes nothing.
     * @throws AppError `already_taken` with clientId, name, kind and calls of the card that has it, unless the input
     * says to take it; then `forbidden` when this user may not
     */
    addContactPoint(id: ClientId, input: ContactPointInput, user: SignedInUser): Promise<StoredCard> {
      const point = contactPointOf(input, region);
      const { take = false } = input;
      const work: Work = async (tx, card) => {
        const same = card.contactPoints.filter(({ kind }) => kind === point.kind);
        if (same.some(({ value, extension }) => value === point.value && extension === point.extension))
          return { fields: [] };
        if (card.contactPoints.length >= clientLimits.contactPoints)
          throw new AppError('too_large', `a card has at most ${clientLimits.contactPoints} contact points`);
        const primary = { ...point, isPrimary: point.isPrimary || same.length === 0 };
        const moved = await addPoint(tx, { clientId: card.id, point: primary, take, user, visibility, at: now() });
        return { fields: ['contactPoints'], ...(moved && { moves: [moved] }) };
      };
      return change(id, user, work, take ? (tx) => lockOwners(tx, [point], [id]) : undefined);
    },

    /**
     * Undoes a take-over; undone before, it changes nothing. Answers the card that gave the number back.
     * @throws AppError `not_found`, `forbidden`, `conflict` when the number has moved on since
     */
    undoMove(ledgerId: number, user: SignedInUser): Promise<StoredCard> {
      return commit(async (tx) => {
        const { card, moved } = await undoMove(tx, ledgerId, { user, visibility, at: now() });
        if (!moved) return { card, entries: [], moves: [] };
        await store.updateCard(tx, card.id, {}, now());
        const event = { type: 'client.changed', userId: user.id, data: { fields: ['contactPoints'] } };
        return settle(tx, card.id, event, [moved]);
      });
    },

    /** A primary contact point stops being it only by another one becoming it. */
    editContactPoint(
      id: ClientId,
      contactPointId: ContactPointId,
      wanted: { label?: string; isPrimary?: boolean },
      user: SignedInUser,
    ): Promise<StoredCard> {
      return change(id, user, async (tx, card) => {
        const point = pointOn(card, contactPointId);
        const label = wanted.label?.trim() ?? point.label;
        const promoted = wanted.isPrimary === true && !point.isPrimary;
        if (label !== point.label) await store.labelContactPoint(tx, contactPointId, label);
        if (promoted) await store.makePrimary(tx, card.id, point.kind, contactPointId);
        return { fields: promoted || label !== point.label ? ['contactPoints'] : [] };
      });
    },

    removeContactPoint(id: ClientId, contactPointId: ContactPointId, user: SignedInUser): Promise<StoredCard> {
      return change(id, user, async (tx, card) => {
        const point = pointOn(card, contactPointId);
        await store.deleteContactPoint(tx, card.id, point);
        const evidence = `${point.kind} ${point.value}${point.extension && ` ext. ${point.extension}`}: taken off by a user`;
        await identity.recordIdentity(tx, {
          clientId: card.id,
          contactPointId,
          action: 'removed',
          evidence,
          userId: user.id,
        });
        return { fields: ['contactPoints'] };
      });
    },
  };
}
