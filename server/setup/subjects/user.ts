import { eq, inArray, sql } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import { presence, teams, users } from '../../../db/schema/index.ts';
import { newSecret } from '../../access/index.ts';
import type { Role, Sees } from '../../contract/words.ts';
import { AppError } from '../../kernel/errors.ts';
import type { TeamId, UserId } from '../../kernel/ids.ts';
import { wrongField } from '../problems.ts';
import type { Checked, Subject } from '../subject.ts';
import { exists, requireFree, rowSubject } from './row.ts';

export interface UserData {
  /** Canonical. */
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly teamId: number | null;
  readonly language: 'ru' | 'en';
  readonly sees: Sees;
  readonly mayExport: boolean;
  readonly disabled: boolean;
}

/** A login is also the user part of a SIP address (RFC 3261 section 25.1): letters that need no escape there. */
const loginPattern = /^[a-z\d][a-z\d._-]{0,63}$/;

async function check(data: UserData, { tx, user, before }: Checked<UserData>): Promise<void> {
  if (before?.id === user.id && (data.role !== 'admin' || data.disabled))
    throw new AppError('conflict', 'an administrator cannot disable or demote himself', {
      details: { errors: [{ path: data.disabled ? 'body/disabled' : 'body/role', message: 'is yourself' }] },
    });
  if (!loginPattern.test(data.login))
    throw wrongField('login', 'takes Latin letters, digits, dot, dash and underscore');
  const wanted = { table: users, column: users.login, value: data.login };
  await requireFree(tx, wanted, { id: before?.id, field: 'login', label: users.name });
  if (data.teamId !== null && !(await exists(tx, teams, data.teamId)))
    throw wrongField('teamId', `there is no team ${data.teamId}`);
}

const rows = rowSubject({
  kind: 'user',
  table: users,
  nameOf: ({ name }: UserData) => name,
  toData: ({ login, name, role, teamId, language, sees, mayExport, disabledAt }): UserData => ({
    login,
    name,
    role,
    teamId,
    language,
    sees,
    mayExport,
    disabled: disabledAt !== null,
  }),
  toRow: ({ login, name, role, teamId, language, sees, mayExport }) => ({
    login,
    name,
    role,
    teamId: teamId as TeamId | null,
    language,
    sees,
    mayExport,
  }),
  check,
  retired: (data) => ({ ...data, disabled: true }),
});

/** Whoever has a team's form open must see that its people changed. */
async function touchTeams(tx: Executor, ids: readonly (number | null)[]): Promise<void> {
  const touched = ids.filter((id) => id !== null) as TeamId[];
  if (touched.length === 0) return;
  await tx.orm
    .update(teams)
    .set({ version: sql`${teams.version} + 1` })
    .where(inArray(teams.id, touched));
}

/** People who sign in. Nobody is ever removed: calls of the past name him. */
export const userSubject: Subject<UserData> = {
  ...rows,
  async insert(tx, data, { version }) {
    const [made] = await tx.orm
      .insert(users)
      .values({
        ...data,
        teamId: data.teamId as TeamId | null,
        // no password is the hash of this; the caller sets a real one in the same transaction
        passwordHash: '',
        sipSecret: newSecret(),
        version,
      })
      .returning({ id: users.id });
    if (!made) throw new Error('no user was made');
    await touchTeams(tx, [data.teamId]);
    return made.id;
  },
  async update(tx, data, { id, version }) {
    const before = await rows.read(tx, id);
    await rows.update(tx, data, { id, version });
    if (before && before.data.teamId !== data.teamId) await touchTeams(tx, [before.data.teamId, data.teamId]);
    if (before && before.data.disabled !== data.disabled) await setDisabled(tx, id as UserId, data.disabled);
  },
};

/** Whoever comes back has to say himself that he is ready. */
async function setDisabled(tx: Executor, id: UserId, disabled: boolean): Promise<void> {
  await tx.orm
    .update(users)
    .set({ disabledAt: disabled ? sql`now()` : null })
    .where(eq(users.id, id));
  await tx.orm
    .update(presence)
    .set({ status: 'not_ready', reason: 'signed_in', nextStatus: null, nextReason: '', since: sql`now()` })
    .where(eq(presence.userId, id));
}
