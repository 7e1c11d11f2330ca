import type { Page, WebSocket } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addFakeMicrophones, changePlug } from '../support/fake-devices.ts';
import { cutMicrophone, ringsByOutput } from '../support/page-audio.ts';
import {
  isMuted,
  openPhoneRoom,
  type PhoneRoom,
  phoneIs,
  phoneState,
  roomTones,
  stripOf,
} from '../support/phone-room.ts';
import { picture, seriousFaults } from '../support/talking-browser.ts';

const tones = roomTones;
const microphones = [
  { id: 'headset', label: 'Гарнитура Jabra', tone: tones.headset },
  { id: 'webcam', label: 'Webcam', tone: tones.webcam },
  { id: 'dead', label: 'Сломанный микрофон', tone: 0 },
] as const;

let room: PhoneRoom;
let page: Page;

/** INVITEs that this page has sent or got since it was opened: a re-INVITE is one too. */
let invites: string[] = [];

function countInvites(on: Page): void {
  on.on('websocket', (socket: WebSocket) => {
    const look = ({ payload }: { payload: string | Buffer }): void => {
      if (payload.toString().startsWith('INVITE ')) invites.push(payload.toString().split('\r\n', 1)[0] ?? '');
    };
    socket.on('framesent', look);
    socket.on('framereceived', look);
  });
}

beforeAll(async () => {
  room = await openPhoneRoom();
  ({ page } = room.anna);
  await addFakeMicrophones(room.anna.context, microphones);
  countInvites(page);
  await page.reload();
  await phoneIs(page, { registered: 'true', sound: 'true' });
});
afterAll(() => room?.close());
beforeEach(() => room.reset(page));

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
    await room.talk(page, tones.anna);
    const before = [...invites];
    expect(before).toHaveLength(1);
    await chooseSound(page, 'microphone', 'Гарнитура Jabra');
    await expect.poll(room.clientHears).toEqual([tones.headset]);
    await changePlug(page, 'unplug', 'headset');
    await expect.poll(room.clientHears).toEqual([tones.anna]);
    await expect.poll(() => phoneState(page).innerText()).toContain('«Гарнитура Jabra» не подключено');
    await picture(page, 'phone-unplugged');
    await changePlug(page, 'plug', 'headset');
    await expect.poll(room.clientHears).toEqual([tones.headset]);
    await expect.poll(() => phoneState(page).innerText()).not.toContain('Jabra');
    expect(invites).toEqual(before);
  });

  it('stays muted over the change, and speaks by the new one when it is unmuted', async () => {
    await room.talk(page, tones.anna);
    await page.getByTestId('mute').click();
    await expect.poll(room.clientHears).toEqual([]);
    await chooseSound(page, 'microphone', 'Webcam');
    await page.getByTestId('sound-menu').click();
    expect(await seriousFaults(page)).toEqual([]);
    await picture(page, 'phone-sound-menu');
    await page.keyboard.press('Escape');
    expect(await room.clientHears()).toEqual([]);
    expect(await isMuted(page)).toBe('true');
    await page.getByTestId('mute').click();
    await expect.poll(room.clientHears).toEqual([tones.webcam]);
  });

  it('that cannot be opened leaves the old one on, and it is said', async () => {
    await chooseSound(page, 'microphone', 'Webcam');
    await room.talk(page, tones.webcam);
    await changePlug(page, 'break', 'headset');
    await chooseSound(page, 'microphone', 'Гарнитура Jabra');
    await expect.poll(() => phoneState(page).innerText()).toContain('«Гарнитура Jabra» не включается');
    expect(await room.clientHears()).toEqual([tones.webcam]);
    await changePlug(page, 'plug', 'headset');
    await chooseSound(page, 'microphone', 'Как в системе');
    await expect.poll(room.clientHears).toEqual([tones.anna]);
  });

  it('is kept on the server by its name', async () => {
    await chooseSound(page, 'speaker', 'Fake Audio Output 1');
    await expect
      .poll(async () => (await room.api.call('GET /api/v1/session')).settings)
      .toMatchObject({ speaker: { label: 'Fake Audio Output 1' } });
    await chooseSound(page, 'speaker', 'Как в системе');
  });
});

