import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestPhone } from '../../demo/actors/sip-agent.ts';
import { launchBrowser } from '../support/browser.ts';
import { openDesk } from '../support/desk.ts';
import { listenForComfort } from '../support/page-audio.ts';
import {
  isMuted,
  openPhoneRoom,
  type PhoneRoom,
  phoneIs,
  phoneState,
  roomTones,
  stripOf,
} from '../support/phone-room.ts';
import { line } from '../support/server.ts';
import { picture, seriousFaults } from '../support/talking-browser.ts';

const tones = roomTones;

let room: PhoneRoom;
/** The tab of Anna's that is the phone. */
let page: Page;

beforeAll(async () => {
  room = await openPhoneRoom();
  ({ page } = room.anna);
});
afterAll(() => room?.close());
beforeEach(() => room.reset(page));

describe('two tabs of one browser', () => {
  async function openRemote(): Promise<Page> {
    const remote = await room.anna.context.newPage();
    await remote.setViewportSize({ width: 1280, height: 720 });
    await remote.goto(room.server.url);
    await phoneIs(remote, { tab: 'remote', registered: 'true' });
    return remote;
  }

  it('are one phone: the other one answers, mutes, holds, hangs up, dials and sends digits', async () => {
    const remote = await openRemote();
    expect(await phoneState(page).getAttribute('data-tab')).toBe('phone');
    expect(await remote.getByTestId('start-shift').count()).toBe(0);
    await room.call(page);
    await stripOf(remote, 'offered').waitFor();
    await remote.getByTestId('answer').click();
    await stripOf(remote, 'active').waitFor();
    await expect.poll(room.clientHears).toEqual([tones.anna]);
    await expect.poll(() => phoneState(remote).innerText()).toContain('Слышно');
    await picture(remote, 'phone-remote');
    expect(await seriousFaults(remote)).toEqual([]);
    await remote.getByTestId('mute').click();
    await expect.poll(room.clientHears).toEqual([]);
    await expect.poll(() => isMuted(page)).toBe('true');
    await expect.poll(() => isMuted(remote)).toBe('true');
    await page.getByTestId('mute').click();
    await expect.poll(() => isMuted(remote)).toBe('false');
    await expect.poll(room.clientHears).toEqual([tones.anna]);
    await remote.getByTestId('hold').click();
    await stripOf(page, 'held').waitFor();
    await remote.getByTestId('hold').click();
    await stripOf(page, 'active').waitFor();
    await remote.getByTestId('hang-up').click();
    await stripOf(page, 'wrap_up').waitFor();
    await room.reset(remote);

    // a call out from there rings nowhere: the phone takes it, and the demo's far end says back what it hears
    await remote.getByTestId('dial').fill('+79160000255');
    await remote.getByTestId('call-button').click();
    await stripOf(remote, 'active').waitFor();
    await expect.poll(() => room.anna.hears([tones.anna])).toEqual([tones.anna]);
    await remote.getByTestId('keypad').click();
    await remote.getByTestId('digit-5').click();
    await expect.poll(() => remote.getByTestId('keypad-panel').innerText()).toMatch(/Отправлено\s*5/);
    expect(await remote.getByRole('alert').count()).toBe(0);
    await remote.keyboard.press('Escape');
    await room.reset(remote);
    await remote.close();
  });

  it('move the phone when its tab is closed in mid-call: the agent is heard again, or muted as she was', async () => {
    const remote = await openRemote();
    await room.talk(page, tones.anna);
    const closedAt = performance.now();
    await page.close();
    page = remote;
    await phoneIs(page, { tab: 'phone', registered: 'true' });
    const movedMs = Math.round(performance.now() - closedAt);
    await expect.poll(room.clientHears).toEqual([tones.anna]);
    console.log(`phone moved in ${movedMs} ms, heard again after ${Math.round(performance.now() - closedAt)} ms`);
    await stripOf(page, 'active').waitFor();

    const third = await openRemote();
    await third.getByTestId('mute').click();
    await expect.poll(room.clientHears).toEqual([]);
    await page.close();
    page = third;
    await phoneIs(page, { tab: 'phone', registered: 'true' });
    await phoneIs(page, { call: 'talking' });
    await stripOf(page, 'active').waitFor();
    await expect.poll(() => isMuted(page)).toBe('true');
    expect(await room.clientHears()).toEqual([]);
    await page.getByTestId('mute').click();
    await expect.poll(room.clientHears).toEqual([tones.anna]);
  });

  it('come one after the other: without any the client hears a word and music, then the agent again', async () => {
    // the last tab would take the browser with it
    const blank = await room.anna.context.newPage();
    await room.talk(page, tones.anna);
    const heard = listenForComfort(room.client.page, { seconds: 5, agent: tones.anna });
    await page.close();
    expect(await heard).toBe(true);
    page = blank;
    await page.goto(room.server.url);
    await stripOf(page, 'active').waitFor();
    await expect.poll(room.clientHears).toEqual([tones.anna]);
  });

  it('move the phone when its tab crashes', async () => {
    const remote = await openRemote();
    const crashedAt = performance.now();
    // never answers: there is nobody left to
    page.goto('chrome://crash').catch(() => undefined);
    await phoneIs(remote, { tab: 'phone', registered: 'true' });
    console.log(`phone moved in ${Math.round(performance.now() - crashedAt)} ms after a crash`);
    const crashed = page;
    page = remote;
    await crashed.close();
    await room.talk(page, tones.anna);
  });
});

describe('a browser that gives no sound', () => {
  it('proves no ring: the next agent is offered the call; a tab with sound takes the phone over', async () => {
    await room.api.call('PUT /api/v1/presence', { body: { status: 'not_ready', reason: 'break' } });
    const vera = await room.server.signIn('vera');
    const olga = await room.server.signIn('olga');
    const boris = await openDesk(room.server, 'boris', { tone: tones.boris });
    const number = '+79160000401';
    await olga.call('POST /api/v1/clients', {
      body: { name: 'Клиент Веры', responsibleId: vera.me.id, contactPoints: [{ kind: 'phone', value: number }] },
    });
    const browser = await launchBrowser({ microphone: tones.vera });
    try {
      const [name = '', value = ''] = vera.cookie.split('=');
      await browser.context.addCookies([{ name, value, url: room.server.url }]);
      await vera.call('PUT /api/v1/presence', { body: { status: 'available' } });
      const locked = browser.page;
      await locked.setViewportSize({ width: 1280, height: 720 });
      // the tools of tests press something wherever they look, which would unlock the sound
      await locked.addInitScript(() => {
        const { AudioContext } = globalThis as unknown as { AudioContext: { prototype: object } };
        Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' });
      });
      await locked.goto(room.server.url);
      await phoneIs(locked, { registered: 'true', sound: 'false' });
      const phone = await openTestPhone({ serverPort: room.server.sipPort, tone: tones.client });
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
      await second.goto(room.server.url);
      await phoneIs(second, { tab: 'remote' });
      await second.getByTestId('start-shift').click();
      await phoneIs(second, { tab: 'phone', sound: 'true' });
      await phoneIs(locked, { tab: 'remote', registered: 'true' });
    } finally {
      await browser.close();
      await boris.close();
    }
  });
});
