import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog, channelAccounts, clients, conversations, journal, setupVersions } from '../../../db/schema/index.ts';
import type { NewAccount, SetupAccount } from '../../../server/contract/setup-message-schemas.ts';
import { templateFieldNames } from '../../../server/contract/setup-message-words.ts';
import type { AccountId, AddressId, ClientId, ConversationId, QueueId } from '../../../server/kernel/ids.ts';
import { templateFields } from '../../../server/messages/compose/fields.ts';
import { openSetupHouse, type SetupHouse } from './house.ts';

let house: SetupHouse;
let queueId: number;
beforeAll(async () => {
  house = await openSetupHouse();
  queueId = (await house.ok('admin', 'POST /api/v1/setup/queues', { body: { name: 'Sales' } })).id;
});
afterAll(() => house.close());

const address = (value: string, more: Partial<NewAccount['addresses'][number]> = {}) => ({
  value,
  name: 'Shop',
  queueId,
  isDefault: false,
  ...more,
});
const smpp = (name: string, value: string): NewAccount => ({
  kind: 'smpp',
  name,
  settings: { host: 'smsc.example.com', port: 2775 },
  secrets: { systemId: 'shop', password: 'hush-123' },
  addresses: [address(value)],
});
const mailbox = (name: string, value: string): NewAccount => ({
  kind: 'mailbox',
  name,
  settings: {
    imap: { host: 'imap.example.com', user: 'shop' },
    smtp: { host: 'smtp.example.com', user: 'shop' },
  },
  addresses: [address(value)],
});
const make = (body: NewAccount) => house.ok('admin', 'POST /api/v1/setup/channel-accounts', { body });
const change = (account: Pick<SetupAccount, 'id' | 'version'>, body: object) =>
  house.call('admin', 'PATCH /api/v1/setup/channel-accounts/:id', {
    params: { id: account.id },
    body: { version: account.version, ...body },
  });
const read = async (id: number) => {
  const { items } = await house.ok('admin', 'GET /api/v1/setup/channel-accounts');
  return items.find((account) => account.id === id);
};
const lastVersion = async (kind: 'channel_account' | 'message_template' | 'inbound_rule' | 'message_settings') => {
  const { items } = await house.ok('admin', 'GET /api/v1/setup/versions', { querystring: { kind, limit: 1 } });
  if (!items[0]) throw new Error('no version');
  return items[0];
};

/** Somebody wrote to this address. */
async function converse(addressId: number): Promise<void> {
  const [client] = await house.db.orm.insert(clients).values({ kind: 'person', name: 'Ivan' }).returning();
  await house.db.orm.insert(conversations).values({
    id: `00000000-0000-7000-8000-${String(addressId).padStart(12, '0')}` as ConversationId,
    channel: 'sms',
    clientId: client?.id as ClientId,
    addressId: addressId as AddressId,
    peer: '+79160000001',
    state: 'answered',
    queueId: queueId as QueueId,
    lastMessageAt: new Date(house.clock.now()),
    lastDirection: 'out',
    openedAt: new Date(house.clock.now()),
  });
}

