import { eq } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  channelAccounts,
  consents,
  inboundRules,
  messageOutbox,
  messageTemplates,
  suppressions,
  users,
} from '../../../db/schema/index.ts';
import { type Access, createAccess, hashPassword } from '../../../server/access/index.ts';
import type { Role } from '../../../server/contract/words.ts';
import type { MessageId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { createGate } from '../../../server/messages/gate/index.ts';
import { createMessages } from '../../../server/messages/index.ts';
import { arrivalsOf } from '../../support/arrivals.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type MessagesHouse, openMessagesHouse } from '../../support/messages-house.ts';
import { buildTestApp, callsOver, password, signIn } from '../http/app-support.ts';
import { createScriptedChannel } from './outbox/scripted-channel.ts';

/** `pavel` sees his own clients only; `olga` leads; `nobody` is not signed in. */
type Person = 'anna' | 'boris' | 'pavel' | 'olga' | 'nobody';

let db: TestDatabase;
let house: MessagesHouse;
let access: Access;
let app: FastifyInstance;
let call: ReturnType<typeof callsOver<Person>>;
let numbers = 0;

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openMessagesHouse(db);
  const passwordHash = await hashPassword(password);
  await db.orm.update(users).set({ passwordHash });
  const person = (login: string, role: Role, sees: 'own' | 'all') => ({
    login,
    name: login,
    role,
    sees,
    sipSecret: '',
  });
  const others = [person('pavel', 'agent', 'own'), person('olga', 'supervisor', 'all')];
  await db.orm.insert(users).values(others.map((row) => ({ ...row, passwordHash })));
  access = await createAccess({ db, clock: house.clock, log: silentLog, realm: 'switchroom.test' });
  const room = createMessages(house.context);
  app = await buildTestApp({ access }, { routes: [room.routes] });
  const [anna, boris, pavel, olga] = await Promise.all(
    ['anna', 'boris', 'pavel', 'olga'].map((login) => signIn(app, login)),
  );
  const cookies = { anna: anna ?? '', boris: boris ?? '', pavel: pavel ?? '', olga: olga ?? '', nobody: '' };
  call = callsOver<Person>(app, cookies);
});
afterAll(async () => {
  await app.close();
  await access.close();
  await db.close();
});

/** A client of Anna's with a number and a mail address. */
async function addClient(name = 'Ivan Petrov') {
  const number = String(2_000_000 + numbers++);
  const phone = `+7916${number}`;
  const mail = `client${number}@example.org`;
  const contactPoints = [
    { kind: 'phone' as const, value: phone },
    { kind: 'email' as const, value: mail },
  ];
  const { id } = await house.clients.create({ name, contactPoints, responsibleId: house.anna.id }, house.anna);
  return { id, phone, mail };
}

describe('consents', () => {
  const note = (person: Person, id: number, body: { value?: string; state?: 'refused' | 'given'; evidence?: string }) =>
    call(person, 'POST /api/v1/clients/:id/consents', {
      params: { id },
      body: { state: 'refused', evidence: 'said so on the phone', ...body },
    });

  it('are noted of an address as it is written, or of the person, with who and why', async () => {
    const { id, phone } = await addClient();
    const written = phone.replace('+7', '8 ');
    expect(await note('anna', id, { value: written })).toMatchObject({
      status: 200,
      body: { kind: 'phone', value: phone, state: 'refused', source: 'agent', user: { name: 'Anna' }, channel: null },
    });
    house.clock.advance(1_000);
    expect((await note('olga', id, { state: 'given', evidence: '  changed his mind ' })).body).toMatchObject({
      kind: 'client',
      value: String(id),
      evidence: 'changed his mind',
    });
    const { items } = (await call('boris', 'GET /api/v1/clients/:id/consents', { params: { id } })).body;
    expect(items.map(({ kind, state }) => [kind, state])).toEqual([
      ['client', 'given'],
      ['phone', 'refused'],
    ]);
  });

  it('are not noted of what is no address, of somebody else’s, or without a reason', async () => {
    const { id } = await addClient();
    const other = await addClient();
    const before = await db.orm.$count(consents);
    const problems = async (body: Parameters<typeof note>[2]) => {
      const { status, problem } = await note('anna', id, body);
      return [status, problem.code, problem.errors?.[0]?.path];
    };
    expect(await problems({ value: '12' })).toEqual([422, 'invalid_number', undefined]);
    expect(await problems({ value: 'a@b' })).toEqual([422, 'invalid_email', undefined]);
    expect(await problems({ value: other.phone })).toEqual([404, 'not_found', undefined]);
    expect(await problems({ evidence: '' })).toEqual([400, 'bad_request', 'body/evidence']);
    expect(await problems({ state: 'perhaps' as 'given' })).toEqual([400, 'bad_request', 'body/state']);
    expect(await db.orm.$count(consents)).toBe(before);
  });

  it('are of cards that one may see', async () => {
    const { id } = await addClient();
    const seen = (person: Person, of: number) =>
      call(person, 'GET /api/v1/clients/:id/consents', { params: { id: of } });
    expect((await note('pavel', id, {})).status).toBe(404);
    expect((await seen('pavel', id)).problem.code).toBe('not_found');
    expect((await seen('anna', 999_999)).status).toBe(404);
    expect((await seen('nobody', id)).problem.code).toBe('not_signed_in');
    expect((await note('nobody', id, {})).status).toBe(401);
  });
});

