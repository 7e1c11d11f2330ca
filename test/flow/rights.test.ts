import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { teams, users } from '../../db/schema/index.ts';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import type { PlacedCall } from '../../demo/actors/sip-agent.ts';
import { until } from '../../demo/actors/within.ts';
import type { OperationKey } from '../../server/contract/api.ts';
import { type CallCenter, openCallCenter, tones } from '../support/call-center.ts';

/**
 * Anna and Olga are of the team of sales; Boris is too, but sees his own clients only. Egor is a supervisor of another
 * team.
 */
describe('rights by role and team', () => {
  let center: CallCenter;
  let egor: ApiClient;
  let admin: ApiClient;
  let client: { id: number; number: string };
  let recordingId: string;

  beforeAll(async () => {
    center = await openCallCenter({
      agents: ['anna', 'boris'],
      queue: { recordCalls: true },
      async prepare(db) {
        await db.orm.update(users).set({ sees: 'own' }).where(eq(users.login, 'boris'));
        const [service] = await db.orm.insert(teams).values({ name: 'Service' }).returning();
        const [anna] = await db.orm.select().from(users).where(eq(users.login, 'anna'));
        if (!service || !anna) throw new Error('no team or no Anna');
        const { passwordHash } = anna;
        const rights = { role: 'supervisor', sees: 'team', teamId: service.id } as const;
        await db.orm.insert(users).values({ login: 'egor', name: 'Егор', passwordHash, sipSecret: 'x', ...rights });
      },
    });
    egor = await center.server.signIn('egor');
    admin = await center.server.signIn('admin');
    client = await center.makeClient('Секретный Клиент', 'anna');
  });
  afterAll(() => center?.close());

  const cardDoors = [
    ['GET /api/v1/clients/:id', undefined],
    ['PATCH /api/v1/clients/:id', { version: 1, name: 'x' }],
    ['POST /api/v1/clients/:id/contact-points', { kind: 'email', value: 'x@example.com' }],
    ['GET /api/v1/clients/:id/identity', undefined],
    ['GET /api/v1/clients/:id/timeline', undefined],
    ['POST /api/v1/clients/:id/notes', { body: 'x' }],
    ['GET /api/v1/clients/:id/tasks', undefined],
    ['GET /api/v1/clients/:id/owed', undefined],
  ] as const;

  it("does not show Anna's client to Boris by any door of the API, and says no more than of a card that is not there", async () => {
    for (const [key, body] of cardDoors) {
      const hidden = await raw('boris', key, client.id, body);
      const absent = await raw('boris', key, 99_999_999, body);
      expect([key, hidden.status, hidden.code]).toEqual([key, 404, 'not_found']);
      expect(hidden.detail.replaceAll(String(client.id), 'N')).toBe(absent.detail.replaceAll('99999999', 'N'));
    }
    const found = await center.desk('boris').call('GET /api/v1/clients', { querystring: { q: 'секретный' } });
    expect(found.items).toEqual([]);
    const call = center
      .desk('boris')
      .call('POST /api/v1/calls', { body: { number: client.number, clientId: client.id } });
    await expect(call).rejects.toMatchObject({ status: 404 });
    const task = { kind: 'callback' as const, clientId: client.id, dueAt: new Date(Date.now() + 60_000).toISOString() };
    await expect(center.desk('boris').call('POST /api/v1/tasks', { body: task })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('tells Boris whom to ask about a number of hers, and nothing of the client', async () => {
    const mine = await center.makeClient('Клиент Бориса', 'boris');
    const body = { kind: 'phone', value: client.number };
    const answer = await raw('boris', 'POST /api/v1/clients/:id/contact-points', mine.id, body);
    expect(answer).toMatchObject({ status: 409, code: 'already_taken', responsible: 'Анна Белова' });
    expect(JSON.stringify(answer)).not.toContain('Секретный');
  });

  it('pushes her card to Anna and the supervisor of her team, and to nobody else', async () => {
    const [boris, anna] = [center.desk('boris'), center.desk('anna')];
    await expect(boris.watchCard(client.id)).rejects.toThrow();
    await anna.watchCard(client.id);
    await center.olga.call('POST /api/v1/clients/:id/notes', { params: { id: client.id }, body: { body: 'Заметка' } });
    await anna.waitFor('timeline', ({ entry }) => entry.note === 'Заметка');
    expect(boris.pushes.some(({ push }) => push.type === 'timeline' && push.entry.clientId === client.id)).toBe(false);
  });

  it("keeps Anna's talk from a supervisor of another team: he cannot listen, end it, or set her status", async () => {
    const { call, interactionId: id } = await talk('anna');
    const params = { id };
    await expect(egor.call('POST /api/v1/interactions/:id/listen', { params })).rejects.toMatchObject({ status: 403 });
    await expect(egor.call('POST /api/v1/interactions/:id/hang-up', { params })).rejects.toMatchObject({ status: 403 });
    await expect(egor.call('GET /api/v1/interactions/:id', { params })).rejects.toMatchObject({ status: 404 });
    const presence = { params: { id: center.desk('anna').me.id }, body: { status: 'not_ready' as const } };
    await expect(egor.call('PUT /api/v1/agents/:id/presence', presence)).rejects.toMatchObject({ status: 403 });
    expect((await egor.call('GET /api/v1/agents')).items.map(({ name }) => name)).toEqual(['Егор']);
    const seen = await center.olga.call('GET /api/v1/interactions/:id', { params });
    expect(seen.state).toBe('active');
    await center.olga.call('POST /api/v1/interactions/:id/hang-up', { params });
    await call.ended;
    await center.quiet();
  });

  it('plays the recording to those who see the client, and to nobody else', async () => {
    const entry = (await center.desk('anna').timelineOf(client.id)).find(({ recording }) => recording !== null);
    recordingId = entry?.recording?.id ?? '';
    const path = `/api/v1/recordings/${recordingId}`;
    expect((await center.desk('anna').download(path)).length).toBeGreaterThan(44);
    expect((await center.olga.download(path)).length).toBeGreaterThan(44);
    await expect(center.desk('boris').download(path)).rejects.toMatchObject({ status: 404 });
    await expect(egor.download(path)).rejects.toMatchObject({ status: 404 });
  });

  it('shows the client to Boris from the moment he is rung for him, and after the talk', async () => {
    await center.desk('anna').setStatus('not_ready');
    const boris = center.desk('boris');
    const call = await center.call(client.number);
    const offer = await center.offerOf('boris', client.number);
    expect(offer.pop.card).toMatchObject({ id: client.id, name: 'Секретный Клиент' });
    const params = { id: client.id };
    expect(await boris.call('GET /api/v1/clients/:id', { params })).toMatchObject({ name: 'Секретный Клиент' });
    await boris.watchCard(client.id);
    (await boris.phone.nextCall()).answer();
    await call.answered();
    call.hangUp();
    await center.quiet();
    await boris.call('POST /api/v1/clients/:id/notes', { params, body: { body: 'Договорились' } });
    expect((await boris.download(`/api/v1/recordings/${recordingId}`)).length).toBeGreaterThan(44);
  });

  it('counts at once when an administrator changes it', async () => {
    const { id } = await center.makeClient('Второй Клиент', 'anna');
    const boris = center.desk('boris');
    await expect(boris.call('GET /api/v1/clients/:id', { params: { id } })).rejects.toMatchObject({ status: 404 });
    await setSees('boris', 'team');
    expect(await boris.call('GET /api/v1/clients/:id', { params: { id } })).toMatchObject({ name: 'Второй Клиент' });
    await boris.watchCard(id);
    await setSees('boris', 'own');
    await expect(boris.call('GET /api/v1/clients/:id', { params: { id } })).rejects.toMatchObject({ status: 404 });
    const before = boris.pushes.length;
    await center.olga.call('POST /api/v1/clients/:id/notes', { params: { id }, body: { body: 'После' } });
    await expect(boris.watchCard(id)).rejects.toThrow();
    expect(boris.pushes.slice(before).some(({ push }) => push.type === 'timeline')).toBe(false);
  });

  it('stands in the audit log: who looked, who heard, who was refused', async () => {
    const querystring = { clientId: client.id, limit: 200 };
    const lines = await until(
      async () => {
        const { items } = await admin.call('GET /api/v1/audit', { querystring });
        const told = items.map(({ user, action, allowed }) => `${user?.name} ${action} ${allowed}`);
        return told.includes('Борис Ветров client.shown true') ? told : null;
      },
      5_000,
      'the lines of the audit log',
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        'Борис Ветров client.viewed false',
        'Борис Ветров client.viewed true',
        'Анна Белова client.shown true',
        'Анна Белова recording.played true',
        'Борис Ветров recording.played false',
        'Егор recording.played false',
      ]),
    );
    await expect(center.olga.call('GET /api/v1/audit')).rejects.toMatchObject({ status: 403 });
  });

  async function setSees(login: string, sees: 'own' | 'team' | 'all'): Promise<void> {
    const { items } = await admin.call('GET /api/v1/setup/users');
    const user = items.find((candidate) => candidate.login === login);
    if (!user) throw new Error(`no ${login}`);
    const { id, version } = user;
    await admin.call('PATCH /api/v1/setup/users/:id', { params: { id }, body: { version, sees } });
  }

  /** The client and this agent talk with each other for a moment. */
  async function talk(login: 'anna' | 'boris'): Promise<{ call: PlacedCall; interactionId: string }> {
    const call = await center.call(client.number);
    const { interaction } = await center.offerOf(login, client.number);
    (await center.desk(login).phone.nextCall()).answer();
    await call.answered();
    await call.tones([tones[login]]);
    return { call, interactionId: interaction.id };
  }

  /** By hand, with a body that the type of one operation alone would not allow. */
  async function raw(login: 'boris', key: OperationKey, id: number, body: unknown) {
    const [method = '', path = ''] = key.split(' ');
    const response = await fetch(center.server.url + path.replace(':id', String(id)), {
      method,
      headers: { cookie: center.desk(login).cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const problem = (await response.json()) as { code: string; detail: string };
    return { ...problem, status: response.status };
  }
});
