import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { until } from '../../demo/actors/within.ts';
import { type TestBrowser, tonesInBrowser } from '../support/browser.ts';
import { recordingOf } from '../support/call-center.ts';
import { startBaresip } from '../support/phones.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';
import { openTalkingBrowser, openWorkplace, type Workplace } from '../support/talking-browser.ts';

const tones = { phone: 470, client: 620, anna: 1010 } as const;
const allTones = Object.values(tones);

describe('calls between a browser and the world', () => {
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
  /** Whatever a test left in hand is ended, as its agent would do it. */
  afterEach(async () => {
    await until(
      async () => {
        for (const name of ['decline', 'hang-up', 'finish'])
          await page
            .getByTestId(name)
            .click({ timeout: 100 })
            .catch(() => undefined);
        return strip('idle').isVisible();
      },
      20_000,
      'the end of all work',
    );
  });

  const strip = (state: string) => agent.strip(state);
  const demoState = () => client.page.getByTestId('demo-state').getAttribute('data-state');

  async function makeClient(name: string, number: string): Promise<number> {
    const card = await olga.call('POST /api/v1/clients', {
      body: { name, contactPoints: [{ kind: 'phone', value: number }] },
    });
    return card.id;
  }

  it('a telephone calls: the right card, sound both ways, the recording and the timeline', async () => {
    const number = '+79160000201';
    const id = await makeClient('Мария Телефонова', number);
    const phone = await startBaresip({ serverPort: server.sipPort, tone: tones.phone, number });
    try {
      phone.call(line);
      await strip('offered').waitFor();
      await expect.poll(() => page.getByTestId('pop-name').innerText()).toContain('Мария Телефонова');
      expect(await page.getByTestId('pop-why').innerText()).not.toBe('');
      await page.getByTestId('answer').click();
      await strip('active').waitFor();
      await phone.waitFor('talking');
      await expect.poll(() => tonesInBrowser(page, allTones)).toEqual([tones.phone]);
      await page.getByTestId('note').fill('Спросила о доставке');
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await page.getByTestId('hang-up').click();
      await phone.waitFor('ended');
      expect(await phone.heardTones(allTones)).toEqual([tones.anna]);
    } finally {
      await phone.close();
    }
    await strip('wrap_up').waitFor();
    await page.getByTestId('disposition-1').click();
    await page.getByTestId('finish').click();
    await strip('idle').waitFor();
    const [entry] = await olga.timelineOf(id);
    expect(entry).toMatchObject({
      status: 'answered',
      direction: 'in',
      note: 'Спросила о доставке',
      disposition: { nameRu: 'Продажа' },
      recording: { state: 'ready' },
    });
    expect(await recordingOf(olga, entry, allTones)).toEqual([[tones.phone], [tones.anna]]);
    await expect.poll(() => page.getByTestId('timeline-entry').first().innerText()).toContain('Спросила о доставке');
  });

  it("the client's page calls: his card, sound both ways, and his hang-up ends it", async () => {
    const { page: demo } = client;
    const chosen = (await demo.getByTestId('demo-caller').locator('option').first().innerText()).replace(
      /^[+\d\s()-]+/,
      '',
    );
    await demo.getByTestId('demo-call').click();
    await strip('offered').waitFor();
    await expect.poll(() => page.getByTestId('pop-name').innerText()).toContain(chosen.trim());
    await page.getByTestId('answer').click();
    await strip('active').waitFor();
    await expect.poll(demoState).toBe('talking');
    await expect.poll(() => tonesInBrowser(page, allTones)).toEqual([tones.client]);
    await expect.poll(() => tonesInBrowser(demo, allTones)).toEqual([tones.anna]);
    await demo.getByTestId('demo-hang-up').click();
    await strip('wrap_up').waitFor();
  });

  it('a call out from the card: she hears the far end, and the timeline says so', async () => {
    const id = await makeClient('Ответит Эхо', '+79160000255');
    await page.getByTestId('search').fill('Ответит Эхо');
    await page.getByTestId('search-result').first().click();
    await page.getByTestId('call-point').first().click();
    await strip('dialing').waitFor();
    await strip('active').waitFor();
    // The demo's far end says back what it hears.
    await expect.poll(() => tonesInBrowser(page, allTones)).toEqual([tones.anna]);
    await page.getByTestId('hang-up').click();
    await strip('wrap_up').waitFor();
    const [entry] = await olga.timelineOf(id);
    expect(entry).toMatchObject({ direction: 'out', status: 'answered', result: 'agent_hung_up' });
    expect(await recordingOf(olga, entry, allTones)).toEqual([[tones.anna], [tones.anna]]);
  });
});
