import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog, setupVersions, users } from '../../../db/schema/index.ts';
import { verifyPassword } from '../../../server/access/index.ts';
import type { UserId } from '../../../server/kernel/ids.ts';
import { password as firstPassword } from '../http/app-support.ts';
import { always, openSetupHouse, type SetupHouse } from './house.ts';

let house: SetupHouse;
beforeAll(async () => {
  house = await openSetupHouse();
});
afterAll(() => house.close());

const user = async (id: number) => {
  const { items } = await house.ok('admin', 'GET /api/v1/setup/users');
  const found = items.find((item) => item.id === id);
  if (!found) throw new Error(`no user ${id}`);
  return found;
};
const row = async (id: number) => {
  const [found] = await house.db.orm
    .select()
    .from(users)
    .where(eq(users.id, id as UserId));
  if (!found) throw new Error(`no row ${id}`);
  return found;
};

describe('rights', () => {
  it('an agent sees nothing, a supervisor reads and changes nothing of it', async () => {
    expect((await house.call('anna', 'GET /api/v1/setup/users')).status).toBe(403);
    expect((await house.call('olga', 'GET /api/v1/setup/users')).status).toBe(200);
    const body = { login: 'x', name: 'X', role: 'agent' as const };
    expect((await house.call('olga', 'POST /api/v1/setup/users', { body })).status).toBe(403);
  });
});

describe('whose clients somebody sees', () => {
  const add = async (login: string, body: object) => {
    const whole = { login, name: login, role: 'agent' as const, ...body };
    return (await house.ok('admin', 'POST /api/v1/setup/users', { body: whole })).user;
  };

  it('is by his role, unless it is said', async () => {
    expect(await add('see-1', {})).toMatchObject({ sees: 'team', mayExport: false });
    expect(await add('see-2', { role: 'supervisor' })).toMatchObject({ sees: 'team', mayExport: false });
    expect(await add('see-3', { role: 'admin' })).toMatchObject({ sees: 'all', mayExport: true });
    expect(await add('see-4', { sees: 'own', mayExport: true })).toMatchObject({ sees: 'own', mayExport: true });
  });

  it('was everybody’s before there was a choice', async () => {
    expect(await user(house.ids.anna)).toMatchObject({ sees: 'all', mayExport: false });
  });

  it('counts for open sessions at once, is a version, and goes back', async () => {
    const { id, version } = await user(house.ids.anna);
    const me = async () =>
      (await house.app.inject({ url: '/api/v1/session', headers: { cookie: house.cookie('anna') } })).json();
    expect(await me()).toMatchObject({ mayExport: false });
    const body = { version, sees: 'own' as const, mayExport: true };
    await house.ok('admin', 'PATCH /api/v1/setup/users/:id', { params: { id }, body });
    expect(await me()).toMatchObject({ mayExport: true });
    const querystring = { kind: 'user' as const, subjectId: id, limit: 1 };
    const [change] = (await house.ok('admin', 'GET /api/v1/setup/versions', { querystring })).items;
    expect(change?.changes).toEqual([
      { field: 'sees', before: 'all', after: 'own' },
      { field: 'mayExport', before: false, after: true },
    ]);
    const params = { id: change?.id ?? 0 };
    await house.ok('admin', 'POST /api/v1/setup/versions/:id/roll-back', { params });
    expect(await user(id)).toMatchObject({ sees: 'all', mayExport: false });
  });

  it('is left alone by a roll-back to a version that does not know it', async () => {
    const { id } = await add('see-5', { sees: 'own' });
    const old = { login: 'see-5', name: 'Old', role: 'agent', teamId: null, language: 'ru', disabled: false };
    const row = { kind: 'user', subjectId: id, subjectName: 'see-5', action: 'changed' } as const;
    const [made] = await house.db.orm
      .insert(setupVersions)
      .values({ ...row, before: old, after: { ...old, name: 'see-5' } })
      .returning();
    const params = { id: made?.id ?? 0 };
    await house.ok('admin', 'POST /api/v1/setup/versions/:id/roll-back', { params });
    expect(await user(id)).toMatchObject({ name: 'Old', sees: 'own' });
    await house.db.orm.delete(setupVersions).where(eq(setupVersions.id, params.id));
  });
});