describe('accounts', () => {
  it('are stored whole: settings with their defaults, addresses in one form, secrets by name alone', async () => {
    const made = await make(smpp('Gate', '8 (495) 000-10-01'));
    expect(made).toMatchObject({
      version: 1,
      kind: 'smpp',
      channel: 'sms',
      enabled: true,
      settings: { host: 'smsc.example.com', port: 2775, tls: false, window: 10, longMessages: 'udh' },
      addresses: [{ value: '+74950001001', name: 'Shop', queueId, isDefault: true }],
      secrets: ['password', 'systemId'],
      webhookUrl: `https://desk.example/channels/${made.id}/`,
    });
    expect(house.changed).toContainEqual(['channel_account', made.id]);
  });

  it.each([
    ['8 916 000-00-01', 'sms', '+79160000001'],
    ['SHOP', 'sms', 'SHOP'],
    ['4443', 'sms', '4443'],
    ['  Sales@Example.COM ', 'email', 'sales@example.com'],
  ])('read "%s" of %s as %s', async (written, channel, value) => {
    const name = `Reads ${written}`;
    const made = await make(channel === 'sms' ? smpp(name, written) : mailbox(name, written));
    expect(made.addresses[0]?.value).toBe(value);
  });

  it('name the wrong field', async () => {
    const wrong: readonly (readonly [Partial<NewAccount> & { kind?: NewAccount['kind'] }, string, number])[] = [
      [{ settings: { host: 'smsc.example.com', port: 0 } }, 'body/settings/port', 400],
      [{ settings: { port: 2775 } }, 'body/settings/host', 400],
      [{ secrets: { systemId: 'shop' } }, 'body/secrets/password', 400],
      [{ secrets: { systemId: 'shop', password: 'much too long' } }, 'body/secrets/password', 400],
      [{ secrets: { systemId: 'a', password: 'b', token: 'c' } }, 'body/secrets/token', 400],
      [{ addresses: [] }, 'body/addresses', 400],
      [{ addresses: [address('nonsense!')] }, 'body/addresses/0/value', 400],
      [{ addresses: [address('SHOPS', { queueId: 999 })] }, 'body/addresses/0/queueId', 400],
      [{ addresses: [address('SHOPS'), address('SHOPS')] }, 'body/addresses/1/value', 400],
      [{ addresses: [address('8 495 000 10 01')] }, 'body/addresses/0/value', 409],
      [{ addresses: [address('AA', { isDefault: true }), address('BB', { isDefault: true })] }, 'body/addresses', 400],
      [{ name: 'Gate' }, 'body/name', 409],
      [
        { kind: 'twilio', settings: { accountSid: 'AC1' }, secrets: { authToken: 'x' } },
        'body/settings/accountSid',
        400,
      ],
      [{ kind: 'mailbox', settings: { imap: { host: 'a b', user: 'u' } } }, 'body/settings/imap/host', 400],
    ];
    for (const [more, path, status] of wrong) {
      const body = { ...smpp('Wrong', 'WRONG'), ...more };
      const answer = await house.call('admin', 'POST /api/v1/setup/channel-accounts', { body });
      expect([answer.status, answer.problem.errors?.[0]?.path], JSON.stringify(more)).toEqual([status, path]);
    }
    expect(await house.db.orm.$count(channelAccounts, eq(channelAccounts.name, 'Wrong'))).toBe(0);
  });

  it('a chat calls a line of ours, and such a line stays what it is', async () => {
    const number = '+74951110077';
    const site = (callLine: string): NewAccount => ({
      kind: 'web_chat',
      name: 'Site',
      settings: { callLine },
      addresses: [address('site')],
    });
    const refused = await house.call('admin', 'POST /api/v1/setup/channel-accounts', { body: site(number) });
    expect(refused).toMatchObject({
      status: 400,
      problem: {
        code: 'bad_request',
        errors: [{ path: 'body/settings/callLine', message: `there is no line ${number}` }],
      },
    });
    const carrier = { name: 'Carrier', host: 'sip.example.com' };
    const { id: trunkId } = await house.ok('admin', 'POST /api/v1/setup/trunks', { body: carrier });
    const body = { name: 'From the page', number, trunkId, queueId };
    const line = await house.ok('admin', 'POST /api/v1/setup/lines', { body });
    const made = await make(site(number));
    expect(made.settings).toMatchObject({ callLine: number });
    expect((await change(made, { settings: { callLine: '+74951110078' } })).status).toBe(400);

    const params = { id: line.id };
    const usedBy = [{ kind: 'channel_account', id: made.id, name: 'Site' }];
    const remove = () =>
      house.call('admin', 'DELETE /api/v1/setup/lines/:id', { params, querystring: { version: line.version } });
    expect(await remove()).toMatchObject({ status: 409, problem: { code: 'conflict', usedBy } });
    const other = { version: line.version, number: '+74951110078' };
    const renumbered = await house.call('admin', 'PATCH /api/v1/setup/lines/:id', { params, body: other });
    expect(renumbered).toMatchObject({ status: 409, problem: { code: 'conflict', usedBy } });
    expect((await change(made, { settings: {} })).status).toBe(200);
    expect((await remove()).status).toBe(200);
  });

  it('an absent secret stays, an empty one goes, and the account is told anew', async () => {
    const made = await make({
      ...mailbox('Box', 'box@example.com'),
      secrets: { password: 'one', smtpPassword: 'two' },
    });
    const secretsOf = async () =>
      (
        await house.db.orm
          .select()
          .from(channelAccounts)
          .where(eq(channelAccounts.id, made.id as AccountId))
      )[0]?.secrets;
    expect((await change(made, { name: 'Box 2' })).status).toBe(200);
    expect(await secretsOf()).toEqual({ password: 'one', smtpPassword: 'two' });
    house.changed.length = 0;
    expect((await change({ ...made, version: 2 }, { secrets: { smtpPassword: '', password: 'three' } })).status).toBe(
      200,
    );
    expect(await secretsOf()).toEqual({ password: 'three' });
    expect(house.changed).toEqual([['channel_account', made.id]]);
  });

  it('one address of each channel in the house is the default', async () => {
    const first = await make({
      ...mailbox('First', 'first@example.com'),
      addresses: [address('first@example.com', { isDefault: true })],
    });
    const second = await make({
      ...mailbox('Second', 'second@example.com'),
      addresses: [address('second@example.com', { isDefault: true })],
    });
    expect((await read(first.id))?.addresses[0]?.isDefault).toBe(false);
    expect((await read(second.id))?.addresses[0]?.isDefault).toBe(true);
  });

  it('addresses keep their ids, and change places', async () => {
    const made = await make({ ...smpp('Two', 'ONE1'), addresses: [address('ONE1'), address('TWO2')] });
    const [one, two] = made.addresses;
    if (!one || !two) throw new Error('no addresses');
    const swapped = [{ ...one, value: 'TWO2' }, { ...two, value: 'ONE1' }, address('THREE')];
    expect((await change(made, { addresses: swapped })).status).toBe(200);
    const after = await read(made.id);
    expect(after?.addresses.map(({ id, value }) => [id, value]).slice(0, 2)).toEqual([
      [one.id, 'TWO2'],
      [two.id, 'ONE1'],
    ]);
    expect(after?.addresses).toHaveLength(3);
  });

  it('an address that somebody wrote to neither goes nor becomes another; the account can be switched off', async () => {
    const made = await make({ ...smpp('Busy', 'BUSY'), addresses: [address('BUSY'), address('FREE')] });
    const [busy, free] = made.addresses;
    if (!busy || !free) throw new Error('no addresses');
    await converse(busy.id);
    const gone = await change(made, { addresses: [free] });
    expect([gone.status, gone.problem['usedBy']]).toEqual([
      409,
      [{ kind: 'conversations', id: busy.id, name: 'BUSY' }],
    ]);
    expect((await change(made, { addresses: [{ ...busy, value: 'OTHER' }, free] })).status).toBe(409);
    const params = { id: made.id };
    const removed = await house.call('admin', 'DELETE /api/v1/setup/channel-accounts/:id', {
      params,
      querystring: { version: 1 },
    });
    expect(removed.status).toBe(409);
    expect((await change(made, { addresses: [busy], enabled: false })).status).toBe(200);
    expect(await read(made.id)).toMatchObject({ enabled: false, addresses: [{ value: 'BUSY' }] });
  });

  it('a removal is taken back with the same ids, without the secrets', async () => {
    const made = await make(smpp('Back', 'BACK'));
    const params = { id: made.id };
    await house.ok('admin', 'DELETE /api/v1/setup/channel-accounts/:id', { params, querystring: { version: 1 } });
    expect(await read(made.id)).toBeUndefined();
    const { id } = await lastVersion('channel_account');
    await house.ok('admin', 'POST /api/v1/setup/versions/:id/roll-back', { params: { id } });
    const back = await read(made.id);
    expect(back).toMatchObject({ name: 'Back', secrets: [], settings: made.settings });
    expect(back?.addresses.map(({ id }) => id)).toEqual(made.addresses.map(({ id }) => id));
  });

  it('a change is taken back, addresses too; an account stays of its kind', async () => {
    const made = await make(smpp('Mend', 'MEND'));
    await change(made, {
      settings: { host: 'other.example.com', port: 2776 },
      addresses: [...made.addresses, address('MEND2')],
    });
    const { id, changes } = await lastVersion('channel_account');
    expect(changes.map(({ field }) => field)).toEqual(['settings', 'addresses']);
    await house.ok('admin', 'POST /api/v1/setup/versions/:id/roll-back', { params: { id } });
    expect(await read(made.id)).toMatchObject({
      version: 3,
      settings: made.settings,
      addresses: made.addresses,
      secrets: ['password', 'systemId'],
    });
  });

  it('are tried by administrators alone', async () => {
    const made = await make(smpp('Tried', 'TRIED'));
    const key = 'POST /api/v1/setup/channel-accounts/:id/test';
    expect(await house.ok('admin', key, { params: { id: made.id } })).toEqual({
      ok: false,
      state: 'down',
      problem: `no wire to ${made.id}`,
    });
    expect((await house.call('olga', key, { params: { id: made.id } })).status).toBe(403);
    expect((await house.call('anna', 'GET /api/v1/setup/channel-accounts')).status).toBe(403);
    expect((await house.call('olga', 'GET /api/v1/setup/channel-accounts')).status).toBe(200);
  });

  it('no secret ever comes out again: not in answers, versions, journal or audit log', async () => {
    let count = 0;
    const secret = fc
      .string({ minLength: 6, maxLength: 8, unit: fc.constantFrom(...'QWXZ0123456789') })
      .map((text) => `~${text.slice(1)}`);
    await fc.assert(
      fc.asyncProperty(secret, secret, async (first, later) => {
        const name = `Secret ${++count}`;
        const body = { ...smpp(name, `S${count}x`), secrets: { systemId: 'shop', password: first } };
        const made = await make(body);
        const changed = await change(made, { name: `${name} b`, secrets: { password: later } });
        const refused = await change({ ...made, version: 2 }, { secrets: { password: `${later}${first}` } });
        const seen = JSON.stringify([
          made,
          changed,
          refused,
          await house.ok('admin', 'GET /api/v1/setup/channel-accounts'),
          await house.ok('admin', 'GET /api/v1/setup/versions', { querystring: { limit: 200 } }),
          await house.db.orm.select().from(setupVersions),
          await house.db.orm.select().from(journal),
          await house.db.orm.select().from(auditLog),
          house.journal,
        ]);
        expect([changed.status, refused.status]).toEqual([200, 400]);
        expect(seen).not.toContain(first);
        expect(seen).not.toContain(later);
      }),
      { numRuns: 5 },
    );
  });
});

