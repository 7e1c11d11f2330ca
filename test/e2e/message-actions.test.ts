import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../db/client.ts';
import { messageSettings } from '../../db/schema/index.ts';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { hideTab } from '../support/hidden-tab.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openWorkplace, picture, seriousFaults, type Workplace } from '../support/talking-browser.ts';

const marina = { name: 'Марина Делова', number: '+79160000617', email: 'marina@outside.example' } as const;
/** Whose phone is switched off, says the network of everything that is sent to it. */
const silent = { name: 'Глеб Недоступный', number: '+79160000604' } as const;
const colleague = 'olesya@outside.example';

let server: TestServer;
let agent: Workplace;
let page: Page;
let anna: ApiClient;
let boris: ApiClient;
let clientId: number;

/** Nobody sleeps, and what is sent leaves at once: taking back is tested elsewhere. */
async function prepare(db: Database): Promise<void> {
  const set = { quietFrom: '00:00', quietTo: '00:00', undoSeconds: 0 };
  await db.orm.insert(messageSettings).values(set).onConflictDoUpdate({ target: messageSettings.id, set });
}

const makeCard = async (name: string, points: { kind: 'phone' | 'email'; value: string }[]): Promise<number> => {
  const body = { name, responsibleId: anna.me.id, contactPoints: points };
  return (await anna.call('POST /api/v1/clients', { body })).id;
};

beforeAll(async () => {
  server = await startTestServer({ prepare });
  anna = await server.signIn('anna');
  boris = await server.signIn('boris');
  clientId = await makeCard(marina.name, [
    { kind: 'phone', value: marina.number },
    { kind: 'email', value: marina.email },
  ]);
  agent = await openWorkplace({ url: server.url, login: 'anna', tone: 1010 });
  ({ page } = agent);
});
afterAll(async () => {
  await agent?.close();
  await server?.close();
});

const byId = (id: string): Locator => page.getByTestId(id);
const text = (): Locator => byId('message-text');
const newest = (kind = ''): Locator =>
  page.locator(`[data-testid="timeline-entry"]${kind === '' ? '' : `[data-kind="${kind}"]`}`).first();

/** The client writes. */
const writeToUs = (
  kind: 'sms' | 'email',
  words: string,
  change: { subject?: string; html?: string; cc?: string[]; answersId?: string } = {},
) => {
  const { subject = '', answersId = null, ...more } = change;
  const owner = kind === 'sms' ? marina.number : marina.email;
  return anna.call('POST /api/v1/demo/messages', {
    body: { kind, owner, name: marina.name, subject, text: words, answersId, ...more },
  });
};

/** What lies in somebody's phone or mailbox and came from us. */
async function received(kind: 'sms' | 'email', owner: string) {
  const { items } = await anna.call('GET /api/v1/demo/messages', { querystring: { kind, owner } });
  return items.filter(({ direction }) => direction === 'in');
}

const conversations = async () =>
  (await anna.call('GET /api/v1/clients/:id/conversations', { params: { id: clientId } })).items;
const mails = async () => (await conversations()).filter(({ channel }) => channel === 'email');

async function openCard(id = clientId): Promise<void> {
  await page.goto(`${server.url}/clients/${id}`);
  await byId('timeline').waitFor();
}

/** Opens the conversation of Marina's that is about this, as soon as there is one. */
async function openConversation(subject: string): Promise<void> {
  const find = async () => (await mails()).find((one) => one.subject === subject && one.state !== 'closed')?.id;
  await expect.poll(find).toBeDefined();
  await page.goto(`${server.url}/clients/${clientId}/conversations/${await find()}`);
  await expect.poll(() => byId('conversation-bar').innerText()).toContain(subject);
}

const hasFocus = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => (element as unknown as { matches(selector: string): boolean }).matches(':focus'));

/** Presses a key until this has the focus, as somebody without a mouse does. */
async function walkTo(target: Locator, key: 'Tab' | 'Shift+Tab' | 'ArrowDown'): Promise<void> {
  await target.waitFor();
  for (let steps = 0; steps < 80 && !(await hasFocus(target)); steps++) await page.keyboard.press(key);
  expect(await hasFocus(target)).toBe(true);
}

/** Opens the menu of rare things and takes an item, by keys. */
async function takeRare(item: Locator): Promise<void> {
  await walkTo(byId('conversation-more'), 'Tab');
  await page.keyboard.press('Enter');
  await walkTo(item, 'ArrowDown');
  await page.keyboard.press('Enter');
}

