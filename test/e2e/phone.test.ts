import type { Page, WebSocket } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { openTestPhone } from '../../demo/actors/sip-agent.ts';
import { until } from '../../demo/actors/within.ts';
import { launchBrowser, type TestBrowser, tonesInBrowser } from '../support/browser.ts';
import { openDesk } from '../support/desk.ts';
import { addFakeMicrophones, changePlug } from '../support/fake-devices.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';
import {
  openTalkingBrowser,
  openWorkplace,
  picture,
  seriousFaults,
  type Workplace,
} from '../support/talking-browser.ts';

const tones = { client: 620, anna: 1010, headset: 740, webcam: 1330, vera: 880, boris: 550 } as const;
const allTones = Object.values(tones);
const microphones = [
  { id: 'headset', label: 'Гарнитура Jabra', tone: tones.headset },
  { id: 'webcam', label: 'Webcam', tone: tones.webcam },
  { id: 'dead', label: 'Сломанный микрофон', tone: 0 },
] as const;

let server: TestServer;
let anna: Workplace;
/** The tab of hers that is the phone. */
let page: Page;
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
  ({ page } = anna);
  await addFakeMicrophones(anna.context, microphones);
  countInvites(page);
  await page.reload();
  await isRegistered(page);
});
afterAll(async () => {
  await client?.close();
  await anna?.close();
  await server?.close();
});

beforeEach(async () => {
  const pressed = async () => {
    if (await client.page.getByTestId('demo-call').isEnabled()) return true;
    await client.page.getByTestId('demo-hang-up').click({ timeout: 500 });
    return false;
  };
  await until(() => pressed().catch(() => false), 10_000, "the end of the client's call");
  await endAll(page);
});

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
    await chooseSound(page, 'microphone', 'Как в системе');
  });

  it('is heard at once without a new INVITE; pulled out, the default stands in with words; plugged in, it is back', async () => {
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
    await chooseSound(page, 'speaker', 'Fake Audio Output 1');
    await expect
      .poll(async () => (await api.call('GET /api/v1/session')).settings)
      .toMatchObject({ speaker: { label: 'Fake Audio Output 1' } });
    await chooseSound(page, 'speaker', 'Как в системе');
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

  it('move the phone when its tab is closed in mid-call: music, then the agent again, muted as she was', async () => {
    const remote = await openRemote();
    await talk(page, tones.anna);
    const heard = listenForComfort(client.page, 4);
    const closedAt = performance.now();
    await page.close();
    page = remote;
    await page.locator('[data-testid="phone-state"][data-tab="phone"][data-registered="true"]').waitFor();
    const movedMs = Math.round(performance.now() - closedAt);
    await expect.poll(clientHears).toEqual([tones.anna]);
    console.log(`phone moved in ${movedMs} ms, heard again after ${Math.round(performance.now() - closedAt)} ms`);
    expect(await heard).toBe(true);
    await stripOf(page, 'active').waitFor();

    const third = await openRemote();
    await third.getByTestId('mute').click();
    await expect.poll(clientHears).toEqual([]);
    await page.close();
    page = third;
    await page.locator('[data-testid="phone-state"][data-tab="phone"][data-registered="true"]').waitFor();
    await page.locator('[data-testid="phone-state"][data-call="talking"]').waitFor();
    await stripOf(page, 'active').waitFor();
    expect(await isMuted(page)).toBe('true');
    expect(await clientHears()).toEqual([]);
    await page.getByTestId('mute').click();
    await expect.poll(clientHears).toEqual([tones.anna]);
  });

  it('move the phone when its tab crashes', async () => {
    const remote = await openRemote();
    const crashedAt = performance.now();
    // never answers: there is nobody left to
    page.goto('chrome://crash').catch(() => undefined);
    await remote.locator('[data-testid="phone-state"][data-tab="phone"][data-registered="true"]').waitFor();
    console.log(`phone moved in ${Math.round(performance.now() - crashedAt)} ms after a crash`);
    const crashed = page;
    page = remote;
    await crashed.close();
    await talk(page, tones.anna);
  });
});

/** Whether the page hears something that is not the agent, for a quarter of a second at least. */
function listenForComfort(on: Page, seconds: number): Promise<boolean> {
  return on.evaluate(
    async ([length, agent]) => {
      const { toneMeter } = globalThis as unknown as {
        toneMeter: {
          streams(): unknown[];
          capture(stream: unknown, seconds: number): Promise<Float32Array>;
        };
      };
      const samples = await toneMeter.capture(toneMeter.streams().at(-1), length);
      const window = 12_000;
      for (let at = 0; at + window <= samples.length; at += window / 4) {
        let energy = 0;
        let real = 0;
        let imaginary = 0;
        for (let i = 0; i < window; i++) {
          const sample = samples[at + i] ?? 0;
          energy += sample * sample;
          real += sample * Math.cos((2 * Math.PI * agent * i) / 48_000);
          imaginary += sample * Math.sin((2 * Math.PI * agent * i) / 48_000);
        }
        const tone = (2 * Math.hypot(real, imaginary)) / window;
        if (Math.sqrt(energy / window) > 0.01 && tone < 0.01) return true;
      }
      return false;
    },
    [seconds, tones.anna] as const,
  );
}