describe('people', () => {
  it('a new person gets a generated password once and can sign in with it at once', async () => {
    const body = { login: ' Vera ', name: 'Vera', role: 'agent' as const };
    const { user: made, password } = await house.ok('admin', 'POST /api/v1/setup/users', { body });
    expect(made).toMatchObject({ login: 'vera', role: 'agent', version: 1, disabledAt: null, language: 'ru' });
    expect(password).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    const signedIn = await house.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { login: 'vera', password },
    });
    expect(signedIn.statusCode).toBe(200);
    expect(house.roster.byLogin('vera')?.row.name).toBe('Vera');
    expect(house.access.ha1('vera', 'r', 'SHA-256')).not.toBeNull();
  });

  it('names the field of a login that is taken or cannot be a SIP user', async () => {
    const post = (login: string) =>
      house.call('admin', 'POST /api/v1/setup/users', { body: { login, name: 'Y', role: 'agent' } });
    expect((await post('ANNA')).problem).toMatchObject({ code: 'already_taken', errors: [{ path: 'body/login' }] });
    expect((await post('анна')).problem).toMatchObject({ code: 'bad_request', errors: [{ path: 'body/login' }] });
  });

  it('an edit on an old version is refused with the present one', async () => {
    const before = await user(house.ids.boris);
    const patch = (version: number, name: string) =>
      house.call('admin', 'PATCH /api/v1/setup/users/:id', { params: { id: before.id }, body: { version, name } });
    expect((await patch(before.version, 'Boris V.')).body.version).toBe(before.version + 1);
    const late = await patch(before.version, 'Bob');
    expect(late.status).toBe(409);
    expect(late.problem).toMatchObject({ code: 'stale_version', version: before.version + 1 });
    expect(house.roster.agent(house.ids.boris)?.row.name).toBe('Boris V.');
  });

  it('of two edits at the same moment one is kept and the other is told', async () => {
    const { id, version } = await user(house.ids.olga);
    const patch = (name: string) =>
      house.call('admin', 'PATCH /api/v1/setup/users/:id', { params: { id }, body: { version, name } });
    const answers = await Promise.all([patch('Olga 1'), patch('Olga 2'), patch('Olga 3')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const kept = answers.find(({ status }) => status === 200)?.body.name;
    expect((await user(id)).name).toBe(kept);
    expect(house.roster.agent(house.ids.olga)?.row.name).toBe(kept);
  });

  it('a name of blanks is none', async () => {
    const body = { login: 'blank', name: '  ', role: 'agent' as const };
    const { problem } = await house.call('admin', 'POST /api/v1/setup/users', { body });
    expect(problem.errors?.[0]?.path).toBe('body/name');
  });

  it('what changes nothing is no version', async () => {
    const { version, name } = await user(house.ids.boris);
    const count = () => house.db.orm.$count(setupVersions);
    const before = await count();
    const params = { id: house.ids.boris };
    const same = await house.ok('admin', 'PATCH /api/v1/setup/users/:id', { params, body: { version, name } });
    expect(same.version).toBe(version);
    expect(await count()).toBe(before);
  });

  it('an administrator cannot disable or demote himself', async () => {
    const { version } = await user(house.ids.admin);
    for (const change of [{ disabled: true }, { role: 'agent' as const }]) {
      const body = { version, ...change };
      const answer = await house.call('admin', 'PATCH /api/v1/setup/users/:id', {
        params: { id: house.ids.admin },
        body,
      });
      expect([answer.status, answer.problem.code]).toEqual([409, 'conflict']);
    }
  });

  it('whoever is disabled is signed out at once, is nobody any more, and his ringing offer is withdrawn', async () => {
    const { ids, roster, dispatcher } = house;
    const admin = 'admin';
    await house.ok(admin, 'PUT /api/v1/setup/schedules/:id', {
      params: { id: ids.boris },
      body: { version: 0, timeZone: 'UTC', weekly: always, exceptions: [] },
    });
    const queue = await house.ok(admin, 'POST /api/v1/setup/queues', { body: { name: 'Q', memberIds: [ids.boris] } });
    house.ready('boris');
    const caller = house.arrive(1, queue.id);
    expect(roster.agent(ids.boris)?.work).toEqual({ kind: 'ringing', interactionId: caller });
    const withdrawn: unknown[] = [];
    roster.onWithdraw = (agent, interactionId) => {
      withdrawn.push([agent.id, interactionId]);
      roster.setWork(agent.id, null);
      dispatcher.notTaken(interactionId, agent.id, 'withdrawn');
    };
    const { version } = await user(ids.boris);
    const params = { id: ids.boris };
    await house.ok(admin, 'PATCH /api/v1/setup/users/:id', { params, body: { version, disabled: true } });
    expect(withdrawn).toEqual([[ids.boris, caller]]);
    expect(roster.agent(ids.boris)).toBeUndefined();
    expect(dispatcher.waiting(queue.id as never)).toHaveLength(1);
    expect((await house.call('boris', 'GET /api/v1/presence-reasons')).status).toBe(401);
    expect(house.access.ha1('boris', 'r', 'SHA-256')).toBeNull();

    const back = await house.ok(admin, 'PATCH /api/v1/setup/users/:id', {
      params,
      body: { version: version + 1, disabled: false },
    });
    expect(back.disabledAt).toBeNull();
    expect(roster.agent(ids.boris)?.status).toBe('not_ready');
    dispatcher.remove(caller);
  });

  it('a login does not change under a call', async () => {
    house.roster.setWork(house.ids.anna, { kind: 'on_call', interactionId: 'i9' as never });
    const { version } = await user(house.ids.anna);
    const params = { id: house.ids.anna };
    const patch = (body: { login?: string; name?: string }) =>
      house.call('admin', 'PATCH /api/v1/setup/users/:id', { params, body: { version, ...body } });
    expect((await patch({ login: 'anna2' })).problem.code).toBe('agent_busy');
    expect((await patch({ name: 'Anna B.' })).status).toBe(200);
    expect(house.roster.agent(house.ids.anna)?.work?.kind).toBe('on_call');
    house.roster.setWork(house.ids.anna, null);
  });

  it('a new password ends his sessions, and no version holds a secret', async () => {
    const params = { id: house.ids.anna };
    const { password } = await house.ok('admin', 'POST /api/v1/setup/users/:id/password', { params, body: {} });
    expect((await house.call('anna', 'GET /api/v1/presence-reasons')).status).toBe(401);
    expect(await verifyPassword(password ?? '', (await row(house.ids.anna)).passwordHash)).toBe(true);
    expect((await user(house.ids.anna)).passwordSetAt).not.toBeNull();
    const before = house.access.ha1('anna', 'r', 'MD5');
    const shown = await house.ok('admin', 'POST /api/v1/setup/users/:id/sip-secret', { params });
    expect(shown).toEqual({ aor: 'anna', realm: 'switchroom.test', secret: (await row(house.ids.anna)).sipSecret });
    expect(house.access.ha1('anna', 'r', 'MD5')).not.toBe(before);
    const { passwordHash, sipSecret } = await row(house.ids.anna);
    const kept = JSON.stringify([
      await house.db.orm.select().from(setupVersions),
      await house.db.orm.select().from(auditLog),
      house.journal,
    ]);
    for (const secret of [password ?? '', passwordHash, sipSecret]) expect(kept).not.toContain(secret);
  });

  it('an administrator who replaces his own password stays to read it, and is signed out elsewhere', async () => {
    const params = { id: house.ids.admin };
    const elsewhere = await house.access.signIn({
      login: 'admin',
      password: firstPassword,
      address: '192.0.2.1',
      userAgent: 'another',
    });
    const { password } = await house.ok('admin', 'POST /api/v1/setup/users/:id/password', { params, body: {} });
    expect(await house.access.findSession(elsewhere.token)).toBeNull();
    expect((await house.call('admin', 'GET /api/v1/setup/users')).status).toBe(200);
    expect(await verifyPassword(password ?? '', (await row(house.ids.admin)).passwordHash)).toBe(true);
  });

  it('every change is in the journal and in the audit log', async () => {
    const lines = await house.db.orm.select().from(auditLog).where(eq(auditLog.action, 'setup.changed'));
    const events = house.journal.filter(({ type }) => type === 'setup.changed');
    expect(lines.length).toBe(await house.db.orm.$count(setupVersions));
    expect(events.length).toBe(lines.length);
    expect(lines[0]).toMatchObject({ userId: house.ids.admin, allowed: true });
    expect(house.changed).toContainEqual(['user', house.ids.boris]);
  });
});

