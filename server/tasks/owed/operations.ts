import type { Database, Executor } from '../../../db/client.ts';
import type { SignedInUser } from '../../access/route.ts';
import type { OwedPage, OwedRow } from '../../contract/tasks-schemas.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ClientId, UserId } from '../../kernel/ids.ts';
import type { Journal, JournalEvent } from '../../kernel/journal.ts';
import { pageOf, parseCursor } from '../paging.ts';
import { peopleOf, reachFor, type Scope } from '../reach.ts';
import type { Rota } from '../rota.ts';
import type { Ledger } from './ledger.ts';
import { closeRows, type LedgerRow, lockClients, readRows, updateOwners } from './store.ts';
import { countOpen, readOfClient, readPage, readRow } from './view-store.ts';

export interface OwedOperationsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly rota: Rota;
  readonly ledger: Pick<Ledger, 'inLine' | 'watch'>;
  readonly onChanged: (userIds: readonly (UserId | null)[]) => void;
}

/** What people do with the ledger. */
export function createOwedOperations(options: OwedOperationsOptions) {
  const { db, clock, journal, rota, ledger, onChanged } = options;

  async function rowOf(id: number): Promise<OwedRow> {
    const row = await readRow(db, id);
    if (!row) throw new AppError('not_found', `there is no row ${id} in the ledger`);
    return row;
  }

  /** @throws AppError `not_found`, `forbidden` */
  async function reachable(id: number, user: SignedInUser): Promise<OwedRow> {
    const row = await rowOf(id);
    // what nobody owns is everybody's
    if (row.owner === null) return row;
    const reach = await reachFor(db, user);
    if (!reach(row.owner.id)) throw new AppError('forbidden', 'this client is somebody else’s');
    return row;
  }

  type Work = (tx: Executor, row: LedgerRow) => Promise<JournalEvent>;

  /** Changes an open row; false when it was closed meanwhile. */
  async function change(row: OwedRow, users: (before: LedgerRow) => (UserId | null)[], work: Work): Promise<boolean> {
    const clientId = row.client.id as ClientId;
    const changed = await ledger.inLine(() =>
      db.transaction(async (tx) => {
        await lockClients(tx, [clientId]);
        const before = (await readRows(tx, [clientId])).get(clientId);
        if (before?.id !== row.id || !before.isOpen) return null;
        return { before, entries: await journal.append(tx, [await work(tx, before)]) };
      }),
    );
    if (!changed) return false;
    journal.published(changed.entries);
    onChanged(users(changed.before));
    await ledger.watch();
    return true;
  }

  return {
    /** @throws AppError `forbidden`, `bad_request` */
    async list(
      user: SignedInUser,
      query: { scope: Scope; limit: number; after?: string | undefined },
    ): Promise<OwedPage> {
      const after = parseCursor(query.after);
      const owners = await peopleOf(db, user, query.scope);
      const found = await readPage(db, { owners, after, limit: query.limit + 1 });
      return { ...pageOf(found, query.limit), ...(await countOpen(db, owners, clock.now())) };
    },

    ofClient: (clientId: ClientId): Promise<OwedRow[]> => readOfClient(db, clientId),

    /**
     * Gives it to somebody until the end of his shift, or of his next one.
     * @throws AppError `not_found`, `forbidden`, `bad_request` for somebody who has no shift, `conflict` when it is closed
     */
    async setOwner(id: number, userId: UserId, user: SignedInUser): Promise<OwedRow> {
      const row = await reachable(id, user);
      const { shift, next } = rota.duty(userId, clock.now());
      const until = (shift ?? next)?.endsAt;
      if (until === undefined) throw new AppError('bad_request', `user ${userId} has no shift within a fortnight`);
      const done = await change(
        row,
        ({ ownerId }) => [ownerId, userId],
        async (tx, { ownerId }) => {
          const owner = { userId, reason: 'by_hand', until } as const;
          await updateOwners(tx, [{ id, change: { owner } }], clock.now());
          const data = { owedId: id, from: ownerId, reason: 'by_hand', by: user.id };
          return { type: 'owed.owner_changed', clientId: row.client.id as ClientId, userId, data };
        },
      );
      if (!done) throw new AppError('conflict', 'nothing is owed any more');
      return rowOf(id);
    },

    /** Nothing is owed for the calls so far; the next one opens a new row. @throws AppError `not_found`, `forbidden` */
    async close(id: number, reason: string, user: SignedInUser): Promise<OwedRow> {
      const row = await reachable(id, user);
      const note = reason.trim();
      if (note === '') throw new AppError('bad_request', 'say why nothing is owed');
      await change(
        row,
        ({ ownerId }) => [ownerId],
        async (tx) => {
          const closing = { at: clock.now(), because: 'by_hand', userId: user.id, note } as const;
          await closeRows(tx, [{ id, closing }]);
          const data = { owedId: id, because: 'by_hand' };
          return { type: 'owed.closed', clientId: row.client.id as ClientId, userId: user.id, data };
        },
      );
      return rowOf(id);
    },
  };
}
