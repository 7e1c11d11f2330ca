import type { Database, Executor } from '../../db/client.ts';
import type { SignedInUser } from '../access/route.ts';
import type { ClientChange, ContactPointInput } from '../contract/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId, ContactPointId, UserId } from '../kernel/ids.ts';
import type { Journal, JournalEvent } from '../kernel/journal.ts';
import {
  type CardFields,
  canSee,
  changedFields,
  contactPointOf,
  type NewContactPoint,
  nameOf,
  noCard,
  type StoredCard,
  type StoredContactPoint,
} from './client.ts';
import { clientLimits } from './limits.ts';
import { searchText } from './search-text.ts';
import * as store from './store.ts';

export interface ChangeOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  /** Whose habits decide how people write numbers, ISO 3166-1. */
  readonly region: string;
  /** Called after the commit of every change and creation by a person. */
  readonly onChanged: (clientId: ClientId, version: number) => void;
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
type Work = (tx: Executor, card: StoredCard) => Promise<{ fields: string[]; set?: CardFields }>;

export type ClientChanges = ReturnType<typeof createClientChanges>;

async function checkResponsible(tx: Executor, id: UserId | null | undefined): Promise<void> {
  if (id && !(await store.isActiveUser(tx, id)))
    throw new AppError('bad_request', `there is no user ${id} who could be responsible`);
}

/** Adds a contact point with its ledger line. @throws AppError `already_taken` naming the card that has it */
async function addPoint(tx: Executor, clientId: ClientId, point: NewContactPoint, userId: UserId): Promise<void> {
  const id = await store.insertContactPoint(tx, clientId, point);
  if (id === null) {
    const owner = await store.ownerOf(tx, point);
    if (owner?.clientId === clientId) return;
    throw new AppError('already_taken', `${point.value} is on another card`, { details: { ...owner } });
  }
  if (point.isPrimary) await store.makePrimary(tx, clientId, point.kind, id);
  const { kind, value, evidence } = point;
  await store.recordIdentity(tx, {
    clientId,
    contactPointId: id,
    action: 'added',
    evidence: `${kind} ${value}: ${evidence}`,
    userId,
  });
}

function pointOn(card: StoredCard, id: ContactPointId): StoredContactPoint {
  const point = card.contactPoints.find((candidate) => candidate.id === id);
  if (!point) throw new AppError('not_found', `card ${card.id} has no contact point ${id}`);
  return point;
}

/** What people do to cards: each change with its journal row and search text in one transaction. */
export function createClientChanges({ db, clock, journal, region, onChanged }: ChangeOptions) {
  /** Reads the card again, keeps its search text, journals. */
  async function settle(tx: Executor, id: ClientId, event: JournalEvent) {
    const card = await store.readCard(tx, id);
    if (!card) throw noCard(id);
    await store.saveSearchText(tx, id, searchText(card));
    return { card, entries: await journal.append(tx, [{ ...event, clientId: id }]) };
  }

  async function commit(work: (tx: Executor) => ReturnType<typeof settle>): Promise<StoredCard> {
    const { card, entries } = await db.transaction(work);
    if (entries.length > 0) {
      journal.published(entries);
      onChanged(card.id, card.version);
    }
    return card;
  }

  function change(id: ClientId, user: SignedInUser, work: Work): Promise<StoredCard> {
    return commit(async (tx) => {
      const card = await store.lockCard(tx, id);
      if (!card || !canSee(user, card)) throw noCard(id);
      const { fields, set = {} } = await work(tx, card);
      if (fields.length === 0) return { card, entries: [] };
      await store.updateCard(tx, id, set, new Date(clock.now()));
      return settle(tx, id, { type: 'client.changed', userId: user.id, data: { fields: fields.toSorted() } });
    });
  }

  return {
    /** @throws AppError `already_taken`, `invalid_number`, `invalid_email`, `bad_request` */
    create(input: NewCard, user: SignedInUser): Promise<StoredCard> {
      const points = (input.contactPoints ?? []).map((point) => contactPointOf(point, region));
      const responsibleId = (input.responsibleId ?? null) as UserId | null;
      return commit(async (tx) => {
        await checkResponsible(tx, responsibleId);
        const { kind = 'person', company = '' } = input;
        const fields = { kind, name: nameOf(input.name), company: company.trim(), responsibleId };
        const id = await store.insertCard(tx, fields, new Date(clock.now()));
        for (const [index, point] of points.entries()) {
          const first = points.findIndex(({ kind: other }) => other === point.kind) === index;
          await addPoint(tx, id, { ...point, isPrimary: point.isPrimary || first }, user.id);
        }
        return settle(tx, id, { type: 'client.created', userId: user.id });
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

    /** Adding what the card has already changes nothing. @throws AppError `already_taken` with the owner's clientId and name */
    addContactPoint(id: ClientId, input: ContactPointInput, user: SignedInUser): Promise<StoredCard> {
      const point = contactPointOf(input, region);
      return change(id, user, async (tx, card) => {
        const same = card.contactPoints.filter(({ kind }) => kind === point.kind);
        if (same.some(({ value, extension }) => value === point.value && extension === point.extension))
          return { fields: [] };
        if (card.contactPoints.length >= clientLimits.contactPoints)
          throw new AppError('too_large', `a card has at most ${clientLimits.contactPoints} contact points`);
        await addPoint(tx, id, { ...point, isPrimary: point.isPrimary || same.length === 0 }, user.id);
        return { fields: ['contactPoints'] };
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
        if (promoted) await store.makePrimary(tx, id, point.kind, contactPointId);
        return { fields: promoted || label !== point.label ? ['contactPoints'] : [] };
      });
    },

    removeContactPoint(id: ClientId, contactPointId: ContactPointId, user: SignedInUser): Promise<StoredCard> {
      return change(id, user, async (tx, card) => {
        const point = pointOn(card, contactPointId);
        await store.deleteContactPoint(tx, id, point);
        const evidence = `${point.kind} ${point.value}${point.extension && ` ext. ${point.extension}`}: taken off by a user`;
        await store.recordIdentity(tx, { clientId: id, contactPointId, action: 'removed', evidence, userId: user.id });
        return { fields: ['contactPoints'] };
      });
    },
  };
}
