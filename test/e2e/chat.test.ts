import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eq } from 'drizzle-orm';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../db/client.ts';
import { channelAccounts, messageSettings } from '../../db/schema/index.ts';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { type TestBrowser, tonesInBrowser } from '../support/browser.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';
import {
  openTalkingBrowser,
  openWorkplace,
  picture,
  seriousFaults,
  type Workplace,
} from '../support/talking-browser.ts';

const tones = { visitor: 620, anna: 1010 } as const;
const allTones = Object.values(tones);

/** A shop's site: not ours, on another origin, with our script on its page. */
async function openSite(script: () => string): Promise<{ readonly origin: string; readonly server: Server }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><html lang="en"><title>Sofa Leo</title><h1>Sofa</h1><script src="${script()}" async></script>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('chat and a call from the page of a site', () => {
  let server: TestServer;
  let site: Awaited<ReturnType<typeof openSite>>;
  let visitor: TestBrowser;
  let anna: Workplace;
  let olga: ApiClient;
  let phone: Page;
  let script = '';

  async function prepare(db: Database): Promise<void> {
    const set = { quietFrom: '00:00', quietTo: '00:00', undoSeconds: 0 };
    await db.orm.insert(messageSettings).values(set).onConflictDoUpdate({ target: messageSettings.id, set });
    const settings = { origins: [site.origin], title: 'Shop', callLine: line };
    await db.orm.update(channelAccounts).set({ settings }).where(eq(channelAccounts.kind, 'web_chat'));
  }

  beforeAll(async () => {
    site = await openSite(() => script);
    server = await startTestServer({ prepare });
    olga = await server.signIn('olga');
    const { chatScript } = await olga.call('GET /api/v1/demo');
    script = `${server.url}${chatScript}`;
    anna = await openWorkplace({ url: server.url, login: 'anna', tone: tones.anna });
    visitor = await openTalkingBrowser(tones.visitor, `${site.origin}/sofa`);
  });
  afterAll(async () => {
    await visitor?.close();
    await anna?.close();
    await server?.close();
    site?.server.close();
  });

  it('carries what the visitor writes to the agent, and her answer to his page', async () => {
    const { page } = visitor;
    await page.getByRole('button', { name: 'Write to us' }).click();
    await page.getByLabel('Your message').fill('Is the sofa in stock?');
    await page.getByRole('button', { name: 'Send' }).click();
    await anna.page.locator('[data-testid^="work-conversation-"]').filter({ hasText: 'Is the sofa' }).click();
    await anna.byId('timeline-entry').filter({ hasText: 'Is the sofa' }).waitFor();
    await anna.byId('tab-chat').click();
    await anna.byId('message-text').fill('Yes, it is.');
    // what she may send is asked of the server first
    await anna.byId('message-send').click({ timeout: 8_000 });
    await picture(anna.page, 'chat-answer');
    await page.getByRole('log').getByText('Yes, it is.').waitFor();
  });

  it('opens a telephone that calls at once: page and card on her screen, sound both ways', async () => {
    const { page, context } = visitor;
    const opening = context.waitForEvent('page');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    phone = await opening;
    await anna.strip('offered').waitFor();
    await expect.poll(() => anna.byId('pop-why').innerText()).toContain('Sofa Leo');
    await anna.byId('answer').click();
    await anna.strip('active').waitFor();
    await expect.poll(() => phone.getByTestId('visitor-state').getAttribute('data-state')).toBe('talking');
    await expect.poll(() => anna.hears(allTones)).toEqual([tones.visitor]);
    await expect.poll(() => tonesInBrowser(phone, allTones)).toEqual([tones.anna]);
    // what let him in is spent, and stands nowhere any more
    expect(new URL(phone.url()).hash).toBe('');
    for (const scheme of ['light', 'dark'] as const) {
      await phone.emulateMedia({ colorScheme: scheme });
      expect(await seriousFaults(phone)).toEqual([]);
      await picture(phone, `call-us-${scheme}`);
    }
    await picture(anna.page, 'call-from-page');
  });

  it('can be muted, hung up, and stands on the card beside the chat', async () => {
    await phone.getByTestId('visitor-mute').click();
    await expect.poll(() => anna.hears(allTones)).toEqual([]);
    await phone.getByTestId('visitor-hang-up').click();
    await anna.strip('wrap_up').waitFor();
    await phone.getByText('press “Call” on the site again').waitFor();
    const call = anna.page.locator('[data-testid="timeline-entry"][data-kind="call"]').first();
    await expect.poll(() => call.innerText()).toContain('Sofa Leo');
    await anna.page.locator('[data-testid="timeline-entry"][data-kind="chat"]').first().waitFor();
  });
});
