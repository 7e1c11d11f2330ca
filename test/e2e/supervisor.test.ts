import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { busyMonday } from '../softphone/board-samples.ts';
import { allTones, type CallCenter, openCallCenter, tones } from '../support/call-center.ts';
import { openWorkplace, picture, seriousFaults, type Workplace } from '../support/talking-browser.ts';

const olgasTone = 830;

let center: CallCenter;
let boss: Workplace;
let page: Page;

beforeAll(async () => {
  center = await openCallCenter({ agents: ['anna', 'boris'], queue: { wrapUpSeconds: 60 } });
  boss = await openWorkplace({ url: center.server.url, login: 'olga', tone: olgasTone });
  ({ page } = boss);
  // a window that still comes in has other colours: neither axe nor a picture is to see that
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openBoard();
});
afterAll(async () => {
  await boss?.close();
  await center?.close();
});
afterEach(async () => {
  await page.unrouteAll();
  await center.clearDesks();
  if (!page.url().endsWith('/supervisor')) await openBoard();
  for (const login of ['anna', 'boris'] as const) await center.desk(login).setStatus('available');
});

/** Without a reload: her phone stays. */
async function openBoard(): Promise<void> {
  await page.getByTestId('user-menu').click();
  await page.getByTestId('supervisor-link').click();
  await page.getByTestId('tile-waiting').waitFor();
}

describe('a busy Monday', () => {
  const sizes = [
    { width: 1440, height: 900 },
    { width: 1280, height: 720 },
  ];

  it('fits the screen in both languages, light and dark, with nothing serious for axe', async () => {
    const visit = await page.context().newPage();
    await visit.emulateMedia({ reducedMotion: 'reduce' });
    try {
      const monday = busyMonday(Date.now());
      const answer = (path: string, json: object) => visit.route(`**${path}`, (route) => route.fulfill({ json }));
      await answer('/api/v1/board', monday.board);
      await answer('/api/v1/queues', { items: monday.queues });
      await answer('/api/v1/agents', { items: monday.agents });
      await answer('/api/v1/owed?*', monday.owed);
      // what the house itself would push is another day
      await visit.routeWebSocket('**/socket.io/**', (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
          if (!/^42\["(queues|board)"/.test(String(message))) socket.send(message);
        });
      });
      await visit.goto(`${center.server.url}/supervisor`);
      await visit.getByTestId('queue-1').waitFor();
      // only offers and calls for help may talk into what a supervisor listens to
      expect(await visit.locator('[aria-live], [role="alert"], [role="status"]').count()).toBe(0);
      await visit.getByTestId('filter-not_ready').click();
      expect(await visit.locator('[data-block="3"] tbody tr').count()).toBe(2);
      await visit.getByTestId('filter-not_ready').click();
      expect(await visit.locator('[data-block="3"] tbody tr').count()).toBe(monday.agents.length);
      for (const language of ['ru', 'en']) {
        for (const scheme of ['light', 'dark']) {
          await visit.getByTestId('user-menu').click();
          await visit.getByTestId(`theme-${scheme}`).click();
          await visit.keyboard.press('Escape');
          await visit.getByTestId('sign-out').waitFor({ state: 'detached' });
          for (const size of sizes) {
            await visit.setViewportSize(size);
            await visit.getByTestId('queue-1').waitFor();
            await picture(visit, `board-${language}-${scheme}-${size.width}`);
            expect(await overflow(visit), `${language} ${size.width}`).toEqual([]);
          }
          const open = visit.locator('[data-testid="queue-1"] button').first();
          await open.click();
          // the words change no colour, the colours no word: each language and each scheme once
          if ((language === 'ru') === (scheme === 'light')) expect(await seriousFaults(visit)).toEqual([]);
          await open.click();
        }
        await visit.getByTestId('user-menu').click();
        await visit.getByTestId('language').click();
        await visit.keyboard.press('Escape');
      }
    } finally {
      await visit.close();
    }
  });
});

