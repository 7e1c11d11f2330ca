import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../db/client.ts';
import { messageSettings } from '../../db/schema/index.ts';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type Smsc, startSmsc } from '../support/smsc.ts';
import { seriousFaults, signInOn } from '../support/talking-browser.ts';

let server: TestServer;
let browser: TestBrowser;
let page: Page;
let admin: ApiClient;
let smsc: Smsc;
const errors: string[] = [];

const sections = [
  '/accounts',
  '/accounts/new',
  '/templates',
  '/templates/new',
  '/rules',
  '/rules/new',
  '/messaging',
  '/failed',
];
const byId = (id: string): Locator => page.getByTestId(id);

async function open(path: string): Promise<void> {
  await page.goto(`${server.url}/admin${path}`);
  await byId('nav-start').waitFor();
}

/** Saves, and waits until it is said that it was. */
async function save(): Promise<void> {
  await byId('save').click();
  await expect.poll(() => byId('save').isDisabled()).toBe(true);
  await byId('undo').waitFor();
}

/** The id in the address, once the thing is made. */
async function madeId(section: string): Promise<number> {
  await page.waitForURL(new RegExp(`/admin/${section}/\\d+$`));
  return Number(page.url().split('/').at(-1));
}

const account = async (id: number) =>
  (await admin.call('GET /api/v1/setup/channel-accounts')).items.find((one) => one.id === id);

/** Nobody sleeps, and what is sent leaves at once. */
async function prepare(db: Database): Promise<void> {
  const set = { quietFrom: '00:00', quietTo: '00:00', undoSeconds: 0 };
  await db.orm.insert(messageSettings).values(set).onConflictDoUpdate({ target: messageSettings.id, set });
}