/** Out of any field, so that single keys are keys. */
const leaveField = (): Promise<void> =>
  page.evaluate(() => {
    const { document } = globalThis as unknown as { document: { activeElement: { blur(): void } | null } };
    document.activeElement?.blur();
  });

/** A picture for people who look, and what axe finds. */
async function lookAt(name: string): Promise<void> {
  await picture(page, `actions-${name}`);
  expect(await seriousFaults(page)).toEqual([]);
}

describe('the parts of a conversation, by keys alone', () => {
  it('two conversations are joined, and the change is taken back', async () => {
    await writeToUs('email', 'Где мой заказ?', { subject: 'Заказ 17' });
    await writeToUs('email', 'Сколько стоит монтаж?', { subject: 'Монтаж' });
    await openConversation('Монтаж');
    await takeRare(byId('conversation-join'));
    await expect.poll(async () => (await mails()).map(({ messages }) => messages)).toEqual([2]);
    // what is joined is on the screen, whatever the address said
    await expect.poll(() => byId('conversation-bar').innerText()).toContain('Заказ 17');
    await lookAt('joined');
    await takeRare(byId('change-undo'));
    await expect.poll(async () => (await mails()).map(({ messages }) => messages)).toEqual([1, 1]);
  });

  it('a message is split off, and the change is taken back', async () => {
    await openConversation('Заказ 17');
    await takeRare(byId('conversation-join'));
    await expect.poll(async () => (await mails()).map(({ messages }) => messages)).toEqual([2]);
    await takeRare(byId('conversation-split'));
    await walkTo(byId('choose-message').first(), 'Tab');
    await page.keyboard.press('Space');
    await lookAt('splitting');
    await walkTo(byId('split-chosen'), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await mails()).map(({ messages }) => messages)).toEqual([1, 1]);
    await byId('split-chosen').waitFor({ state: 'detached' });
    await lookAt('split');
    await takeRare(byId('change-undo').first());
    await expect.poll(async () => (await mails()).map(({ messages }) => messages)).toEqual([2]);
  });

  it('it is given back, taken, and given to a colleague', async () => {
    await openConversation('Монтаж');
    await leaveField();
    await page.keyboard.press('KeyB');
    await byId('conversation-take').waitFor();
    await page.keyboard.press('KeyW');
    await byId('conversation-give-back').waitFor();
    await page.keyboard.press('KeyG');
    const item = byId(`give-to-${boris.me.id}`);
    await walkTo(item, 'ArrowDown');
    await lookAt('giving');
    await page.keyboard.press('Enter');
    await expect.poll(() => byId('conversation-bar').innerText()).toContain(boris.me.name);
    await expect.poll(async () => (await mails())[0]?.owner?.id).toBe(boris.me.id);
  });
});