describe('teams', () => {
  it('has members and supervisors; a supervisor then reaches their schedules and no others', async () => {
    const { ids } = house;
    const team = await house.ok('admin', 'POST /api/v1/setup/teams', {
      body: { name: 'Sales', memberIds: [ids.anna], supervisorIds: [ids.olga] },
    });
    expect(team.members.map(({ id }) => id)).toEqual([ids.anna]);
    const { items } = await house.ok('olga', 'GET /api/v1/setup/schedules');
    const may = Object.fromEntries(items.map(({ user, canChange }) => [user.id, canChange]));
    expect([may[ids.anna], may[ids.boris]]).toEqual([true, false]);

    const gone = await house.call('admin', 'DELETE /api/v1/setup/teams/:id', {
      params: { id: team.id },
      querystring: { version: team.version },
    });
    expect(gone.problem).toMatchObject({ code: 'conflict', usedBy: [{ kind: 'user', id: ids.anna }] });
    const emptied = await house.ok('admin', 'PATCH /api/v1/setup/teams/:id', {
      params: { id: team.id },
      body: { version: team.version, memberIds: [] },
    });
    expect((await user(ids.anna)).teamId).toBeNull();
    await house.ok('admin', 'DELETE /api/v1/setup/teams/:id', {
      params: { id: team.id },
      querystring: { version: emptied.version },
    });
    expect((await house.ok('admin', 'GET /api/v1/setup/teams')).items).toEqual([]);
  });

  it('an agent leads no team', async () => {
    const answer = await house.call('admin', 'POST /api/v1/setup/teams', {
      body: { name: 'Odd', supervisorIds: [house.ids.boris] },
    });
    expect(answer.problem).toMatchObject({ code: 'bad_request', errors: [{ path: 'body/supervisorIds' }] });
  });

  it('a change of a person’s team makes an open form of the team old', async () => {
    const team = await house.ok('admin', 'POST /api/v1/setup/teams', { body: { name: 'Care' } });
    const { version } = await user(house.ids.boris);
    await house.ok('admin', 'PATCH /api/v1/setup/users/:id', {
      params: { id: house.ids.boris },
      body: { version, teamId: team.id },
    });
    const late = await house.call('admin', 'PATCH /api/v1/setup/teams/:id', {
      params: { id: team.id },
      body: { version: team.version, memberIds: [] },
    });
    expect(late.problem.code).toBe('stale_version');
  });
});
