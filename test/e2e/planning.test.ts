import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { type TestBrowser, tonesInBrowser } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  openTalkingBrowser,
  openWorkplace,
  picture,
  seriousFaults,
  type Workplace,
} from '../support/talking-browser.ts';

const tones = { client: 620, anna: 1010 } as const;
const allTones = Object.values(tones);

let server: TestServer;
let agent: Workplace;
let client: TestBrowser;
let anna: ApiClient;
let page: Page;

beforeAll(async () => {
  server = await startTestServer();
  agent = await openWorkplace({ url: server.url, login: 'anna', tone: tones.anna });
  client = await openTalkingBrowser(tones.client, `${server.url}/demo`);
  ({ page } = agent);
  anna = await server.signIn('anna');
});
afterAll(async () => {
  await client?.close();
  await agent?.close();
  await server?.close();
});

const strip = (state: string) => agent.strip(state);

describe('what is planned', () => {
  it('a promise by the key O: whether I am on shift then is said at once, and it is listed', async () => {
    const { id } = await anna.call('POST /api/v1/clients', {
      body: { name: 'Пётр Обещанный', contactPoints: [{ kind: 'phone', value: '+79160000301' }] },
    });
    await page.getByTestId('search').fill('Обещанный');
    await page.getByTestId('search-result').first().click();
    await expect.poll(() => page.getByTestId('pop-name').innerText()).toContain('Обещанный');
    await page.locator('body').press('KeyO');
    await page.getByTestId('task-form').waitFor();
    await page.getByTestId('task-check').waitFor();
    await expect.poll(() => page.getByTestId('task-check').getAttribute('data-on-shift')).toBe('true');
    // The demo's agents are on shift round the clock: what the screen says of another answer.
    const nearest = new Date(new Date().setHours(33, 0, 0, 0)).toISOString();
    await page.route(
      '**/api/v1/tasks/check',
      async (route) => {
        const response = await route.fetch();
        const check = { ...((await response.json()) as object), onShift: false, shift: null, nearest: [nearest] };
        await route.fulfill({ response, json: check });
      },
      { times: 1 },
    );
    await page.getByTestId('task-quick-tomorrow').click();
    await expect.poll(() => page.getByTestId('task-check').getAttribute('data-on-shift')).toBe('false');
    await picture(page, 'task-form');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByTestId('task-nearest').click();
    expect(await page.getByTestId('task-when').inputValue()).toMatch(/T09:00$/);
    await page.getByTestId('task-quick-15').click();
    await page.getByTestId('task-title').fill('Прислать цену');
    await page.getByTestId('task-save').click();
    await page.getByTestId('task-form').waitFor({ state: 'detached' });
    const { items } = await anna.call('GET /api/v1/clients/:id/tasks', { params: { id } });
    expect(items).toMatchObject([{ kind: 'promise', title: 'Прислать цену', assignee: { name: 'Анна Белова' } }]);
    await page.getByTestId(`work-task-${items[0]?.id}`).waitFor();
    await page.getByTestId(`planned-${items[0]?.id}`).waitFor();
  });

  it('its time comes: a reminder, put off from it, done from the list', async () => {
    const now = Date.now();
    const task = await anna.call('POST /api/v1/tasks', {
      body: { kind: 'task', title: 'Проверить склад', dueAt: new Date(now + 2_000).toISOString() },
    });
    const reminder = page.getByTestId(`reminder-${task.id}`);
    await reminder.waitFor();
    await picture(page, 'reminder');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByTestId(`reminder-snooze-5-${task.id}`).click();
    await reminder.waitFor({ state: 'detached' });
    await page.getByTestId(`work-task-${task.id}`).waitFor();
    await page.getByTestId(`task-done-${task.id}`).click();
    await page.getByTestId(`work-task-${task.id}`).waitFor({ state: 'detached' });
    expect(await anna.call('GET /api/v1/tasks/:id', { params: { id: task.id } })).toMatchObject({ state: 'done' });
  });
});