beforeAll(async () => {
  smsc = await startSmsc();
  server = await startTestServer({ prepare });
  admin = await server.signIn('admin');
  browser = await launchBrowser({ microphone: 440 });
  page = browser.page;
  await page.setViewportSize({ width: 1280, height: 720 });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${server.url}/admin`);
  await signInOn(page, { login: 'admin', password: 'switchroom' });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await smsc?.stop();
});
beforeEach(() => {
  errors.length = 0;
});

describe('an account', () => {
  let id: number;

  it('is made by hand, connects, and says so', async () => {
    await open('/accounts/new');
    await byId('account-kind').selectOption('smpp');
    await byId('account-name').fill('SMS centre');
    await byId('address-value-0').fill('8 (495) 000-77-77');
    await byId('address-name-0').fill('Shop');
    await byId('setting-host').fill('127.0.0.1');
    await byId('setting-port').fill(String(smsc.port));
    await byId('secret-systemId').fill('shop');
    await byId('secret-password').fill('secret');
    await byId('save').click();
    id = await madeId('accounts');
    await expect.poll(() => byId(`health-${id}`).getAttribute('data-state')).toBe('up');
    expect(smsc.binds.accepted).toBeGreaterThan(0);
    expect(await account(id)).toMatchObject({
      addresses: [{ value: '+74950007777', name: 'Shop' }],
      secrets: ['password', 'systemId'],
    });
    expect(errors).toEqual([]);
  });

  it('shows no secret again, and its check says what the wire says', async () => {
    await open(`/accounts/${id}`);
    expect(await byId('secret-password').inputValue()).toBe('');
    await byId('check-account').click();
    await expect.poll(() => byId('check-result').getAttribute('data-ok')).toBe('true');
    await byId('secret-password').fill('wrong');
    await save();
    await byId('check-account').click();
    await expect.poll(() => byId('check-result').getAttribute('data-ok')).toBe('false');
    await expect.poll(() => byId(`health-${id}`).getAttribute('data-state')).toBe('down');
    await byId('secret-password').fill('secret');
    await save();
    await expect.poll(() => byId(`health-${id}`).getAttribute('data-state')).toBe('up');
  });

  it('marks the field that its channel refuses', async () => {
    await open(`/accounts/${id}`);
    await byId('address-value-0').fill('nonsense!');
    await byId('save').click();
    await expect.poll(() => byId('address-value-0').getAttribute('aria-invalid')).toBe('true');
    await byId('discard').click();
  });

  it('a change is taken back by one press', async () => {
    await open(`/accounts/${id}`);
    await byId('account-name').fill('Another name');
    await byId('address-add').click();
    await byId('address-value-1').fill('SHOP');
    await save();
    expect((await account(id))?.addresses).toHaveLength(2);
    await byId('undo').click();
    await expect.poll(async () => (await account(id))?.name).toBe('SMS centre');
    expect((await account(id))?.addresses).toHaveLength(1);
  });
});

describe('a template', () => {
  it('gets its fields by chips, reads as for a client, and says what it costs as an SMS', async () => {
    await open('/templates/new');
    await byId('template-name').fill('Price');
    await byId('template-shortcut').fill('::Price');
    await byId('template-body').fill('Hello, ');
    await page.locator('button[title="{{client.firstName}}"]').click();
    await expect.poll(() => byId('template-body').inputValue()).toBe('Hello, {{client.firstName}}');
    await expect.poll(() => byId('preview').innerText()).toMatch(/Hello, (Anna|Анна)/);
    expect(await byId('segments').getAttribute('data-segments')).toBe('1');
    await byId('template-body').press('End');
    await byId('template-body').pressSequentially('! {{client.nmae}}');
    await byId('save').click();
    await expect.poll(() => byId('template-body').getAttribute('aria-invalid')).toBe('true');
    await byId('template-body').fill('Hello, {{client.firstName}}! It costs 100.');
    await byId('save').click();
    await madeId('templates');
    const { items } = await admin.call('GET /api/v1/setup/message-templates');
    expect(items.find(({ shortcut }) => shortcut === 'price')).toMatchObject({ name: 'Price', channel: null });
  });

  it('is archived after a question', async () => {
    await byId('archive').click();
    await byId('archive-confirm').click();
    await byId('bring-back').waitFor();
  });
});

describe('rules', () => {
  it('are read as a sentence while they are made', async () => {
    for (const [name, word] of [
      ['First', 'price'],
      ['Second', 'hours'],
    ] as const) {
      await open('/rules/new');
      await byId('rule-name').fill(name);
      await byId('rule-channel').selectOption('sms');
      await byId('rule-words').fill(word);
      await byId('rule-text').fill('We will call you.');
      await expect.poll(() => byId('sentence').innerText()).toContain(`«${word}»`);
      await byId('save').click();
      await madeId('rules');
    }
    const { items } = await admin.call('GET /api/v1/setup/inbound-rules');
    expect(items.map(({ name, words, channel }) => [name, words, channel])).toEqual([
      ['First', ['price'], 'sms'],
      ['Second', ['hours'], 'sms'],
    ]);
  });

  it('change places by the keyboard', async () => {
    const { items } = await admin.call('GET /api/v1/setup/inbound-rules');
    const [first, second] = items;
    if (!first || !second) throw new Error('no rules');
    await open('/rules');
    await byId(`sortable-${second.id}`).getByRole('link').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await expect
      .poll(async () => (await admin.call('GET /api/v1/setup/inbound-rules')).items.map(({ id }) => id))
      .toEqual([second.id, first.id]);
  });
});

describe('settings of messages', () => {
  it('are saved and taken back', async () => {
    await open('/messaging');
    await byId('capacity').fill('6');
    await byId('quietFrom').fill('20:00');
    await save();
    const read = () => admin.call('GET /api/v1/setup/message-settings');
    expect(await read()).toMatchObject({ capacity: 6, quietFrom: '20:00' });
    await byId('undo').click();
    await expect.poll(async () => (await read()).capacity).toBe(12);
  });
});

describe('messages that did not get there', () => {
  it('stand on a list; one is sent again, the others are put away together', async () => {
    const anna = await server.signIn('anna');
    // the demo's network knows no phone whose number ends so, and says so afterwards
    const number = '+79160000704';
    const contactPoints = [{ kind: 'phone' as const, value: number }];
    const { id: clientId } = await anna.call('POST /api/v1/clients', { body: { name: 'Silent', contactPoints } });
    const [address] = (await anna.call('GET /api/v1/addresses')).items.filter(({ value }) => value === '+74950000001');
    const write = (text: string) =>
      anna.call('POST /api/v1/messages', {
        body: {
          key: `failing ${text}`,
          message: {
            ...{
              clientId,
              channel: 'sms',
              mode: 'new',
              to: [{ address: number, name: '' }],
              cc: [],
              subject: '',
              text,
            },
            ...(address === undefined ? {} : { addressId: address.id }),
            attachmentIds: [],
            purpose: 'service',
          },
          despiteWarnings: true,
        },
      });
    for (const text of ['First', 'Second']) await write(text);
    const failed = async () =>
      (await admin.call('GET /api/v1/failed-messages', { querystring: { limit: 10 } })).items.map(
        ({ preview, attempts }) => [preview, attempts],
      );
    await expect.poll(async () => (await failed()).length).toBe(2);
    await open('/failed');
    const rows = page.locator('[data-testid^="failed-"]').filter({ has: page.getByRole('checkbox') });
    await expect.poll(() => rows.count()).toBe(2);
    expect(await seriousFaults(page)).toEqual([]);
    await rows.filter({ hasText: 'First' }).getByRole('button').first().click();
    await expect.poll(() => byId('failed-said').innerText()).toMatch(/1/);
    // it fails again, as a message of its own
    await expect.poll(async () => (await failed()).length).toBe(2);
    await open('/failed');
    await expect.poll(() => rows.count()).toBe(2);
    await byId('choose-all').check();
    await byId('bulk-resolve').click();
    await byId('bulk-resolve-confirm').click();
    await expect.poll(() => rows.count()).toBe(0);
    expect(await failed()).toEqual([]);
  });
});

it('a queue says within how many minutes it answers messages', async () => {
  const [queue] = (await admin.call('GET /api/v1/setup/queues')).items;
  await open(`/queues/${queue?.id}`);
  await byId('response-minutes').fill('15');
  await save();
  expect((await admin.call('GET /api/v1/setup/queues')).items[0]?.responseMinutes).toBe(15);
});

it('supervisors look, and cannot save', async () => {
  await page.context().clearCookies();
  await page.goto(`${server.url}/admin/accounts`);
  await signInOn(page, { login: 'olga', password: 'switchroom' });
  await page.goto(`${server.url}/admin/accounts`);
  await byId('nav-start').waitFor();
  await page.getByRole('link', { name: 'SMS centre' }).click();
  await byId('panel').waitFor();
  expect(await byId('save').count()).toBe(0);
  await page.context().clearCookies();
  await page.goto(`${server.url}/admin`);
  await signInOn(page, { login: 'admin', password: 'switchroom' });
});

it.each(sections)('/admin%s fits on the screen, and axe finds nothing serious in it, light and dark', async (path) => {
  await open(path);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.waitForLoadState('networkidle');
    expect(await seriousFaults(page)).toEqual([]);
  }
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1280);
  expect(errors).toEqual([]);
});
