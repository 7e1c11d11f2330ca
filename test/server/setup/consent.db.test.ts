import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { channelAccounts } from '../../../db/schema/index.ts';
import type { SetupAccount } from '../../../server/contract/setup-message-schemas.ts';
import type { AccountId } from '../../../server/kernel/ids.ts';
import { type OAuthServer, startOAuthServer } from '../../support/oauth-server.ts';
import { openSetupHouse, type SetupHouse } from './house.ts';

let house: SetupHouse;
let queueId: number;
let provider: OAuthServer;
let account: SetupAccount;
let count = 0;
beforeAll(async () => {
  house = await openSetupHouse();
  queueId = (await house.ok('admin', 'POST /api/v1/setup/queues', { body: { name: 'Sales' } })).id;
});
afterAll(() => house.close());
beforeEach(async () => {
  provider = await startOAuthServer();
  account = await mailbox(provider.settings);
});
afterEach(() => provider.close());

function mailbox(oauth: object | null): Promise<SetupAccount> {
  const name = `shop${++count}`;
  const value = `${name}@example.com`;
  return house.ok('admin', 'POST /api/v1/setup/channel-accounts', {
    body: {
      kind: 'mailbox',
      name,
      settings: { imap: { host: 'imap.example.com', user: value, auth: 'xoauth2' }, oauth },
      secrets: { clientSecret: provider.clientSecret },
      addresses: [{ value, name: '', queueId, isDefault: false }],
    },
  });
}
const begin = (person: 'admin' | 'olga' = 'admin') =>
  house.call(person, 'POST /api/v1/setup/channel-accounts/:id/consent', { params: { id: account.id } });
const redeem = (body: { state: string; code: string }) => house.call('admin', 'POST /api/v1/setup/consents', { body });
const secretsOf = async (id: number) =>
  (
    await house.db.orm
      .select()
      .from(channelAccounts)
      .where(eq(channelAccounts.id, id as AccountId))
  )[0]?.secrets;

/** The browser goes to the provider, where its owner consents, and comes back. */
async function consent() {
  const response = await fetch((await begin()).body.url, { redirect: 'manual' });
  const back = new URL(response.headers.get('location') ?? '');
  expect(`${back.origin}${back.pathname}`).toBe('https://desk.example/admin/accounts/consent');
  return { state: back.searchParams.get('state') ?? '', code: back.searchParams.get('code') ?? '' };
}

it('a mailbox is connected by its owner’s consent: the refresh token is kept, and nobody reads it', async () => {
  house.changed.length = 0;
  const answer = await redeem(await consent());
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ id: account.id, secrets: ['clientSecret', 'refreshToken'] });
  expect(JSON.stringify(answer.body)).not.toContain('refresh-1');
  expect(await secretsOf(account.id)).toEqual({ clientSecret: 'hush', refreshToken: 'refresh-1' });
  expect(house.changed).toEqual([['channel_account', account.id]]);
  expect(Object.fromEntries(provider.opened[0] ?? [])).toMatchObject({
    prompt: 'consent',
    response_type: 'code',
    client_id: 'house',
    scope: 'mail',
    code_challenge_method: 'S256',
    login_hint: `${account.name}@example.com`,
  });
});

it('a consent counts once, for what was asked, within ten minutes', async () => {
  const unknown = { status: 409, problem: { code: 'conflict', reason: 'unknown' } };
  expect(await redeem({ state: 'guessed', code: 'guessed' })).toMatchObject(unknown);
  const first = await consent();
  expect((await redeem(first)).status).toBe(200);
  expect(await redeem(first)).toMatchObject(unknown);
  const late = await consent();
  house.clock.advance(10 * 60_000);
  expect(await redeem(late)).toMatchObject(unknown);
  expect(await secretsOf(account.id)).toMatchObject({ refreshToken: 'refresh-1' });
});

it('a code of somebody else’s question is worth nothing (RFC 7636)', async () => {
  const mine = await consent();
  const other = await consent();
  expect(await redeem({ state: mine.state, code: other.code })).toMatchObject({
    status: 409,
    problem: { code: 'conflict', reason: 'refused', detail: expect.stringContaining('invalid_grant') },
  });
  expect(await secretsOf(account.id)).toEqual({ clientSecret: 'hush' });
});

it('without a refresh token nothing is kept', async () => {
  provider.offline(false);
  expect(await redeem(await consent())).toMatchObject({
    status: 409,
    problem: { reason: 'refused', detail: expect.stringContaining('no refresh token') },
  });
  expect(await secretsOf(account.id)).toEqual({ clientSecret: 'hush' });
});

it('is begun by administrators, for mailboxes whose provider is set', async () => {
  expect((await begin('olga')).status).toBe(403);
  account = await mailbox({ ...provider.settings, authorizeUrl: '' });
  expect(await begin()).toMatchObject({
    status: 400,
    problem: { errors: [{ path: 'body/settings/oauth/authorizeUrl', message: 'must be given' }] },
  });
  account = { ...account, id: 999_999 };
  expect((await begin()).status).toBe(404);
});