describe('how well both sides hear', () => {
  /** Takes the client's microphone off the line, or puts it back: packets stop, the call stays. */
  const cutClient = (cut: boolean) =>
    client.page.evaluate(async (isCut) => {
      const scope = globalThis as unknown as {
        toneMeter: {
          connections: { getSenders(): { track: unknown; replaceTrack(track: unknown): Promise<void> }[] }[];
        };
        cutTrack?: unknown;
      };
      const sender = scope.toneMeter.connections.at(-1)?.getSenders()[0];
      if (isCut) scope.cutTrack = sender?.track;
      await sender?.replaceTrack(isCut ? null : scope.cutTrack);
    }, cut);

  it('is said in words: nothing from the client, and a microphone that gives no sound', async () => {
    await talk(page, tones.anna);
    await expect.poll(() => phoneState(page).innerText()).toContain('Слышно хорошо');
    expect(await page.getByTestId('phone-trouble').innerText()).toBe('');
    await cutClient(true);
    await expect.poll(() => phoneState(page).innerText()).toContain('От клиента ничего не слышно');
    expect(await page.getByTestId('phone-trouble').innerText()).toBe('От клиента ничего не слышно');
    await picture(page, 'phone-silent');
    await phoneState(page).click();
    expect(await seriousFaults(page)).toEqual([]);
    await picture(page, 'phone-health');
    await page.keyboard.press('Escape');
    await cutClient(false);
    await expect.poll(() => phoneState(page).innerText()).toContain('Слышно хорошо');
    await chooseSound(page, 'microphone', 'Сломанный микрофон');
    await expect.poll(() => phoneState(page).innerText()).toContain('Ваш микрофон не даёт звука');
    await chooseSound(page, 'microphone', 'Как в системе');
    await expect.poll(() => phoneState(page).innerText()).toContain('Слышно хорошо');
  });
});

describe('a ring', () => {
  /** What is played by each output: the largest amplitude of the ring's notes on the elements with that sink. */
  const ringsOn = (on: Page) =>
    on.evaluate(
      async (notes) => {
        interface Sounding {
          readonly srcObject: unknown;
          readonly sinkId: string;
          readonly paused: boolean;
        }
        const scope = globalThis as unknown as {
          document: { querySelectorAll(selector: string): Iterable<Sounding> };
          navigator: { mediaDevices: { enumerateDevices(): Promise<{ deviceId: string; label: string }[]> } };
          toneMeter: { amplitudes(stream: unknown, seconds: number, notes: readonly number[]): Promise<number[]> };
        };
        const devices = await scope.navigator.mediaDevices.enumerateDevices();
        const playing = [...scope.document.querySelectorAll('audio')].filter((one) => one.srcObject && !one.paused);
        const loud = await Promise.all(
          playing.map(async (one) => Math.max(...(await scope.toneMeter.amplitudes(one.srcObject, 3, notes)))),
        );
        return Object.fromEntries(
          playing.map((one, i) => [devices.find(({ deviceId }) => deviceId === one.sinkId)?.label ?? '', loud[i] ?? 0]),
        ) as Record<string, number>;
      },
      [659, 784, 988, 1175],
    );

  it('sounds on the headset and on a second output, each with its volume', async () => {
    await chooseSound(page, 'speaker', 'Fake Audio Output 1');
    await chooseSound(page, 'second-ring', 'Fake Audio Output 2');
    await page.getByTestId('sound-menu').click();
    await page.getByRole('slider', { name: 'Второй звонок' }).fill('0.1');
    await picture(page, 'phone-second-ring');
    await page.keyboard.press('Escape');
    await call(page);
    const loud = await ringsOn(page);
    expect(loud['Fake Audio Output 1']).toBeGreaterThan(0.01);
    expect(loud['Fake Audio Output 2']).toBeGreaterThan(0.001);
    expect(loud['Fake Audio Output 2']).toBeLessThan((loud['Fake Audio Output 1'] ?? 0) / 3);
    await page.getByTestId('decline').click();
  });

  it('is silent where that was chosen: the frame and the title flash, and it counts as a ring', async () => {
    await page.getByTestId('sound-menu').click();
    await page.getByTestId('silent-ring').check();
    await page.keyboard.press('Escape');
    await call(page);
    await page.locator('[data-flash="true"]').waitFor();
    await expect.poll(() => page.title()).toContain('☎');
    expect(Math.max(...Object.values(await ringsOn(page)))).toBeLessThan(0.001);
    await picture(page, 'phone-flash');
    await stripOf(page, 'offered').waitFor();
    await page.getByTestId('decline').click();
    await page.locator('[data-flash="false"]').waitFor();
    await page.getByTestId('sound-menu').click();
    await page.getByTestId('silent-ring').uncheck();
    await page.getByTestId('second-ring').selectOption({ label: 'Больше нигде' });
    await page.keyboard.press('Escape');
    await chooseSound(page, 'speaker', 'Как в системе');
  });
});