describe('a closed address', () => {
  const open = (person: Person, value: string, channel = 'email') =>
    call(person, 'DELETE /api/v1/suppressions/:channel/:value', { params: { channel: channel as 'email', value } });

  it('is shown on the card, and opened by those who lead, once', async () => {
    const { id, mail } = await addClient();
    const row = { channel: 'email' as const, value: mail, reason: 'gone' as const, evidence: '550 no such user' };
    await db.orm.insert(suppressions).values(row);
    const shown = async () =>
      (await call('anna', 'GET /api/v1/clients/:id/consents', { params: { id } })).body.suppressions;
    expect(await shown()).toMatchObject([row]);
    expect((await open('anna', mail)).problem.code).toBe('forbidden');
    expect((await open('nobody', mail)).status).toBe(401);
    expect((await open('olga', mail, 'pigeon')).problem.code).toBe('bad_request');
    expect(await shown()).toHaveLength(1);
    expect(await open('olga', mail)).toMatchObject({ status: 200, body: { ok: true } });
    expect(await shown()).toEqual([]);
    expect((await open('olga', mail)).problem.code).toBe('not_found');
    const told = house.heard.filter(({ type }) => type === 'address.opened');
    expect(told).toMatchObject([{ data: { channel: 'email', value: mail } }]);
  });
});

describe('templates', () => {
  it('are listed without archived ones, and filled in for a client that one may see', async () => {
    const { id: clientId } = await addClient();
    const row = {
      name: 'Hello',
      shortcut: 'hi',
      body: 'Dear {{client.firstName}}, {{agent.name}} at {{client.company}}',
    };
    const rows = [row, { ...row, name: 'Old', shortcut: 'old', archivedAt: new Date(house.clock.now()) }];
    const [hello, old] = await db.orm.insert(messageTemplates).values(rows).returning();
    const { items } = (await call('anna', 'GET /api/v1/templates')).body;
    expect(items.map(({ shortcut }) => shortcut)).toEqual(['hi']);
    const render = (person: Person, id = hello?.id ?? 0, body: { clientId: number } = { clientId }) =>
      call(person, 'POST /api/v1/templates/:id/render', { params: { id }, body });
    expect((await render('anna')).body).toEqual({
      subject: '',
      text: 'Dear Ivan, Anna at {{client.company}}',
      missing: ['client.company'],
    });
    expect((await render('anna', old?.id)).problem.code).toBe('not_found');
    expect((await render('pavel')).problem.code).toBe('not_found');
    expect((await render('anna', hello?.id, { clientId: 'x' as never })).problem.errors?.[0]?.path).toBe(
      'body/clientId',
    );
    expect((await render('nobody')).status).toBe(401);
    expect((await call('nobody', 'GET /api/v1/templates')).status).toBe(401);
  });
});

