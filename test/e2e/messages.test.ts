import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../db/client.ts';
import { messageSettings } from '../../db/schema/index.ts';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openWorkplace, picture, seriousFaults, type Workplace } from '../support/talking-browser.ts';

const UNDO_SECONDS = 4;
const alina = { name: 'Алина Перепискина', number: '+79160000517', email: 'alina@outside.example' } as const;

let server: TestServer;
let agent: Workplace;
let page: Page;
let anna: ApiClient;
let clientId: number;

/** Nobody sleeps, and nobody waits long for the undo. */
async function prepare(db: Database): Promise<void> {
  const quiet = { quietFrom: '00:00', quietTo: '00:00', undoSeconds: UNDO_SECONDS };
  await db.orm.insert(messageSettings).values(quiet).onConflictDoUpdate({ target: messageSettings.id, set: quiet });
}

beforeAll(async () => {
  server = await startTestServer({ prepare });
  anna = await server.signIn('anna');
  agent = await openWorkplace({ url: server.url, login: 'anna', tone: 1010 });
  ({ page } = agent);
  const card = await anna.call('POST /api/v1/clients', {
    body: {
      name: alina.name,
      responsibleId: anna.me.id,
      contactPoints: [
        { kind: 'phone', value: alina.number },
        { kind: 'email', value: alina.email },
      ],
    },
  });
  clientId = card.id;
});
afterAll(async () => {
  await agent?.close();
  await server?.close();
});

const openCard = async (): Promise<void> => {
  await page.goto(`${server.url}/clients/${clientId}`);
  await expect.poll(() => page.getByTestId('pop-name').innerText()).toContain(alina.name);
};

/** What lies in the client's phone or mailbox. */
async function outside(kind: 'sms' | 'email') {
  const owner = kind === 'sms' ? alina.number : alina.email;
  const { items } = await anna.call('GET /api/v1/demo/messages', { querystring: { kind, owner } });
  return items.filter(({ direction }) => direction === 'in');
}

/** The client writes. */
const writeToUs = (
  kind: 'sms' | 'email',
  text: string,
  change: { subject?: string; owner?: string; name?: string; answersId?: string } = {},
) =>
  anna.call('POST /api/v1/demo/messages', {
    body: {
      kind,
      owner: change.owner ?? (kind === 'sms' ? alina.number : alina.email),
      name: change.name ?? alina.name,
      subject: change.subject ?? '',
      text,
      answersId: change.answersId ?? null,
    },
  });

/**
 * As if the mail had named Alina's conversation: the demo's mailboxes have only their own mails to answer. What makes somebody
 * a stranger is tested where mail is taken in.
 */
async function makeStranger(from: string): Promise<void> {
  await server.db.run({
    name: 'test_stranger',
    text: `WITH asked AS (
             UPDATE messages SET ask_because = 'new_sender', ask_conversation_id =
               (SELECT id FROM conversations WHERE client_id = $2 AND channel = 'email' LIMIT 1)
             WHERE from_address = $1 RETURNING id, ask_conversation_id)
           UPDATE timeline_entries e SET data = jsonb_set(e.data, '{message,ask}',
             jsonb_build_object('conversationId', asked.ask_conversation_id, 'because', 'new_sender'))
           FROM asked WHERE e.id = asked.id`,
    values: [from, clientId],
  });
}

/** What a page has and these tests do not know of. */
interface BrowserParts {
  readonly DataTransfer: new () => { items: { add(file: unknown): void } };
  readonly File: new (parts: unknown[], name: string, options: object) => unknown;
  readonly ClipboardEvent: new (type: string, init: object) => unknown;
}

/** Who waits for me, by what is written in the row. */
const waiting = (text: string) => page.locator('[data-testid^="work-conversation-"]').filter({ hasText: text });

const newest = () => page.getByTestId('timeline-entry').first();

