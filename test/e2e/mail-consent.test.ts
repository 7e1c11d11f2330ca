import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AdminPage, openAdminPage } from '../support/admin-page.ts';
import { type OAuthServer, startOAuthServer } from '../support/oauth-server.ts';

let desk: AdminPage;
let provider: OAuthServer;
let id: number;

beforeAll(async () => {
  provider = await startOAuthServer();
  desk = await openAdminPage();
  const [queue] = (await desk.admin.call('GET /api/v1/setup/queues')).items;
  const settings = {
    // nobody listens there: the mailbox itself is not what is looked at
    imap: { host: '127.0.0.1', port: 1, security: 'none', user: 'box@example.com', auth: 'xoauth2' },
    oauth: provider.settings,
  };
  const account = await desk.admin.call('POST /api/v1/setup/channel-accounts', {
    body: {
      kind: 'mailbox',
      name: 'Box',
      settings,
      secrets: { clientSecret: provider.clientSecret },
      addresses: [{ value: 'box@example.com', name: '', queueId: queue?.id ?? 0, isDefault: false }],
    },
  });
  id = account.id;
});
afterAll(async () => {
  await desk?.close();
  await provider?.close();
});
beforeEach(() => {
  desk.errors.length = 0;
});

const secrets = async () =>
  (await desk.admin.call('GET /api/v1/setup/channel-accounts')).items.find((one) => one.id === id)?.secrets;

it('one press leads to the provider and back, and the mailbox has its token', async () => {
  const { page, byId } = desk;
  await desk.open(`/accounts/${id}`);
  expect(await secrets()).toEqual(['clientSecret']);
  await byId('consent').click();
  await page.waitForURL(new RegExp(`/admin/accounts/${id}$`));
  await expect.poll(secrets).toEqual(['clientSecret', 'refreshToken']);
  expect(provider.opened).toHaveLength(1);
  expect(provider.opened[0]?.get('redirect_uri')).toBe(desk.at('/accounts/consent'));
  await expect.poll(() => byId('consent').innerText()).toMatch(/again|снова/);
  expect(desk.errors).toEqual([]);
});

it('a refusal changes nothing, and is said; the code does not stay in the address', async () => {
  const { page, byId } = desk;
  await page.goto(desk.at('/accounts/consent?error=access_denied&state=x'));
  await expect.poll(() => byId('consent-return').innerText()).toMatch(/nothing is changed|всё осталось/);
  expect(page.url()).toBe(desk.at('/accounts/consent'));
  await page.goto(desk.at('/accounts/consent?code=1&state=guessed'));
  await expect.poll(() => byId('consent-return').innerText()).toMatch(/ten minutes|десяти минут/);
});

it('the servers of known providers are filled in', async () => {
  const { byId } = desk;
  await desk.open(`/accounts/${id}`);
  await byId('provider-microsoft').click();
  expect(await byId('setting-oauth-authorizeUrl').inputValue()).toContain('/organizations/oauth2/v2.0/authorize');
  expect(await byId('setting-imap-host').inputValue()).toBe('outlook.office365.com');
  expect(await byId('consent').isDisabled()).toBe(true);
  await byId('discard').click();
  expect(await byId('consent').isDisabled()).toBe(false);
});