it('looks right in both languages, light and dark', async () => {
  if (!process.env['SCREENSHOTS']) return;
  await talk(page, tones.anna);
  for (const language of ['en', 'ru'] as const) {
    await page.getByTestId('user-menu').click();
    await page.getByTestId('language').click();
    for (const scheme of ['dark', 'light'] as const) {
      if ((await page.getByTestId(`theme-${scheme}`).count()) === 0) await page.getByTestId('user-menu').click();
      await page.getByTestId(`theme-${scheme}`).click();
      await page.keyboard.press('Escape');
      await page.getByTestId('sound-menu').click();
      expect(await seriousFaults(page)).toEqual([]);
      await picture(page, `phone-menu-${language}-${scheme}`);
      await page.keyboard.press('Escape');
    }
  }
});

it('an offer in a hidden tab is a desktop notification; a click on it brings the tab to the front', async () => {
  await anna.context.grantPermissions(['microphone', 'notifications'], { origin: new URL(server.url).origin });
  await page.evaluate(() => {
    const scope = globalThis as unknown as {
      document: object;
      focus: () => void;
      Notification: new (text: string, options: object) => EventTarget;
      seen: { shown: string[]; focused: number; click?: () => void };
    };
    // headless Chromium has no second window to hide this one behind
    Object.defineProperty(scope.document, 'hidden', { configurable: true, get: () => true });
    scope.seen = { shown: [], focused: 0 };
    scope.focus = () => {
      scope.seen.focused += 1;
    };
    scope.Notification = class extends scope.Notification {
      constructor(text: string, options: object) {
        super(text, options);
        this.addEventListener('show', () => scope.seen.shown.push(text));
        scope.seen.click = () => void this.dispatchEvent(new Event('click'));
      }
    };
  });
  interface Seen {
    readonly shown: readonly string[];
    readonly focused: number;
  }
  const seen = (): Promise<Seen> =>
    page.evaluate(() => {
      const { shown, focused } = (globalThis as unknown as { seen: Seen }).seen;
      return { shown, focused };
    });
  await call(page);
  // shown by the browser itself, with its real permission
  await expect.poll(async () => (await seen()).shown).toEqual([expect.stringMatching(/^Звонок: ./)]);
  await page.evaluate(() => (globalThis as unknown as { seen: { click(): void } }).seen.click());
  expect((await seen()).focused).toBe(1);
  await page.reload();
  await isRegistered(page);
});

describe('a browser that gives no sound', () => {
  it('proves no ring: the next agent is offered the call; a tab with sound takes the phone over', async () => {
    await api.call('PUT /api/v1/presence', { body: { status: 'not_ready', reason: 'break' } });
    const vera = await server.signIn('vera');
    const olga = await server.signIn('olga');
    const boris = await openDesk(server, 'boris', { tone: tones.boris });
    const number = '+79160000401';
    await olga.call('POST /api/v1/clients', {
      body: { name: 'Клиент Веры', responsibleId: vera.me.id, contactPoints: [{ kind: 'phone', value: number }] },
    });
    const browser = await launchBrowser({ microphone: tones.vera });
    try {
      const [name = '', value = ''] = vera.cookie.split('=');
      await browser.context.addCookies([{ name, value, url: server.url }]);
      await vera.call('PUT /api/v1/presence', { body: { status: 'available' } });
      const locked = browser.page;
      await locked.setViewportSize({ width: 1280, height: 720 });
      // the tools of tests press something wherever they look, which would unlock the sound
      await locked.addInitScript(() => {
        const { AudioContext } = globalThis as unknown as { AudioContext: { prototype: object } };
        Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' });
      });
      await locked.goto(server.url);
      await locked.locator('[data-testid="phone-state"][data-registered="true"][data-sound="false"]').waitFor();
      const phone = await openTestPhone({ serverPort: server.sipPort, tone: tones.client });
      const placed = await phone.call(line, { number });
      const { interaction } = await boris.waitFor('offer', (push) => push.interaction.peer.number === number);
      const { items } = await olga.call('GET /api/v1/interactions/:id/offers', { params: { id: interaction.id } });
      expect(items.map(({ user, result }) => [user.name, result])).toEqual([
        [vera.me.name, 'not_delivered'],
        [boris.me.name, null],
      ]);
      await picture(locked, 'phone-locked');
      placed.hangUp();
      await phone.close();

      const second = await browser.context.newPage();
      await second.goto(server.url);
      await second.locator('[data-testid="phone-state"][data-tab="remote"]').waitFor();
      await second.getByTestId('start-shift').click();
      await second.locator('[data-testid="phone-state"][data-tab="phone"][data-sound="true"]').waitFor();
      await locked.locator('[data-testid="phone-state"][data-tab="remote"][data-registered="true"]').waitFor();
    } finally {
      await browser.close();
      await boris.close();
    }
  });
});