describe('addresses', () => {
  it('are those of accounts that are on, with whether they work', async () => {
    const { sms, email, chat, channels } = house;
    channels.set(sms.accountId, createScriptedChannel(sms.accountId, 'sms'));
    await db.orm.update(channelAccounts).set({ enabled: false }).where(eq(channelAccounts.id, chat.accountId));
    const { items } = (await call('anna', 'GET /api/v1/addresses')).body;
    expect(items.map(({ id, up, isDefault }) => ({ id, up, isDefault }))).toEqual([
      { id: email.addressId, up: false, isDefault: true },
      { id: sms.addressId, up: true, isDefault: true },
    ]);
    expect(JSON.stringify(items)).not.toContain('accountId');
    expect((await call('nobody', 'GET /api/v1/addresses')).status).toBe(401);
    await db.orm.update(channelAccounts).set({ enabled: true });
    channels.delete(sms.accountId);
  });
});

describe('a failed message', () => {
  const resolve = (person: Person, id: string) => call(person, 'POST /api/v1/messages/:id/resolve', { params: { id } });

  async function write(clientId: number): Promise<MessageId> {
    const common = { channel: 'sms' as const, mode: 'new' as const, to: [], cc: [], subject: '', attachmentIds: [] };
    const message = { ...common, clientId, purpose: 'service' as const, text: 'Hello' };
    const key = `key of ${clientId}`;
    const written = await call('anna', 'POST /api/v1/messages', { body: { key, message, despiteWarnings: true } });
    if (written.status !== 200) throw new Error(JSON.stringify(written.problem));
    return written.body.entry.id as string as MessageId;
  }

  it('is put away by its writer or those who lead, when it has failed', async () => {
    const { id: clientId } = await addClient();
    const id = await write(clientId);
    expect((await resolve('anna', id)).problem.code).toBe('illegal_transition');
    await db.orm.update(messageOutbox).set({ state: 'dead' }).where(eq(messageOutbox.id, id));
    expect((await resolve('boris', id)).problem.code).toBe('forbidden');
    expect((await resolve('pavel', id)).problem.code).toBe('not_found');
    expect((await resolve('nobody', id)).status).toBe(401);
    const failed = async () => (await call('olga', 'GET /api/v1/failed-messages')).body.items.map((item) => item.id);
    expect(await failed()).toEqual([id]);
    expect((await resolve('olga', id)).body).toEqual({ ok: true });
    expect((await resolve('anna', id)).status).toBe(200);
    expect(await failed()).toEqual([]);
    const [row] = await db.orm.select().from(messageOutbox).where(eq(messageOutbox.id, id));
    expect(row?.resolvedById).not.toBe(house.anna.id);
  });

  it('must be one', async () => {
    expect((await resolve('anna', 'no-id')).problem).toMatchObject({
      code: 'bad_request',
      errors: [{ path: 'params/id' }],
    });
    expect((await resolve('anna', '018f0000-0000-7000-8000-000000000000')).problem.code).toBe('not_found');
  });
});

describe('an automatic answer', () => {
  const may = (address: string, channel: 'sms' | 'email' = 'email') => {
    const gate = createGate(house.context, { whoWrites: () => [] });
    return gate.mayAutoReply(db, { channel, address });
  };
  const close = (value: string, failures: number) =>
    db.orm
      .insert(suppressions)
      .values({ channel: 'email', value, reason: 'unreachable', evidence: '4.2.2 full', failures });

  it('goes to whoever may be written to', async () => {
    const { id, mail, phone } = await addClient();
    expect([await may(mail), await may(phone, 'sms')]).toEqual([true, true]);
    await call('anna', 'POST /api/v1/clients/:id/consents', {
      params: { id },
      body: { value: mail, state: 'refused', evidence: 'wants no letters' },
    });
    expect([await may(mail), await may(phone, 'sms')]).toEqual([false, true]);
  });

  it('never goes to ourselves, nor where it would bounce', async () => {
    expect(await may(house.email.value)).toBe(false);
    await close('once-full@example.org', 1);
    await close('always-full@example.org', 5);
    expect([await may('once-full@example.org'), await may('always-full@example.org')]).toEqual([true, false]);
  });

  it('goes once in a day', async () => {
    const address = 'asks-often@example.org';
    const rule = { name: 'thanks', match: 'any' as const, action: 'reply' as const, text: 'We will answer' };
    await db.orm.insert(inboundRules).values(rule);
    const arrivals = arrivalsOf(house);
    const room = createMessages(house.context);
    await room.receive(arrivals.letter(address, 'Hello'));
    expect(await may(address)).toBe(false);
    house.clock.advance(24 * 60 * 60_000 + 1);
    expect(await may(address)).toBe(true);
  });
});
