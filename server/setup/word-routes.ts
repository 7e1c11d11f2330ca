import type { Routes } from '../access/route.ts';
import { done, found, merged, type SetupContext } from './context.ts';
import { nextPosition, reorder } from './order.ts';
import { companyId, companySubject, holidaySubject } from './subjects/company.ts';
import { dispositionSubject, presenceReasonSubject } from './subjects/words.ts';
import { companyView, dispositionViews, holidayViews, presenceReasonViews } from './views.ts';

/** Operations on outcomes of wrap-up. */
export function dispositionRoutes({ db, changes }: SetupContext): Routes {
  const list = () => dispositionViews(db);

  return (mount) => {
    mount('GET /api/v1/setup/dispositions', async () => ({ items: await list() }));

    mount('POST /api/v1/setup/dispositions', async ({ body, user }) => {
      const position = nextPosition(await list());
      const data = { hotkey: null, ...body, position, archived: false };
      const id = await changes.run(user, (turn) => turn.create(dispositionSubject, data));
      return found(await list(), id);
    });

    mount('PATCH /api/v1/setup/dispositions/:id', async ({ params: { id }, body, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(dispositionSubject, { id, version: body.version }, (before) => {
          const after = merged(before, body);
          return after.archived ? { ...after, hotkey: null } : after;
        }),
      );
      return found(await list(), id);
    });

    mount('PUT /api/v1/setup/dispositions/order', async ({ body: { ids }, user }) => {
      await reorder(changes, { user, ids }, dispositionSubject, dispositionViews);
      return { items: await list() };
    });
  };
}

/** Operations on not-ready reasons. */
export function presenceReasonRoutes({ db, changes, setup }: SetupContext): Routes {
  const list = () => presenceReasonViews(db);

  return (mount) => {
    mount('GET /api/v1/presence-reasons', async () => ({
      items: setup.presenceReasons.map(({ code, nameRu, nameEn }) => ({ code, nameRu, nameEn })),
    }));

    mount('GET /api/v1/setup/presence-reasons', async () => ({ items: await list() }));

    mount('POST /api/v1/setup/presence-reasons', async ({ body, user }) => {
      const data = { ...body, position: nextPosition(await list()), archived: false };
      const id = await changes.run(user, (turn) => turn.create(presenceReasonSubject, data));
      return found(await list(), id);
    });

    mount('PATCH /api/v1/setup/presence-reasons/:id', async ({ params: { id }, body, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(presenceReasonSubject, { id, version: body.version }, (data) => merged(data, body)),
      );
      return found(await list(), id);
    });

    mount('PUT /api/v1/setup/presence-reasons/order', async ({ body: { ids }, user }) => {
      await reorder(changes, { user, ids }, presenceReasonSubject, presenceReasonViews);
      return { items: await list() };
    });
  };
}

/** Operations on the company's settings and its days. */
export function companyRoutes({ db, changes }: SetupContext): Routes {
  return (mount) => {
    mount('GET /api/v1/setup/company', () => companyView(db));

    mount('PATCH /api/v1/setup/company', async ({ body, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(companySubject, { id: companyId, version: body.version }, (data) => merged(data, body)),
      );
      return companyView(db);
    });

    mount('GET /api/v1/setup/holidays', async () => ({ items: await holidayViews(db) }));

    mount('POST /api/v1/setup/holidays', async ({ body, user }) => {
      const data = { periods: [], closesQueues: true, ...body };
      const id = await changes.run(user, (turn) => turn.create(holidaySubject, data));
      return found(await holidayViews(db), id);
    });

    mount('PATCH /api/v1/setup/holidays/:id', async ({ params: { id }, body, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(holidaySubject, { id, version: body.version }, (data) => merged(data, body)),
      );
      return found(await holidayViews(db), id);
    });

    mount('DELETE /api/v1/setup/holidays/:id', async ({ params: { id }, query, user }) => {
      await changes.run(user, (turn) => turn.remove(holidaySubject, { id, version: query.version }));
      return done;
    });
  };
}