describe('sending', () => {
  it('against a warning wants a second press, and another letter asks again', async () => {
    await openCard();
    await page.keyboard.press('KeyS');
    await page.keyboard.insertText('Очень длинное сообщение. '.repeat(12));
    await byId('gate-many_segments').waitFor();
    await page.keyboard.press('Control+Enter');
    await byId('gate-sure').waitFor();
    await lookAt('warned');
    await page.keyboard.type('!');
    await byId('gate-sure').waitFor({ state: 'detached' });
    expect(await received('sms', marina.number)).toEqual([]);
    await page.keyboard.press('Control+Enter');
    await byId('gate-sure').waitFor();
    await page.keyboard.press('Control+Enter');
    await expect.poll(async () => (await received('sms', marina.number)).length).toBe(1);
  });

  it('what did not arrive is sent again, or needs nothing more', async () => {
    const id = await makeCard(silent.name, [{ kind: 'phone', value: silent.number }]);
    await openCard(id);
    await page.keyboard.press('KeyS');
    await page.keyboard.type('Перезвоните нам');
    await byId('message-send').waitFor();
    await page.keyboard.press('Control+Enter');
    const failed = page.locator('[data-testid="timeline-entry"]').filter({ hasText: 'Перезвоните нам' });
    await expect.poll(() => failed.getByTestId('delivery').getAttribute('data-state')).toBe('failed');
    await leaveField();
    await walkTo(failed.getByRole('button').first(), 'Tab');
    await page.keyboard.press('Enter');
    await walkTo(byId('send-again'), 'Tab');
    await lookAt('failed');
    await page.keyboard.press('Enter');
    await expect.poll(() => failed.count()).toBe(2);
    // the first one asks for nothing any more
    await byId('send-again').waitFor({ state: 'detached' });
    await expect.poll(() => failed.first().getByTestId('delivery').getAttribute('data-state')).toBe('failed');
    await failed.first().getByRole('button').first().click();
    await byId('resolve-message').click();
    await byId('resolve-message').waitFor({ state: 'detached' });
    expect((await anna.call('GET /api/v1/failed-messages', { querystring: { limit: 10 } })).items).toEqual([]);
  });

  it('a file dropped on the message goes with it', async () => {
    await openCard();
    await page.keyboard.press('KeyE');
    await byId('message-subject').fill('Смета');
    await text().fill('Смета во вложении.');
    const files = await page.evaluateHandle(() => {
      const { DataTransfer, File } = globalThis as unknown as {
        DataTransfer: new () => { items: { add(file: unknown): void } };
        File: new (parts: string[], name: string, options: object) => unknown;
      };
      const dragged = new DataTransfer();
      dragged.items.add(new File(['Итого: 100'], 'смета.txt', { type: 'text/plain' }));
      return dragged;
    });
    await byId('message-form').dispatchEvent('dragover', { dataTransfer: files });
    await lookAt('dragging');
    await byId('message-form').dispatchEvent('drop', { dataTransfer: files });
    await byId('attached').waitFor();
    await byId('message-send').click();
    await expect
      .poll(async () => (await received('email', marina.email)).at(-1))
      .toMatchObject({ subject: 'Смета', files: ['смета.txt'] });
  });

  it('under a mail stands my signature, and a template comes by its word', async () => {
    await byId('user-menu').click();
    const kept = page.waitForResponse(
      (answer) => answer.url().endsWith('/session/settings') && (answer.request().postData() ?? '').includes('Белова'),
    );
    await byId('signature').fill('С уважением,\nАнна Белова');
    expect((await kept).ok()).toBe(true);
    await lookAt('signature');
    await page.keyboard.press('Escape');
    await openCard();
    await page.keyboard.press('KeyE');
    await byId('message-subject').fill('Спасибо');
    await text().focus();
    await page.keyboard.type('::thanks');
    await byId('template').first().waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => text().inputValue()).toContain('Марина, спасибо за заказ!');
    await byId('message-send').click();
    await expect
      .poll(async () => (await received('email', marina.email)).at(-1)?.text)
      .toMatch(/Марина, спасибо за заказ![\s\S]+С уважением,\s+Анна Белова/);
  });
});

describe('a mail', () => {
  it('is forwarded with its file', async () => {
    await openCard();
    const sent = page.getByTestId('timeline-entry').filter({ hasText: 'Смета во вложении' }).first();
    await sent.getByRole('button').first().click();
    await sent.getByTestId('message-forward').click();
    await expect.poll(() => byId('message-mode').getAttribute('data-mode')).toBe('forward');
    expect(await byId('message-subject').inputValue()).toBe('Fwd: Смета');
    await byId('message-to-field').fill(colleague);
    await page.keyboard.press('Enter');
    await text().fill('Посмотрите, пожалуйста.');
    await lookAt('forward');
    await byId('message-send').click();
    await expect
      .poll(async () => (await received('email', colleague)).at(-1))
      .toMatchObject({ subject: 'Fwd: Смета', files: ['смета.txt'] });
    expect((await received('email', colleague)).at(-1)?.text).toContain('Смета во вложении.');
  });

  it('is answered to all who read it', async () => {
    await writeToUs('email', 'Отвечайте нам обеим.', { subject: 'Вдвоём', cc: [colleague] });
    await openConversation('Вдвоём');
    await byId('message-reply-all').click();
    await expect.poll(() => byId('message-mode').getAttribute('data-mode')).toBe('reply_all');
    await byId('message-to').getByTitle(marina.email).waitFor();
    await byId('message-cc').getByTitle(colleague).waitFor();
    await text().fill('Обеим отвечаем.');
    await lookAt('reply-all');
    await byId('message-send').click();
    for (const owner of [marina.email, colleague])
      await expect.poll(async () => (await received('email', owner)).at(-1)?.subject).toBe('Re: Вдвоём');
  });

  it('asks for its pictures elsewhere when somebody wants to see them, and not before', async () => {
    const asked: string[] = [];
    const dot = Buffer.from('R0lGODlhAQABAIAAAP8AAP///ywAAAAAAQABAAACAkQBADs=', 'base64');
    await page.context().route('https://pictures.example/**', (route) => {
      asked.push(route.request().url());
      return route.fulfill({ contentType: 'image/gif', body: dot });
    });
    const picture1 = 'https://pictures.example/sofa.gif?reader=marina';
    await writeToUs('email', 'Вот диван.', {
      subject: 'Диван',
      html: `<h1>Вот диван</h1><p><img src="${picture1}" width="200" height="100" alt="диван"></p>`,
    });
    await openConversation('Диван');
    await byId('laid-out').click();
    const frame = page.frameLocator('[data-testid="message-frame"]');
    await frame.getByRole('heading', { name: 'Вот диван' }).waitFor();
    await byId('show-pictures').waitFor();
    // nothing runs in the frame, not even what looks for faults
    await picture(page, 'actions-pictures-blocked');
    expect(asked).toEqual([]);
    await byId('show-pictures').click();
    await expect.poll(() => asked).toEqual([picture1]);
    await byId('show-pictures').waitFor({ state: 'detached' });
    await expect
      .poll(() => frame.locator('img').evaluate((shown) => (shown as unknown as { naturalWidth: number }).naturalWidth))
      .toBe(1);
    await picture(page, 'actions-pictures-shown');
  });
});