describe('how well both sides hear', () => {
  it('is said in words: nothing from the client, and a microphone that gives no sound', async () => {
    await room.talk(page, tones.anna);
    await expect.poll(() => phoneState(page).innerText()).toContain('Слышно хорошо');
    await expect.poll(() => page.getByTestId('phone-trouble').innerText()).toBe('');
    await cutMicrophone(room.client.page, true);
    await expect.poll(() => phoneState(page).innerText()).toContain('От клиента ничего не слышно');
    await expect.poll(() => page.getByTestId('phone-trouble').innerText()).toBe('От клиента ничего не слышно');
    await picture(page, 'phone-silent');
    await phoneState(page).click();
    expect(await seriousFaults(page)).toEqual([]);
    await picture(page, 'phone-health');
    await page.keyboard.press('Escape');
    await cutMicrophone(room.client.page, false);
    await expect.poll(() => phoneState(page).innerText()).toContain('Слышно хорошо');
    await chooseSound(page, 'microphone', 'Сломанный микрофон');
    await expect.poll(() => phoneState(page).innerText()).toContain('Ваш микрофон не даёт звука');
    await chooseSound(page, 'microphone', 'Как в системе');
    await expect.poll(() => phoneState(page).innerText()).toContain('Слышно хорошо');
  });
});

describe('a ring', () => {
  it('sounds on the headset and on a second output, each with its volume', async () => {
    await chooseSound(page, 'speaker', 'Fake Audio Output 1');
    await chooseSound(page, 'second-ring', 'Fake Audio Output 2');
    await page.getByTestId('sound-menu').click();
    await page.getByRole('slider', { name: 'Второй звонок' }).fill('0.1');
    await picture(page, 'phone-second-ring');
    await page.keyboard.press('Escape');
    await room.call(page);
    const loud = await ringsByOutput(page);
    expect(loud['Fake Audio Output 1']).toBeGreaterThan(0.01);
    expect(loud['Fake Audio Output 2']).toBeGreaterThan(0.001);
    expect(loud['Fake Audio Output 2']).toBeLessThan((loud['Fake Audio Output 1'] ?? 0) / 2);
    await page.getByTestId('decline').click();
  });

  it('is silent where that was chosen: the frame and the title flash, and it counts as a ring', async () => {
    await page.getByTestId('sound-menu').click();
    await page.getByTestId('silent-ring').check();
    await page.keyboard.press('Escape');
    await room.call(page);
    await page.locator('[data-flash="true"]').waitFor();
    await expect.poll(() => page.title()).toContain('☎');
    expect(Math.max(...Object.values(await ringsByOutput(page)))).toBeLessThan(0.001);
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

it('is said in English too, and can be read in the dark', async () => {
  const setting = async (name: string): Promise<void> => {
    if ((await page.getByTestId(name).count()) === 0) await page.getByTestId('user-menu').click();
    await page.getByTestId(name).click();
  };
  await room.talk(page, tones.anna);
  await setting('language');
  await setting('theme-dark');
  await page.keyboard.press('Escape');
  await expect.poll(() => phoneState(page).innerText()).toContain('Both hear well');
  await page.getByTestId('sound-menu').click();
  await expect.poll(() => page.getByTestId('sound-panel').innerText()).toContain('Where I hear the client');
  expect(await seriousFaults(page)).toEqual([]);
  await picture(page, 'phone-menu-en-dark');
  await page.keyboard.press('Escape');
  await setting('language');
  await setting('theme-auto');
  await page.keyboard.press('Escape');
  await expect.poll(() => phoneState(page).innerText()).toContain('Слышно хорошо');
});

it('an offer in a hidden tab is a desktop notification; a click on it brings the tab to the front', async () => {
  await room.anna.context.grantPermissions(['microphone', 'notifications'], {
    origin: new URL(room.server.url).origin,
  });
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
  await room.call(page);
  // shown by the browser itself, with its real permission
  await expect.poll(async () => (await seen()).shown).toEqual([expect.stringMatching(/^Звонок: ./)]);
  await page.evaluate(() => (globalThis as unknown as { seen: { click(): void } }).seen.click());
  expect((await seen()).focused).toBe(1);
  await page.reload();
  await phoneIs(page, { registered: 'true', sound: 'true' });
});