/** Elements that would have to be scrolled sideways. */
const overflow = (on: Page): Promise<string[]> =>
  on.evaluate(() => {
    interface Box {
      readonly scrollWidth: number;
      readonly clientWidth: number;
      readonly tagName: string;
      readonly className: unknown;
    }
    const { document } = globalThis as unknown as { document: { querySelectorAll(selector: string): Iterable<Box> } };
    return [...document.querySelectorAll('html, main, section, article')]
      .filter((box) => box.scrollWidth > box.clientWidth + 1)
      .map((box) => `${box.tagName} ${String(box.className)}: ${box.scrollWidth} > ${box.clientWidth}`);
  });

/** A figure of a tile or of a queue's row, as it is read. */
const figure = (place: string, metric: string): Promise<string> =>
  page.locator(`[data-testid="${place}"] [data-metric="${metric}"]`).first().innerText();

const agentState = (id: number) => page.getByTestId(`agent-${id}`).getAttribute('data-state');

const queueId = async (): Promise<string> => {
  const { items } = await center.olga.call('GET /api/v1/queues');
  return `queue-${items[0]?.id}`;
};

/** Physical keys, as on any layout. */
const press = (...codes: string[]): Promise<void> =>
  codes.reduce((before, code) => before.then(() => page.keyboard.press(code)), Promise.resolve());

describe('a caller', () => {
  it('who waits is on the tile and in his queue by a push; answered, he is in the figures', async () => {
    // nothing but pushes can tell the board of him
    await page.route(/\/api\/v1\/(board|queues)$/, (route) => route.abort());
    const anna = center.desk('anna');
    await center.desk('boris').setStatus('not_ready', 'break');
    const queue = await queueId();
    const client = await center.makeClient('Ждущий Клиент');
    const before = Number(await figure(queue, 'answered')) || 0;
    const call = await center.call(client.number);
    const ring = await anna.phone.nextCall();
    await expect.poll(() => figure('tile-waiting', 'waiting')).toBe('1');
    await expect.poll(() => figure(queue, 'waiting')).toBe('1');
    await expect.poll(() => agentState(anna.me.id)).toBe('ringing');
    await expect.poll(() => figure('tile-waiting', 'longest')).toMatch(/^00:\d\d$/);
    ring.answer();
    await expect.poll(() => agentState(anna.me.id)).toBe('on_call');
    await expect.poll(() => figure('tile-waiting', 'waiting')).toBe('0');
    await expect.poll(() => figure(queue, 'answered')).toBe(String(before + 1));
    await expect.poll(() => figure(queue, 'sl_day')).toMatch(/^\d+,\d\u00a0%$/);
    await expect.poll(() => page.getByTestId(`agent-${anna.me.id}`).innerText()).toContain('Ждущий Клиент');
    call.hangUp();
    await expect.poll(() => agentState(anna.me.id)).toBe('wrap_up');
    await expect
      .poll(() => page.locator(`[data-testid="agent-${anna.me.id}"] [data-metric="talks"]`).innerText())
      .toBe('1');
  });

  it('for whom nobody rings is told why, in words, when his queue is opened', async () => {
    await center.desk('boris').setStatus('not_ready', 'break');
    const call = await center.call(center.newNumber());
    const ring = await center.desk('anna').phone.nextCall();
    ring.decline(603);
    await page.getByTestId(await queueId()).focus();
    await press('Enter');
    await expect.poll(() => page.getByTestId('waiting-caller').innerText()).toMatch(/Анна Белова .*отклонён/);
    expect(await seriousFaults(page)).toEqual([]);
    call.hangUp();
    await expect.poll(() => page.getByTestId('waiting-caller').count()).toBe(0);
    await press('Escape');
  });
});

