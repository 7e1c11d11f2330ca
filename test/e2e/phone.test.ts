import type { Page, WebSocket } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { until } from '../../demo/actors/within.ts';
import { type TestBrowser, tonesInBrowser } from '../support/browser.ts';
import { addFakeMicrophones, changePlug } from '../support/fake-devices.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  openTalkingBrowser,
  openWorkplace,
  picture,
  seriousFaults,
  type Workplace,
} from '../support/talking-browser.ts';

const tones = { client: 620, anna: 1010, headset: 740, webcam: 1330 } as const;
const allTones = Object.values(tones);
const microphones = [
  { id: 'headset', label: 'Гарнитура Jabra', tone: tones.headset },
  { id: 'webcam', label: 'Webcam', tone: tones.webcam },
] as const;

let server: TestServer;
let anna: Workplace;
let client: TestBrowser;
let api: ApiClient;

/** INVITEs that this page has sent or got since it was opened: a re-INVITE is one too. */
let invites: string[] = [];

function countInvites(page: Page): void {
  page.on('websocket', (socket: WebSocket) => {
    const look = ({ payload }: { payload: string | Buffer }): void => {
      if (payload.toString().startsWith('INVITE ')) invites.push(payload.toString().split('\r\n', 1)[0] ?? '');
    };
    socket.on('framesent', look);
    socket.on('framereceived', look);
  });
}

const phoneState = (page: Page) => page.getByTestId('phone-state');
const isRegistered = (page: Page) =>
  page.locator('[data-testid="phone-state"][data-registered="true"][data-sound="true"]').waitFor();
const stripOf = (page: Page, state: string) => page.locator(`[data-testid="contact-strip"][data-state="${state}"]`);
const clientHears = () => tonesInBrowser(client.page, allTones, 0.5).catch(() => []);
const isMuted = (page: Page) => page.getByTestId('mute').getAttribute('aria-pressed');

beforeAll(async () => {
  server = await startTestServer();
  api = await server.signIn('anna');
  client = await openTalkingBrowser(tones.client, `${server.url}/demo`);
  anna = await openWorkplace({ url: server.url, login: 'anna', tone: tones.anna });
  await addFakeMicrophones(anna.context, microphones);
  countInvites(anna.page);
  await anna.page.reload();
  await isRegistered(anna.page);
});
afterAll(async () => {
  await client?.close();
  await anna?.close();
  await server?.close();
});

beforeEach(() => endAll(anna.page));

/** Whatever a test left in hand is ended, as its agent would do it. */
async function endAll(page: Page): Promise<void> {
  await until(
    async () => {
      for (const name of ['decline', 'hang-up', 'finish'])
        await page
          .getByTestId(name)
          .click({ timeout: 100 })
          .catch(() => undefined);
      return stripOf(page, 'idle').isVisible();
    },
    20_000,
    'the end of all work',
  );
}

async function call(page: Page): Promise<void> {
  await client.page.getByTestId('demo-call').click();
  await stripOf(page, 'offered').waitFor();
}

async function talk(page: Page, tone: number): Promise<void> {
  await call(page);
  await page.getByTestId('answer').click();
  await stripOf(page, 'active').waitFor();
  await expect.poll(clientHears).toEqual([tone]);
}

async function chooseSound(page: Page, select: string, label: string): Promise<void> {
  await page.getByTestId('sound-menu').click();
  await page.getByTestId(select).selectOption({ label });
  await page.keyboard.press('Escape');
  await page.getByTestId('sound-panel').waitFor({ state: 'detached' });
}

