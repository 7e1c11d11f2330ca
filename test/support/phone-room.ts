import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { until } from '../../demo/actors/within.ts';
import { type TestBrowser, tonesInBrowser } from './browser.ts';
import { startTestServer, type TestServer } from './server.ts';
import { openTalkingBrowser, openWorkplace, type Workplace } from './talking-browser.ts';

/** What everybody says, Hz. */
export const roomTones = {
  client: 620,
  anna: 1010,
  headset: 740,
  webcam: 1330,
  vera: 880,
  boris: 550,
} as const;
const allTones = Object.values(roomTones);

/** Anna at work in a browser, and a client's page that calls her. */
export interface PhoneRoom {
  readonly server: TestServer;
  readonly anna: Workplace;
  readonly client: TestBrowser;
  readonly api: ApiClient;
  /** Which of the tones the client hears; none while no call of his is connected. */
  clientHears(): Promise<(number | string)[]>;
  /** The client calls, and it rings in this tab. */
  call(page: Page): Promise<void>;
  /** He calls, this tab answers, and he hears this tone. */
  talk(page: Page, tone: number): Promise<void>;
  /** Whatever a test left in hand is ended, as client and agent would do it. */
  reset(page: Page): Promise<void>;
  close(): Promise<void>;
}

export const phoneState = (page: Page) => page.getByTestId('phone-state');
export const stripOf = (page: Page, state: string) =>
  page.locator(`[data-testid="contact-strip"][data-state="${state}"]`);
export const isMuted = (page: Page) => page.getByTestId('mute').getAttribute('aria-pressed');
/** The tab's phone is in this state: attributes of its place in the bar. */
export const phoneIs = (page: Page, state: Readonly<Record<string, string>>): Promise<void> =>
  page
    .locator(
      `[data-testid="phone-state"]${Object.entries(state)
        .map(([name, value]) => `[data-${name}="${value}"]`)
        .join('')}`,
    )
    .waitFor();

export async function openPhoneRoom(): Promise<PhoneRoom> {
  const server = await startTestServer();
  const api = await server.signIn('anna');
  const client = await openTalkingBrowser(roomTones.client, `${server.url}/demo`);
  const anna = await openWorkplace({ url: server.url, login: 'anna', tone: roomTones.anna });
  const clientHears = () => tonesInBrowser(client.page, allTones, 0.5).catch(() => []);

  async function clientHasEnded(): Promise<boolean> {
    if (await client.page.getByTestId('demo-call').isEnabled()) return true;
    await client.page.getByTestId('demo-hang-up').click({ timeout: 500 });
    return false;
  }
  async function agentHasEnded(page: Page): Promise<boolean> {
    for (const name of ['decline', 'hang-up', 'finish'])
      await page
        .getByTestId(name)
        .click({ timeout: 100 })
        .catch(() => undefined);
    return stripOf(page, 'idle').isVisible();
  }
  async function call(page: Page): Promise<void> {
    await client.page.getByTestId('demo-call').click();
    await stripOf(page, 'offered').waitFor();
  }

  return {
    server,
    anna,
    client,
    api,
    clientHears,
    call,
    async talk(page, tone) {
      await call(page);
      await page.getByTestId('answer').click();
      await stripOf(page, 'active').waitFor();
      await expect.poll(clientHears).toEqual([tone]);
    },
    async reset(page) {
      await until(() => clientHasEnded().catch(() => false), 10_000, "the end of the client's call");
      await until(() => agentHasEnded(page), 20_000, 'the end of all work');
    },
    async close() {
      await client.close();
      await anna.close();
      await server.close();
    },
  };
}