describe('templates', () => {
  const add = (body: { name: string; shortcut: string; body: string }) =>
    house.call('admin', 'POST /api/v1/setup/message-templates', { body });

  it('know exactly the fields that are filled in', () => {
    expect([...templateFieldNames].sort()).toEqual(Object.keys(templateFields).sort());
  });

  it('are found by a shortcut of their own, and refuse fields that nobody fills in', async () => {
    const made = await add({ name: 'Price', shortcut: '::Цена', body: 'Dear {{ client.name }}, ...' });
    expect(made.body).toMatchObject({ shortcut: 'цена', channel: null, language: '', archived: false });
    const again = await add({ name: 'Other', shortcut: 'ЦЕНА', body: 'x' });
    expect([again.status, again.problem.errors?.[0]?.path]).toEqual([409, 'body/shortcut']);
    const unknown = await add({ name: 'Other', shortcut: 'other', body: 'Dear {{client.nmae}}' });
    expect([unknown.status, unknown.problem.errors?.[0]]).toMatchObject([400, { path: 'body/body' }]);
    expect((await add({ name: 'Other', shortcut: 'two words', body: 'x' })).problem.errors?.[0]?.path).toBe(
      'body/shortcut',
    );
  });

  it('are archived, brought back, and a creation is taken back by archiving', async () => {
    const { body: made } = await add({ name: 'Hours', shortcut: 'hours', body: 'We are open.' });
    const { id: created } = await lastVersion('message_template');
    const params = { id: made.id };
    const archived = await house.ok('admin', 'PATCH /api/v1/setup/message-templates/:id', {
      params,
      body: { version: 1, archived: true },
    });
    expect(archived.archived).toBe(true);
    await house.ok('admin', 'PATCH /api/v1/setup/message-templates/:id', {
      params,
      body: { version: 2, archived: false },
    });
    await house.ok('admin', 'POST /api/v1/setup/versions/:id/roll-back', { params: { id: created } });
    const { items } = await house.ok('admin', 'GET /api/v1/setup/message-templates');
    expect(items.find(({ id }) => id === made.id)).toMatchObject({ archived: true, name: 'Hours' });
  });
});