it('a message in a hidden tab is heard, and is a desktop notification', async () => {
  await page.goto(server.url);
  await page.locator('[data-testid="phone-state"][data-registered="true"]').waitFor();
  await page.evaluate(() => {
    interface Beep {
      readonly frequency: { readonly value: number };
    }
    const scope = globalThis as unknown as {
      OscillatorNode: { prototype: { start(this: Beep, at?: number): void } };
      beeps: number[];
    };
    const { start } = scope.OscillatorNode.prototype;
    scope.beeps = [];
    scope.OscillatorNode.prototype.start = function (at) {
      scope.beeps.push(this.frequency.value);
      start.call(this, at);
    };
  });
  const tab = await hideTab(page);
  await writeToUs('sms', 'Вы ещё работаете?');
  await expect.poll(() => tab.shown()).toEqual([expect.stringContaining('Вы ещё работаете?')]);
  expect((await tab.shown())[0]).toContain(marina.name);
  await expect
    .poll(() => page.evaluate(() => (globalThis as unknown as { beeps: number[] }).beeps))
    .toEqual([1175, 784]);
  await tab.reveal();
});

it('a chat is answered in its tab, and shows the page when it is another one', async () => {
  const visitor = await page.context().newPage();
  const say = async (words: string): Promise<void> => {
    await visitor.getByRole('button', { name: /^(Write to us|Написать нам)$/ }).click();
    await visitor.getByLabel(/^(Your message|Ваше сообщение)$/).fill(words);
    await visitor.getByLabel(/^(Your message|Ваше сообщение)$/).press('Enter');
  };
  await visitor.goto(`${server.url}/demo?page=sofa`);
  await say('Есть диван?');
  const waiting = page.locator('[data-testid^="work-conversation-"]').filter({ hasText: 'Есть диван?' });
  await waiting.click();
  await byId('tab-chat').waitFor();
  await byId('tab-chat').click();
  await text().fill('Есть, серый.');
  await byId('message-send').click();
  await visitor.getByRole('log').getByText('Есть, серый.').waitFor();
  await visitor.goto(`${server.url}/demo?page=chair`);
  await say('А кресло?');
  await newest('chat').filter({ hasText: 'А кресло?' }).waitFor();
  expect(await byId('message-page').count()).toBe(2);
  expect(await byId('message-page').first().getAttribute('title')).toContain('page=chair');
  await lookAt('chat');
  await visitor.close();
});

it('in English, in the dark, on a large screen', async () => {
  await byId('user-menu').click();
  await byId('theme-dark').click();
  await byId('language').click();
  await page.keyboard.press('Escape');
  await page.locator('html[lang="en"]').waitFor();
  await page.setViewportSize({ width: 1440, height: 900 });
  await newest('chat').getByRole('button').first().click();
  await lookAt('chat-en-dark');
  await byId('conversation-more').click();
  await byId('conversation-split').waitFor();
  await lookAt('more-en-dark');
});
