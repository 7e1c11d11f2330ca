import { eq, sql } from 'drizzle-orm';
import { users } from '../../db/schema/index.ts';
import { canonicalLogin, hashPassword, newPassword, newSecret } from '../access/index.ts';
import type { Routes } from '../access/route.ts';
import { rightsOfNew } from '../contract/words.ts';
import { AppError } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { done, found, merged, type SetupContext } from './context.ts';
import { teamSubject } from './subjects/team.ts';
import { type UserData, userSubject } from './subjects/user.ts';
import { teamViews, userViews } from './views.ts';

const rank = { agent: 0, supervisor: 1, admin: 2 } as const;

/** A phone is registered by its login, and a session carries its role: neither changes under a call. */
function requireNoCall({ roster }: SetupContext, id: number, before: UserData, after: UserData): void {
  const work = roster.agent(id as UserId)?.work;
  const isCut = before.login !== after.login || rank[after.role] < rank[before.role];
  if (isCut && work && work.kind !== 'wrap_up') throw new AppError('agent_busy', 'he is on a call: try again after it');
}

/** Operations on people. */
export function userRoutes(context: SetupContext): Routes {
  const { db, changes, access } = context;
  const list = () => userViews(db, access.realm);
  const view = async (id: number) => found(await list(), id);

  return (mount) => {
    mount('GET /api/v1/setup/users', async () => ({ items: await list() }));

    mount('POST /api/v1/setup/users', async ({ body, user }) => {
      const generated = body.password === undefined ? newPassword() : null;
      // outside the transaction: a hash takes its time
      const passwordHash = await hashPassword(body.password ?? generated ?? '');
      const id = await changes.run(user, async (turn) => {
        const made = await turn.create(userSubject, {
          login: canonicalLogin(body.login),
          name: body.name,
          role: body.role,
          teamId: body.teamId ?? null,
          language: body.language ?? context.setup.company.language,
          sees: body.sees ?? rightsOfNew[body.role].sees,
          mayExport: body.mayExport ?? rightsOfNew[body.role].mayExport,
          disabled: false,
        });
        await turn.tx.orm
          .update(users)
          .set({ passwordHash, passwordSetAt: sql`now()` })
          .where(eq(users.id, made as UserId));
        return made;
      });
      return { user: await view(id), password: generated };
    });

    mount('PATCH /api/v1/setup/users/:id', async ({ params: { id }, body, user }) => {
      const login = body.login === undefined ? {} : { login: canonicalLogin(body.login) };
      await changes.run(user, (turn) =>
        turn.edit(userSubject, { id, version: body.version }, (before) => {
          const after = merged(before, { ...body, ...login });
          requireNoCall(context, id, before, after);
          return after;
        }),
      );
      return view(id);
    });

    mount('POST /api/v1/setup/users/:id/password', async ({ params: { id }, body, user, sessionId }) => {
      const generated = body.password === undefined ? newPassword() : null;
      const passwordHash = await hashPassword(body.password ?? generated ?? '');
      await changes.run(user, async (turn) => {
        await turn.note(userSubject, id, 'password_reset');
        await turn.tx.orm
          .update(users)
          .set({ passwordHash, passwordSetAt: sql`now()` })
          .where(eq(users.id, id as UserId));
      });
      // whoever replaces his own must still be there to read it
      await access.signOutEverywhere(id as UserId, sessionId);
      return { password: generated };
    });

    mount('POST /api/v1/setup/users/:id/sip-secret', async ({ params: { id }, user }) => {
      const secret = newSecret();
      const aor = await changes.run(user, async (turn) => {
        await turn.note(userSubject, id, 'sip_secret_reset');
        const [row] = await turn.tx.orm
          .update(users)
          .set({ sipSecret: secret })
          .where(eq(users.id, id as UserId))
          .returning({ login: users.login });
        return row?.login ?? '';
      });
      return { aor, realm: access.realm, secret };
    });
  };
}

/** Operations on teams. */
export function teamRoutes({ db, changes }: SetupContext): Routes {
  const view = async (id: number) => found(await teamViews(db), id);

  return (mount) => {
    mount('GET /api/v1/setup/teams', async () => ({ items: await teamViews(db) }));

    mount('POST /api/v1/setup/teams', async ({ body, user }) => {
      const { name, memberIds = [], supervisorIds = [] } = body;
      return view(await changes.run(user, (turn) => turn.create(teamSubject, { name, memberIds, supervisorIds })));
    });

    mount('PATCH /api/v1/setup/teams/:id', async ({ params: { id }, body, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(teamSubject, { id, version: body.version }, (data) => merged(data, body)),
      );
      return view(id);
    });

    mount('DELETE /api/v1/setup/teams/:id', async ({ params: { id }, query, user }) => {
      await changes.run(user, (turn) => turn.remove(teamSubject, { id, version: query.version }));
      return done;
    });
  };
}
