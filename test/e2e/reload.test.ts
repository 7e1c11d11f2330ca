import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { until } from '../../demo/actors/within.ts';
import { type TestBrowser, tonesInBrowser } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openTalkingBrowser, openWorkplace, type Workplace } from '../support/talking-browser.ts';

const tones = { client: 620, anna: 1010 } as const;
const allTones = Object.values(tones);

describe('a reload in the middle of a call', () => {
  let server: TestServer;
  let agent: Workplace;
  let client: TestBrowser;
  let olga: ApiClient;
  let page: Page;

  beforeAll(async () => {
    server = await startTestServer({ child: true });
    olga = await server.signIn('olga');
    agent = await openWorkplace({ url: server.url, login: 'anna', tone: tones.anna });
    client = await openTalkingBrowser(tones.client, `${server.url}/demo`);
    ({ page } = agent);
  });
  afterAll(async () => {
    await client?.close();
    await agent?.close();
    await server?.close();
  });

  const strip = (state: string) => agent.strip(state);

  it('costs seconds of music: the same call goes on, with the card and the note', async () => {
    await client.page.getByTestId('demo-call').click();
    await strip('offered').waitFor();
    await page.getByTestId('answer').click();
    await strip('active').waitFor();
    await expect.poll(() => tonesInBrowser(client.page, allTones)).toEqual([tones.anna]);
    const id = (await strip('active').getAttribute('data-interaction')) ?? '';
    const name = await page.getByTestId('pop-name').innerText();
    await page.getByTestId('note').fill('До перезагрузки');
    const interaction = () => olga.call('GET /api/v1/interactions/:id', { params: { id } });
    await expect.poll(async () => (await interaction()).note).toBe('До перезагрузки');

    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.getByTestId('contact-strip').waitFor();
    await until(() => hears(page, tones.client), 5_000, 'the client heard again');
    await until(() => hears(client.page, tones.anna), 5_000, 'the agent heard again');

    await strip('active').waitFor();
    expect(await strip('active').getAttribute('data-interaction')).toBe(id);
    expect(await page.getByTestId('start-shift').count()).toBe(0);
    expect(await page.getByTestId('pop-name').innerText()).toBe(name);
    expect(await page.getByTestId('note').inputValue()).toBe('До перезагрузки');
    expect(await interaction()).toMatchObject({ state: 'active', user: { name: 'Анна Белова' } });
    await page.getByTestId('hang-up').click();
    await strip('wrap_up').waitFor();
    await expect.poll(() => client.page.getByTestId('demo-state').getAttribute('data-state')).toBe('ended');
  });
});

/** The page hears this tone and no other; not yet connected counts as silence. */
async function hears(page: Page, tone: number): Promise<boolean> {
  const heard = await tonesInBrowser(page, allTones, 0.4).catch(() => []);
  return String(heard) === String([tone]);
}