describe('inbound rules', () => {
  const add = (body: object) =>
    house.call('admin', 'POST /api/v1/setup/inbound-rules', {
      body: { name: 'Rule', match: 'any', action: 'close', ...body },
    });

  it('need what their condition and their action need', async () => {
    const account = await make(mailbox('Ruled', 'ruled@example.com'));
    const addressId = account.addresses[0]?.id;
    const wrong: readonly (readonly [object, string])[] = [
      [{ match: 'keyword' }, 'body/words'],
      [{ action: 'reply' }, 'body/text'],
      [{ action: 'task', text: ' ' }, 'body/text'],
      [{ action: 'queue' }, 'body/queueId'],
      [{ action: 'reply', text: '{{client.nmae}}' }, 'body/text'],
      [{ queueId: 999 }, 'body/queueId'],
      [{ userId: 999 }, 'body/userId'],
      [{ addressId: 999 }, 'body/addressId'],
      [{ addressId, channel: 'sms' }, 'body/addressId'],
    ];
    for (const [body, path] of wrong) {
      const { status, problem } = await add(body);
      expect([status, problem.errors?.[0]?.path], JSON.stringify(body)).toEqual([400, path]);
    }
    const made = await add({
      addressId,
      match: 'contains',
      words: ['цена'],
      action: 'reply',
      text: 'Hi {{client.firstName}}',
    });
    expect(made.body).toMatchObject({ enabled: true, channel: null, words: ['цена'] });
    const removed = await house.call('admin', 'DELETE /api/v1/setup/channel-accounts/:id', {
      params: { id: account.id },
      querystring: { version: 1 },
    });
    expect([removed.status, removed.problem['usedBy']]).toMatchObject([409, [{ kind: 'inbound_rule', name: 'Rule' }]]);
  });

  it('have an order, are removed and come back', async () => {
    const one = (await add({ name: 'One' })).body;
    const two = (await add({ name: 'Two' })).body;
    const list = async () => (await house.ok('admin', 'GET /api/v1/setup/inbound-rules')).items;
    const ids = (await list()).map(({ id }) => id);
    expect(ids.slice(-2)).toEqual([one.id, two.id]);
    const turned = [two.id, ...ids.filter((id) => id !== two.id)];
    await house.ok('admin', 'PUT /api/v1/setup/inbound-rules/order', { body: { ids: turned } });
    expect((await list()).map(({ id }) => id)).toEqual(turned);
    const stale = await house.call('admin', 'PUT /api/v1/setup/inbound-rules/order', { body: { ids: [one.id] } });
    expect(stale.problem.code).toBe('stale_version');
    const present = (await list()).find(({ id }) => id === two.id);
    await house.ok('admin', 'DELETE /api/v1/setup/inbound-rules/:id', {
      params: { id: two.id },
      querystring: { version: present?.version ?? 0 },
    });
    const { id } = await lastVersion('inbound_rule');
    await house.ok('admin', 'POST /api/v1/setup/versions/:id/roll-back', { params: { id } });
    expect((await list()).find((rule) => rule.id === two.id)).toMatchObject({
      name: 'Two',
      position: present?.position,
    });
  });
});