it('a test call is answered by itself, and is no call of the strip', async () => {
  const test = anna.call('POST /api/v1/test-calls');
  await expect.poll(() => tonesInBrowser(page, allTones).catch(() => [])).toEqual([tones.anna]);
  expect(await strip('idle').isVisible()).toBe(true);
  expect(await test).toEqual({ passed: true, reason: 'ok' });
});

describe('a call', () => {
  it('rings in the title of a hidden tab, and its next step is planned in wrap-up', async () => {
    await page.evaluate(() => {
      const { document } = globalThis as unknown as { document: object };
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      const shown: string[] = [];
      class Recorded {
        static permission = 'granted';
        constructor(text: string) {
          shown.push(text);
        }
        close(): void {}
      }
      Object.assign(globalThis, { Notification: Recorded, shownNotifications: shown });
    });
    await client.page.getByTestId('demo-call').click();
    await strip('offered').waitFor();
    await expect.poll(() => page.title()).toContain('☎');
    const shown = () => page.evaluate(() => (globalThis as { shownNotifications?: string[] }).shownNotifications);
    await expect.poll(shown).toEqual([expect.stringMatching(/^Звонок: ./)]);
    await page.getByTestId('answer').click();
    await strip('active').waitFor();
    await expect.poll(() => page.title()).not.toContain('☎');
    await page.evaluate(() => {
      const { document } = globalThis as unknown as { document: { hidden?: boolean } };
      // the browser's own answer again
      delete document.hidden;
    });
    await page.getByTestId('hang-up').click();
    await strip('wrap_up').waitFor();
    await page.getByTestId('next-callback').click();
    await page.getByTestId('task-form').waitFor();
    await page.getByTestId('task-quick-tomorrow').click();
    await page.getByTestId('task-save').click();
    await page.getByTestId('next-made').waitFor();
    await picture(page, 'wrap-up');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByTestId('finish').click();
    await strip('idle').waitFor();
  });

  it('that left a message is owed: in words, with the time left; the message plays, one press calls back', async () => {
    const card = await anna.call('POST /api/v1/clients', {
      body: {
        name: 'Ждёт Ответа',
        responsibleId: anna.me.id,
        contactPoints: [{ kind: 'phone', value: '+79160000255' }],
      },
    });
    await anna.call('PUT /api/v1/presence', { body: { status: 'not_ready', reason: 'break' } });
    const { page: demo } = client;
    await demo.getByTestId('demo-caller').selectOption('other');
    await demo.getByTestId('demo-number').fill('+79160000255');
    await demo.getByTestId('demo-call').click();
    await expect.poll(() => demo.getByTestId('demo-state').getAttribute('data-state')).toBe('talking');
    await demo.getByTestId('demo-digit-2').click();
    // What he is told, and some seconds of his own words.
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    await demo.getByTestId('demo-hang-up').click();
    const row = page.getByTestId(`work-owed-${card.id}`);
    await row.waitFor();
    await expect.poll(() => row.innerText()).toMatch(/(осталось|скорее).*оставил сообщение/s);
    await row.click();
    const newest = page.getByTestId('timeline-entry').first();
    await expect.poll(() => newest.innerText()).toContain('сообщение');
    await newest.click();
    await page.getByTestId('recording').getByRole('button').click();
    await expect.poll(() => playedSeconds(page)).toBeGreaterThan(0.5);
    await picture(page, 'owed');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByTestId(`owed-call-${card.id}`).click();
    await strip('active').waitFor();
    await page.getByTestId('hang-up').click();
    await strip('wrap_up').waitFor();
    await page.getByTestId('finish').click();
    await row.waitFor({ state: 'detached' });
  });
});

/** How far the recording in the history has been played. */
const playedSeconds = (on: Page): Promise<number> =>
  on.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { querySelector(selector: string): { currentTime: number } | null };
    };
    return document.querySelector('[data-testid="recording"] audio')?.currentTime ?? 0;
  });
