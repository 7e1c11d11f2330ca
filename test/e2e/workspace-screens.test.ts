import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { seriousFaults, signInOn } from '../support/talking-browser.ts';

type StripState = 'idle' | 'offered' | 'dialing' | 'active' | 'held' | 'wrap_up';

const strip = (page: Page, state: StripState) => page.locator(`[data-testid="contact-strip"][data-state="${state}"]`);
const buttons = ['answer', 'decline', 'mute', 'hold', 'keypad', 'transfer', 'hang-up'];

let server: TestServer;
let agent: TestBrowser;
let client: TestBrowser;

async function signIn(page: Page, login: string): Promise<void> {
  await page.goto(server.url);
  await signInOn(page, { login });
  await page.getByTestId('status-menu').waitFor();
}

/** Calls the line from the client's page with a number that nobody has. */
async function call(number: string): Promise<void> {
  await client.page.getByTestId('demo-caller').selectOption('other');
  await client.page.getByTestId('demo-number').fill(number);
  await client.page.getByTestId('demo-call').click();
  await strip(agent.page, 'offered').waitFor();
}

async function places(page: Page): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const name of buttons) found[name] = await page.getByTestId(name).boundingBox();
  return found;
}

/** A key as a Russian layout sends it: the physical key is the same, the letter is not. */
async function pressRussian(page: Page, code: string, key: string): Promise<void> {
  await page.evaluate(
    ([physical, letter]) => {
      const { document, KeyboardEvent } = globalThis as unknown as {
        document: { body: { dispatchEvent(event: unknown): void } };
        KeyboardEvent: new (type: string, init: object) => unknown;
      };
      document.body.dispatchEvent(new KeyboardEvent('keydown', { code: physical, key: letter, bubbles: true }));
    },
    [code, key] as const,
  );
}

beforeAll(async () => {
  server = await startTestServer();
  agent = await launchBrowser({ microphone: 1010 });
  client = await launchBrowser({ microphone: 470, url: `${server.url}/demo` });
  await agent.page.setViewportSize({ width: 1280, height: 720 });
  await signIn(agent.page, 'anna');
  await agent.page.getByTestId('start-shift').click();
  await agent.page.locator('[data-testid="phone-state"][data-registered="true"]').waitFor();
  await agent.page.getByTestId('start-shift').waitFor({ state: 'detached' });
});

afterAll(async () => {
  await client?.close();
  await agent?.close();
  await server?.close();
});

async function canPress(page: Page, name: string): Promise<boolean> {
  const button = page.getByTestId(name);
  return (await button.count()) > 0 && button.isEnabled();
}

/** Whatever a test left in hand is ended, as its agent would do it. */
beforeEach(async () => {
  const { page } = agent;
  await client.page.getByTestId('demo-caller').waitFor();
  if (await canPress(page, 'decline')) await page.getByTestId('decline').click();
  if (await canPress(page, 'hang-up')) {
    await page.getByTestId('hang-up').click();
    await strip(page, 'wrap_up').waitFor();
  }
  if (await canPress(page, 'finish')) await page.getByTestId('finish').click();
  await strip(page, 'idle').waitFor();
});

describe('the workspace', () => {
  it('keeps every button in its place from idle to hold, with nothing serious for axe', async () => {
    const { page } = agent;
    const idle = await places(page);
    expect(await seriousFaults(page)).toEqual([]);
    await call('+79160000101');
    expect(await places(page)).toEqual(idle);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByTestId('answer').click();
    await strip(page, 'active').waitFor();
    expect(await places(page)).toEqual(idle);
    await page.getByTestId('mute').click();
    await page.getByTestId('hold').click();
    await strip(page, 'held').waitFor();
    expect(await places(page)).toEqual(idle);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByTestId('hang-up').click();
    await strip(page, 'wrap_up').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('makes a card of a new caller while the agent types, and keeps note and result', async () => {
    const { page } = agent;
    await call('+79160000102');
    await page.keyboard.press('F2');
    await strip(page, 'active').waitFor();
    await page.getByTestId('pop-field-name').fill('Пётр Семёнов');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ромашка');
    await expect.poll(() => page.getByTestId('card-name').innerText()).toContain('Пётр Семёнов');
    await expect.poll(() => page.getByTestId('card-company').innerText()).toContain('Ромашка');
    await page.getByTestId('note').fill('Просит договор');
    await page.keyboard.press('F4');
    await strip(page, 'wrap_up').waitFor();
    await page.getByTestId('disposition-2').click();
    await expect.poll(() => page.getByTestId('disposition-2').getAttribute('aria-pressed')).toBe('true');
    await page.getByTestId('finish').click();
    await strip(page, 'idle').waitFor();
    // the card stays open, also after a reload
    await page.reload();
    await expect.poll(() => page.getByTestId('pop-name').innerText()).toContain('Пётр Семёнов');
    await expect.poll(() => page.getByTestId('timeline-entry').first().innerText()).toContain('Просит договор');
  });

  it('answers and hangs up by physical keys on a Russian layout', async () => {
    const { page } = agent;
    await call('+79160000103');
    await pressRussian(page, 'KeyA', 'ф');
    await strip(page, 'active').waitFor();
    await pressRussian(page, 'KeyX', 'ч');
    await strip(page, 'wrap_up').waitFor();
  });

  it('lets a muted agent speak while Space is held, wherever the focus is', async () => {
    const { page } = agent;
    const muted = () => page.getByTestId('mute').getAttribute('aria-pressed');
    await call('+79160000104');
    await page.keyboard.press('F2');
    await strip(page, 'active').waitFor();
    await page.keyboard.press('F8');
    await expect.poll(muted).toBe('true');
    await page.getByTestId('user-menu').focus();
    await page.keyboard.down('Space');
    await expect.poll(muted).toBe('false');
    await page.keyboard.up('Space');
    await expect.poll(muted).toBe('true');
    expect(await page.getByTestId('sign-out').count()).toBe(0);
  });

  it('finds a client by a fragment and opens him by the keyboard alone', async () => {
    const { page } = agent;
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    // on a slow machine a letter or two are looked for first
    const found = page.waitForResponse((answer) => new URL(answer.url()).searchParams.get('q') === 'рова');
    await page.keyboard.type('рова');
    const { items } = (await (await found).json()) as { items: { name: string }[] };
    const name = items[0]?.name ?? 'nobody was found';
    await expect.poll(() => page.getByTestId('search-result').first().locator('b').innerText()).toContain(name);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByTestId('pop-name').innerText()).toContain(name);
    expect(new URL(page.url()).pathname).toMatch(/^\/clients\/\d+$/);
  });
});