describe('what holds for all messages', () => {
  it('is changed and taken back', async () => {
    const before = await house.ok('admin', 'GET /api/v1/setup/message-settings');
    expect(before).toMatchObject({ capacity: 12, quietFrom: '21:00', quietTo: '09:00', undoSeconds: 10 });
    const after = await house.ok('admin', 'PATCH /api/v1/setup/message-settings', {
      body: { version: before.version, capacity: 6, quietFrom: '20:00' },
    });
    expect(after).toMatchObject({ version: before.version + 1, capacity: 6, quietFrom: '20:00', weightSms: 2 });
    const { id } = await lastVersion('message_settings');
    await house.ok('admin', 'POST /api/v1/setup/versions/:id/roll-back', { params: { id } });
    expect(await house.ok('admin', 'GET /api/v1/setup/message-settings')).toMatchObject({
      capacity: 12,
      quietFrom: '21:00',
    });
  });

  it('refuses what nobody could work with', async () => {
    const { version } = await house.ok('admin', 'GET /api/v1/setup/message-settings');
    const patch = (body: object) =>
      house.call('admin', 'PATCH /api/v1/setup/message-settings', { body: { version, ...body } });
    expect((await patch({ capacity: 2, weightChat: 3 })).problem.errors?.[0]?.path).toBe('body/capacity');
    expect((await patch({ quietFrom: '25:00' })).problem.errors?.[0]?.path).toBe('body/quietFrom');
    expect((await patch({ version: version - 1, capacity: 20 })).problem.code).toBe('stale_version');
  });
});