describe('a client who gave up', () => {
  it('counts as abandoned, is owed an answer, and is done with when he is called back: all by keys', async () => {
    for (const login of ['anna', 'boris'] as const) await center.desk(login).setStatus('not_ready', 'break');
    const number = '+79160000255';
    const card = await center.olga.call('POST /api/v1/clients', {
      body: { name: 'Не Дождался', contactPoints: [{ kind: 'phone', value: number }] },
    });
    const before = Number(await figure('tile-lost', 'abandoned')) || 0;
    const owed = () => center.olga.call('GET /api/v1/owed', { querystring: { scope: 'all', limit: 100 } });
    const rowOf = async () => (await owed()).items.find(({ client }) => client.id === card.id);
    // not by a difference: what an earlier caller left behind is counted a moment after he has gone
    const tileSaysAll = async () => (await figure('tile-lost', 'owed')) === String((await owed()).open);
    const call = await center.call(number);
    await call.answered();
    // longer than a short abandon
    await call.listen(6);
    call.hangUp();
    await expect.poll(() => figure('tile-lost', 'abandoned')).toBe(String(before + 1));
    await expect.poll(rowOf).toBeDefined();
    await expect.poll(tileSaysAll).toBe(true);
    const id = (await rowOf())?.id;
    const row = page.getByTestId(`owed-${id}`);
    await row.waitFor();
    await expect.poll(() => row.innerText()).toMatch(/Не Дождался[\s\S]*осталось[\s\S]*пропущенный звонок/);

    await press('Digit4');
    await walkTo(row, 'KeyJ');
    await press('Enter');
    const choice = page.getByTestId(`give-to-${id}`);
    await expect.poll(() => isFocused(choice)).toBe(true);
    await picture(page, 'board-owed-open');
    await press('ArrowDown');
    const colleague = await choice.locator('option:checked').innerText();
    await walkTo(page.getByTestId(`give-${id}`), 'Tab');
    await press('Enter');
    await expect.poll(() => page.getByTestId(`owner-${id}`).innerText()).toBe(colleague.replace(', в смене', ''));
    await expect.poll(() => isFocused(row)).toBe(true);
    await walkTo(page.getByTestId(`owed-call-${card.id}`), 'Tab');
    await press('Enter');
    await boss.strip('active').waitFor();
    await press('KeyX');
    await boss.strip('wrap_up').waitFor();
    await page.getByTestId('finish').click();
    await openBoard();
    await expect.poll(() => row.count()).toBe(0);
    await expect.poll(rowOf).toBeUndefined();
    await expect.poll(tileSaysAll).toBe(true);
  });

  it('is closed with a reason', async () => {
    await center.desk('boris').setStatus('not_ready', 'break');
    const client = await center.makeClient('Не Нужен');
    const call = await center.call(client.number);
    await center.desk('anna').phone.nextCall();
    call.hangUp();
    const row = page.locator('[data-block="4"] li', { hasText: 'Не Нужен' });
    await row.locator('[data-row]').focus();
    await press('Enter');
    await walkTo(row.locator('[data-testid^="close-reason-"]'), 'Tab');
    await page.keyboard.type('спам');
    await press('Enter');
    await expect.poll(() => row.count()).toBe(0);
  });
});