describe('messages on the agent’s screen', () => {
  it('an SMS by keys alone: counted, kept as a draft, sent, and it arrives', async () => {
    await openCard();
    await page.keyboard.press('KeyS');
    await expect
      .poll(() =>
        page
          .getByTestId('message-text')
          .evaluate((field) => (field as unknown as { matches(selector: string): boolean }).matches(':focus')),
      )
      .toBe(true);
    await page.keyboard.type('Здравствуйте! Ваш заказ собран.');
    await expect.poll(() => page.getByTestId('sms-counter').innerText()).toBe('1 сегмент · 39 осталось · UCS-2');
    await page.locator('[data-testid="draft-state"][data-state="saved"]').waitFor();
    // it survives a reload: the server has it
    await page.reload();
    await page.getByTestId('tab-sms').click();
    await expect.poll(() => page.getByTestId('message-text').inputValue()).toContain('заказ собран');
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('sent-bar').waitFor();
    await expect.poll(() => newest().innerText()).toContain('заказ собран');
    await expect
      .poll(async () => (await outside('sms')).map(({ text }) => text), { timeout: 15_000 })
      .toEqual(['Здравствуйте! Ваш заказ собран.']);
    await expect
      .poll(() => newest().getByTestId('delivery').getAttribute('data-state'), { timeout: 10_000 })
      .toBe('delivered');
  });

  it('taken back within the time for it: nothing leaves, and the text is in the field again', async () => {
    await openCard();
    await page.getByTestId('sms-point').click();
    await page.getByTestId('message-text').fill('Это не туда');
    const before = (await outside('sms')).length;
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('sent-bar').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('KeyU');
    await expect.poll(() => page.getByTestId('message-text').inputValue()).toBe('Это не туда');
    await expect.poll(() => newest().getByTestId('delivery').getAttribute('data-state')).toBe('undone');
    await page.getByTestId('message-discard').click();
    await expect.poll(() => page.getByTestId('message-text').inputValue()).toBe('');
    expect((await outside('sms')).length).toBe(before);
  });

  it('the client answers: he waits for me in the list with the time left, and is answered with a template', async () => {
    await page.goto(server.url);
    // what the first snapshot has is no news: the page must be there before him
    await page.getByTestId('status-menu').waitFor();
    await writeToUs('sms', 'Когда доставка?');
    const row = waiting('Когда доставка?');
    await expect.poll(() => row.innerText()).toContain(alina.name);
    await expect.poll(() => row.innerText()).toContain('Когда доставка?');
    await expect.poll(() => page.getByTestId('message-arrived').innerText()).toContain('Когда доставка?');
    await picture(page, 'messages-waiting-ru-light');
    expect(await seriousFaults(page)).toEqual([]);
    // by the keyboard alone: to the row, to the field, the template, away
    await page.keyboard.press('KeyJ');
    await page.getByTestId('conversation-bar').waitFor();
    expect(await page.getByTestId('tab-sms').getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('KeyS');
    await page.keyboard.type('::thanks');
    await page.getByTestId('template').first().waitFor();
    await picture(page, 'messages-template-ru-light');
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByTestId('message-text').inputValue()).toContain('Алина, спасибо за заказ!');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => row.count()).toBe(0);
    await expect
      .poll(async () => (await outside('sms')).at(-1)?.text, { timeout: 15_000 })
      .toContain('Алина, спасибо за заказ!');
    await page.keyboard.press('Escape');
    await page.keyboard.press('KeyF');
    await page.locator('[data-testid="conversation-bar"][data-state="closed"]').waitFor();
    // what he writes while he is written to is shown above the text
    await page.getByTestId('message-text').fill('До');
    await writeToUs('sms', 'Уже не надо');
    await expect.poll(() => page.getByTestId('newer-message').innerText()).toContain('Уже не надо');
    await page.getByTestId('message-discard').click();
  });

  it('an e-mail with subject, copy and a file; it arrives, is answered, and the answer is replied to', async () => {
    await openCard();
    await page.getByTestId('mail-point').click();
    await page.getByTestId('message-subject').fill('Договор');
    await page.getByTestId('add-copy').click();
    await page.getByTestId('message-cc-field').fill('boss@outside.example');
    await page.keyboard.press('Enter');
    await page.getByTestId('message-text').fill('Добрый день!\n\nДоговор во вложении.');
    await page
      .getByTestId('message-files')
      .setInputFiles({ name: 'договор.txt', mimeType: 'text/plain', buffer: Buffer.from('Договор №1') });
    await page.getByTestId('attached').waitFor();
    await picture(page, 'messages-email-ru-light');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByTestId('message-send').click();
    await expect.poll(() => newest().innerText()).toContain('Договор');
    await expect.poll(async () => (await outside('email')).at(-1)?.subject, { timeout: 15_000 }).toBe('Договор');
    const [mail] = (await outside('email')).slice(-1);
    expect(mail).toMatchObject({ files: ['договор.txt'] });
    await writeToUs('email', 'Спасибо, подпишем завтра.\n\n> Договор во вложении.', {
      subject: 'Re: Договор',
      answersId: mail?.id ?? '',
    });
    await waiting('Договор').click();
    await expect.poll(() => page.getByTestId('message-words').first().innerText()).toContain('подпишем завтра');
    expect(await page.getByTestId('message-mode').getAttribute('data-mode')).toBe('reply');
    await page.getByTestId('message-to').getByTitle(alina.email).waitFor();
    expect(await page.getByTestId('message-subject').inputValue()).toBe('Re: Договор');
    await page.getByTestId('message-text').fill('Ждём!');
    await picture(page, 'messages-reply-ru-light');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByTestId('message-send').click();
    await expect.poll(async () => (await outside('email')).at(-1)?.subject, { timeout: 15_000 }).toBe('Re: Договор');
    // as it was laid out, in a frame that runs nothing: not even what looks for faults
    const sent = page.getByTestId('timeline-entry').filter({ hasText: 'Договор во вложении' }).last();
    await sent.getByRole('button').first().click();
    await sent.getByTestId('laid-out').click();
    const frame = page.frameLocator('[data-testid="message-frame"]');
    await expect.poll(() => frame.locator('body').innerText()).toContain('Договор во вложении.');
    await picture(page, 'messages-laid-out-ru-light');
  });

  it('a pasted picture stands where it was pasted', async () => {
    await openCard();
    await page.keyboard.press('KeyE');
    await page.getByTestId('message-text').fill('Вот фото: ');
    await page.getByTestId('message-text').evaluate((field) => {
      const { DataTransfer, File, ClipboardEvent } = globalThis as unknown as BrowserParts;
      const clipboard = new DataTransfer();
      clipboard.items.add(new File([new Uint8Array([137, 80, 78, 71])], 'photo.png', { type: 'image/png' }));
      const paste = new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true });
      (field as unknown as { dispatchEvent(event: unknown): void }).dispatchEvent(paste);
    });
    await page.getByTestId('attached').waitFor();
    await expect.poll(() => page.getByTestId('message-text').inputValue()).toMatch(/^Вот фото: cid:[0-9a-f-]{36}$/);
    await page.getByTestId('message-discard').click();
  });

  it('who refused is not written to, and the screen says who refused what', async () => {
    await openCard();
    await page.getByTestId('consent-mark').nth(1).click();
    await page.getByTestId('consent-evidence').fill('Просил больше не писать');
    await page.getByTestId('consent-save').click();
    await page.getByTestId('consent-evidence').waitFor({ state: 'detached' });
    await page.getByTestId('tab-sms').click();
    await page.getByTestId('message-text').fill('Скидки!');
    await expect.poll(() => page.getByTestId('gate-refused').innerText()).toContain('Просил больше не писать');
    expect(await page.getByTestId('message-send').isDisabled()).toBe(true);
    await picture(page, 'messages-refused-ru-light');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByTestId('message-discard').click();
  });

  it('a stranger on the thread is asked about, and placed by hand', async () => {
    await writeToUs('email', 'Подключаюсь к переписке, я бухгалтер.', {
      owner: 'irina@outside.example',
      name: 'Ирина Бухгалтер',
      subject: 'Re: Договор',
    });
    await waiting('Ирина Бухгалтер').waitFor();
    await makeStranger('irina@outside.example');
    await waiting('Ирина Бухгалтер').click();
    const question = page.getByTestId('stranger-question');
    await question.first().waitFor();
    await picture(page, 'messages-stranger-ru-light');
    await question.first().getByTestId('place-apart').click();
    await expect.poll(() => question.count()).toBe(0);
  });

  it('in English, in the dark, on a large and a small screen', async () => {
    await openCard();
    await page.keyboard.press('KeyE');
    for (const [language, scheme] of [
      ['ru', 'dark'],
      ['en', 'dark'],
      ['en', 'light'],
    ] as const) {
      await page.getByTestId('user-menu').click();
      await page.getByTestId(`theme-${scheme}`).click();
      const isEnglish = (await page.locator('html').getAttribute('lang')) === 'en';
      if ((language === 'en') !== isEnglish) await page.getByTestId('language').click();
      await page.keyboard.press('Escape');
      for (const [width, height] of [
        [1280, 720],
        [1440, 900],
      ] as const) {
        await page.setViewportSize({ width, height });
        await picture(page, `messages-card-${language}-${scheme}-${width}`);
      }
      expect(await seriousFaults(page)).toEqual([]);
    }
  });
});