describe('a headset changed in mid-call', () => {
  beforeEach(async () => {
    invites = [];
    await chooseSound(anna.page, 'microphone', 'Как в системе');
  });

  it('is heard at once without a new INVITE; pulled out, the default stands in with words; plugged in, it is back', async () => {
    const { page } = anna;
    await talk(page, tones.anna);
    const before = [...invites];
    expect(before).toHaveLength(1);
    await chooseSound(page, 'microphone', 'Гарнитура Jabra');
    await expect.poll(clientHears).toEqual([tones.headset]);
    await changePlug(page, 'unplug', 'headset');
    await expect.poll(clientHears).toEqual([tones.anna]);
    await expect.poll(() => phoneState(page).innerText()).toContain('«Гарнитура Jabra» не подключено');
    await picture(page, 'phone-unplugged');
    await changePlug(page, 'plug', 'headset');
    await expect.poll(clientHears).toEqual([tones.headset]);
    await expect.poll(() => phoneState(page).innerText()).not.toContain('Jabra');
    expect(invites).toEqual(before);
  });

  it('stays muted over the change, and speaks by the new one when it is unmuted', async () => {
    const { page } = anna;
    await talk(page, tones.anna);
    await page.getByTestId('mute').click();
    await expect.poll(clientHears).toEqual([]);
    await chooseSound(page, 'microphone', 'Webcam');
    await page.getByTestId('sound-menu').click();
    expect(await seriousFaults(page)).toEqual([]);
    await picture(page, 'phone-sound-menu');
    await page.keyboard.press('Escape');
    expect(await clientHears()).toEqual([]);
    expect(await isMuted(page)).toBe('true');
    await page.getByTestId('mute').click();
    await expect.poll(clientHears).toEqual([tones.webcam]);
  });

  it('that cannot be opened leaves the old one on, and it is said', async () => {
    const { page } = anna;
    await chooseSound(page, 'microphone', 'Webcam');
    await talk(page, tones.webcam);
    await changePlug(page, 'break', 'headset');
    await chooseSound(page, 'microphone', 'Гарнитура Jabra');
    await expect.poll(() => phoneState(page).innerText()).toContain('«Гарнитура Jabra» не включается');
    expect(await clientHears()).toEqual([tones.webcam]);
    await changePlug(page, 'plug', 'headset');
    await chooseSound(page, 'microphone', 'Как в системе');
    await expect.poll(clientHears).toEqual([tones.anna]);
  });

  it('is kept on the server by its name', async () => {
    await chooseSound(anna.page, 'speaker', 'Fake Audio Output 1');
    await expect
      .poll(async () => (await api.call('GET /api/v1/session')).settings)
      .toMatchObject({ speaker: { label: 'Fake Audio Output 1' } });
    await chooseSound(anna.page, 'speaker', 'Как в системе');
  });
});

describe('two tabs of one browser', () => {
  async function openRemote(): Promise<Page> {
    const remote = await anna.context.newPage();
    await remote.setViewportSize({ width: 1280, height: 720 });
    await remote.goto(server.url);
    await remote.locator('[data-testid="phone-state"][data-tab="remote"][data-registered="true"]').waitFor();
    return remote;
  }

  it('are one phone: the other one answers, mutes, holds and hangs up', async () => {
    const { page } = anna;
    const remote = await openRemote();
    expect(await phoneState(page).getAttribute('data-tab')).toBe('phone');
    expect(await remote.getByTestId('start-shift').count()).toBe(0);
    await call(page);
    await stripOf(remote, 'offered').waitFor();
    await remote.getByTestId('answer').click();
    await stripOf(remote, 'active').waitFor();
    await expect.poll(clientHears).toEqual([tones.anna]);
    await expect.poll(() => phoneState(remote).innerText()).toContain('Слышно');
    await picture(remote, 'phone-remote');
    expect(await seriousFaults(remote)).toEqual([]);
    await remote.getByTestId('mute').click();
    await expect.poll(clientHears).toEqual([]);
    expect(await isMuted(page)).toBe('true');
    expect(await isMuted(remote)).toBe('true');
    await page.getByTestId('mute').click();
    await expect.poll(() => isMuted(remote)).toBe('false');
    await expect.poll(clientHears).toEqual([tones.anna]);
    await remote.getByTestId('hold').click();
    await stripOf(page, 'held').waitFor();
    await remote.getByTestId('hold').click();
    await stripOf(page, 'active').waitFor();
    await remote.getByTestId('hang-up').click();
    await stripOf(page, 'wrap_up').waitFor();
    await endAll(remote);
    await remote.close();
  });
});