const isFocused = (element: Locator): Promise<boolean> =>
  element.evaluate(
    (node) => node === (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement,
  );

/** Presses a key until this element has the focus. */
async function walkTo(element: Locator, code: string): Promise<void> {
  for (let at = 0; at < 30 && !(await isFocused(element)); at++) await press(code);
  expect(await isFocused(element)).toBe(true);
}

/** What has the focus when S was pressed on a row and nothing else, no timer either, has run yet. */
async function rightAfterS(row: unknown): Promise<string | undefined> {
  const scope = globalThis as unknown as {
    document: { activeElement: { dataset: Record<string, string | undefined> } | null };
    KeyboardEvent: new (type: string, init: object) => Event;
  };
  const event = new scope.KeyboardEvent('keydown', { code: 'KeyS', key: 's', bubbles: true, cancelable: true });
  (row as EventTarget).dispatchEvent(event);
  for (let at = 0; at < 10; at++) await Promise.resolve();
  return scope.document.activeElement?.dataset['testid'];
}

describe('an agent', () => {
  it('is listened to, gets a status and is finished by L, S and F on his row', async () => {
    const anna = center.desk('anna');
    await center.desk('boris').setStatus('not_ready', 'break');
    const call = await center.call(center.newNumber());
    (await anna.phone.nextCall()).answer();
    await call.answered();
    const { id } = anna.me;
    const row = page.getByTestId(`agent-${id}`);
    await expect.poll(() => row.getAttribute('data-state')).toBe('on_call');
    await press('Digit3');
    await walkTo(row, 'ArrowDown');
    await press('KeyL');
    await page.getByTestId(`leave-${id}`).waitFor();
    await expect.poll(() => boss.hears([...allTones, olgasTone])).toEqual([tones.caller, tones.anna]);
    await expect.poll(() => page.getByTestId(`in-hand-${id}`).innerText()).toContain('слушает: вы');
    expect(await call.tones([...allTones, olgasTone])).toEqual([tones.anna]);
    await press('KeyL');
    await page.getByTestId(`listen-${id}`).waitFor();
    await expect.poll(() => isFocused(row)).toBe(true);
    expect(await row.evaluate(rightAfterS)).toBe('status-available');
    const lunch = page.getByTestId('status-lunch');
    await walkTo(lunch, 'ArrowDown');
    await picture(page, 'board-status');
    // a push in the meantime leaves the choice where it is
    const { id: boris } = center.desk('boris').me;
    await center.desk('boris').setStatus('available');
    await expect.poll(() => agentState(boris)).toBe('available');
    expect(await isFocused(lunch)).toBe(true);
    await press('Enter');
    await expect.poll(() => page.getByTestId(`in-hand-${id}`).innerText()).toMatch(/^потом: обед/i);
    expect(await isFocused(row)).toBe(true);
    // who knows the number does not wait for the menu
    await Promise.all([page.keyboard.press('KeyS'), page.keyboard.press('Digit2')]);
    await expect.poll(() => page.getByTestId(`in-hand-${id}`).innerText()).toMatch(/^потом: перерыв/i);
    expect(await isFocused(row)).toBe(true);
    call.hangUp();
    await expect.poll(() => row.getAttribute('data-state')).toBe('wrap_up');
    await press('KeyF');
    await expect.poll(() => row.getAttribute('data-state')).toBe('not_ready');
    await anna.setStatus('available');
    await expect.poll(() => row.getAttribute('data-state')).toBe('available');
  });
});

it('a figure explains itself: name, formula, thresholds, what is left out, numerator and denominator', async () => {
  await press('Digit1', 'ArrowDown');
  for (let at = 0; at < 10; at++) {
    if ((await page.evaluate(focusedMetric)) === 'sl_day') break;
    await press('ArrowDown');
  }
  await press('Enter');
  const passport = page.getByTestId('passport');
  await expect
    .poll(() => passport.innerText())
    .toMatch(/Уровень сервиса за день[\s\S]*\d+ \/ \d+[\s\S]*÷[\s\S]*короткие[\s\S]*до 20 с[\s\S]*F6, версия 1/);
  await picture(page, 'board-passport');
  expect(await seriousFaults(page)).toEqual([]);
  await press('Escape');
  await passport.waitFor({ state: 'detached' });
  await expect.poll(() => page.evaluate(focusedMetric)).toBe('sl_day');
});

const focusedMetric = (): string | undefined => {
  const { document } = globalThis as unknown as {
    document: { activeElement: { dataset: Record<string, string | undefined> } | null };
  };
  return document.activeElement?.dataset['metric'];
};

it('says that it is not live while the server is away, and is true again when it is back', async () => {
  await boss.context.setOffline(true);
  await center.server.restart();
  await page.getByTestId('not-live').waitFor();
  await picture(page, 'board-not-live');
  expect(await seriousFaults(page)).toEqual([]);
  const boris = center.desk('boris');
  await boris.setStatus('not_ready', 'lunch');
  expect(await agentState(boris.me.id)).toBe('available');
  await boss.context.setOffline(false);
  await page.getByTestId('not-live').waitFor({ state: 'detached' });
  await expect.poll(() => agentState(boris.me.id)).toBe('not_ready');
});