it('the checklist names accounts that are on, and says whether one of them works', async () => {
  const { since, ...account } = {
    accountId: 7,
    name: 'Box',
    channel: 'email',
    since: '2026-01-12T09:00:00.000Z',
  } as const;
  const rest = { problem: '', catchUp: null, queued: 0, since };
  const mailbox = async () => (await house.ok('olga', 'GET /api/v1/setup/checklist')).mailbox;
  expect(await mailbox()).toEqual({ state: 'open', accounts: [] });
  house.health.push({ ...account, ...rest, state: 'down' });
  expect(await mailbox()).toEqual({ state: 'warning', accounts: [{ id: 7, name: 'Box' }] });
  house.health.push({ ...account, ...rest, accountId: 8, name: 'Other', state: 'up' });
  expect((await mailbox()).state).toBe('done');
  expect((await house.ok('olga', 'GET /api/v1/setup/checklist')).sms.state).toBe('open');
});

it('a queue says within how many minutes it answers', async () => {
  const queue = (await house.ok('admin', 'GET /api/v1/setup/queues')).items.find(({ id }) => id === queueId);
  expect(queue?.responseMinutes).toBe(60);
  const patch = (responseMinutes: number) =>
    house.call('admin', 'PATCH /api/v1/setup/queues/:id', {
      params: { id: queueId },
      body: { version: queue?.version ?? 0, responseMinutes },
    });
  expect((await patch(4)).problem.errors?.[0]?.path).toBe('body/responseMinutes');
  expect((await patch(15)).body.responseMinutes).toBe(15);
});
