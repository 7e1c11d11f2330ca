import type { Executor } from '../../db/client.ts';
import type { Routes, SignedInUser } from '../access/route.ts';
import type { ClientListItem } from '../contract/schemas.ts';
import type { ClientId, ContactPointId } from '../kernel/ids.ts';
import type { ClientChanges } from './change.ts';
import { cardView, type StoredCard } from './client.ts';
import { identityLines } from './take-over.ts';

export interface ClientRoutesOptions {
  readonly db: Executor;
  readonly changes: ClientChanges;
  readonly search: (typed: string, limit: number, viewer: SignedInUser) => Promise<ClientListItem[]>;
  readonly requireVisible: (id: ClientId, user: SignedInUser) => Promise<StoredCard>;
  /** As `requireVisible`, and the look is told. */
  readonly look: (id: ClientId, user: SignedInUser) => Promise<StoredCard>;
}

/** The contract's operations on cards. */
export function clientRoutes({ db, changes, search, requireVisible, look }: ClientRoutesOptions): Routes {
  return (mount) => {
    mount('GET /api/v1/clients', async ({ query, user }) => ({
      items: await search(query.q, query.limit, user),
    }));

    mount('POST /api/v1/clients', async ({ body, user }) => cardView(await changes.create(body, user)));

    mount('GET /api/v1/clients/:id', async ({ params, user }) => cardView(await look(params.id as ClientId, user)));

    mount('PATCH /api/v1/clients/:id', async ({ params, body, user }) =>
      cardView(await changes.edit(params.id as ClientId, body, user)),
    );

    mount('POST /api/v1/clients/:id/contact-points', async ({ params, body, user }) =>
      cardView(await changes.addContactPoint(params.id as ClientId, body, user)),
    );

    mount('PATCH /api/v1/clients/:id/contact-points/:contactPointId', async ({ params, body, user }) => {
      const { id, contactPointId } = params;
      return cardView(await changes.editContactPoint(id as ClientId, contactPointId as ContactPointId, body, user));
    });

    mount('DELETE /api/v1/clients/:id/contact-points/:contactPointId', async ({ params, user }) => {
      const { id, contactPointId } = params;
      return cardView(await changes.removeContactPoint(id as ClientId, contactPointId as ContactPointId, user));
    });

    mount('GET /api/v1/clients/:id/identity', async ({ params, user }) => {
      const { id } = await requireVisible(params.id as ClientId, user);
      return { items: await identityLines(db, id, user) };
    });

    mount('POST /api/v1/identity-ledger/:id/undo', async ({ params, user }) =>
      cardView(await changes.undoMove(params.id, user)),
    );
  };
}
