import type { Locator, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../../demo/actors/api-client.ts';
import { openTestPhone, type TestPhone } from '../../demo/actors/sip-agent.ts';
import { type TestBrowser, tonesInBrowser } from '../support/browser.ts';
import { recordingOf } from '../support/call-center.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  openTalkingBrowser,
  openWorkplace,
  picture,
  seriousFaults,
  signInOn,
  type Workplace,
} from '../support/talking-browser.ts';

const tones = { caller: 470, admin: 730, agent: 1390 } as const;
const allTones = Object.values(tones);

/**
 * A new owner and nothing but the screen: from a server with an empty database to the first answered call. Every test
 * goes on where the one before has ended.
 */
describe('an empty house', () => {
  let server: TestServer;
  let owner: TestBrowser;
  let carrier: TestPhone;
  let page: Page;
  let agent: Workplace | undefined;
  /** What the screen showed once. */
  const shown: Record<string, string> = {};
  const errors: string[] = [];

  beforeAll(async () => {
    server = await startTestServer({ child: true, empty: true });
    carrier = await openTestPhone({ serverPort: server.sipPort, tone: tones.caller });
    owner = await openTalkingBrowser(tones.admin, `${server.url}/admin`);
    ({ page } = owner);
    page.on('pageerror', (error) => errors.push(error.message));
    await page.setViewportSize({ width: 1280, height: 720 });
  });
  afterAll(async () => {
    await agent?.close();
    await owner?.close();
    await carrier?.close();
    await server?.close();
  });

  const byId = (id: string): Locator => page.getByTestId(id);
  const section = (name: string): Promise<void> => byId(`nav-${name}`).click();
  const stepState = (step: string) => byId(`step-${step}`).getAttribute('data-state');

  /** On the checklist, the step is in this state, or comes to it by itself. */
  async function expectStep(step: string, state: string): Promise<void> {
    await section('start');
    await expect.poll(() => stepState(step)).toBe(state);
  }

  /** Goes where the step's own link leads. */
  async function follow(step: string): Promise<void> {
    await section('start');
    await byId(`step-${step}`).getByRole('link').click();
  }

  /** Saves what the form holds; no edit is left over then. */
  async function save(): Promise<void> {
    const isWritten = (request: Request): boolean => request.method() !== 'GET' && request.url().includes('/setup/');
    const written = page.waitForResponse((response) => isWritten(response.request()));
    await byId('save').click();
    expect((await written).status()).toBe(200);
    await byId('unsaved').waitFor({ state: 'detached' });
  }

  /** The password that is shown once, and put away by its button. */
  async function takeSecret(): Promise<string> {
    const secret = byId('shown-once');
    await secret.waitFor();
    const [login = '', password = ''] = await secret.locator('code').allInnerTexts();
    shown[login] = password;
    await byId('handed-over').click();
    await secret.waitFor({ state: 'detached' });
    return password;
  }

  /** For people who look: both languages, light and dark. */
  async function pictures(name: string): Promise<void> {
    if (!process.env['SCREENSHOTS']) return;
    for (const language of ['ru', 'en']) {
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
        await page.waitForLoadState('networkidle');
        await picture(page, `first-run-${name}-${language}-${scheme}`);
      }
      await page.emulateMedia({ colorScheme: 'light' });
      await byId('user-menu').click();
      await byId('language').click();
      await page.keyboard.press('Escape');
    }
  }

  it('lets the first administrator in by what the start has printed; nothing is done yet', async () => {
    await page.waitForLoadState('networkidle');
    await picture(page, 'first-run-login');
    expect(await page.getByRole('link').count()).toBe(0);
    await signInOn(page, { login: 'admin', password: server.firstPassword ?? 'none was printed' });
    await byId('step-testCall').waitFor();
    const states = await page
      .locator('[data-testid^="step-"]')
      .evaluateAll((steps) =>
        steps.map((step) => (step as unknown as { dataset: Record<string, string> }).dataset['state']),
      );
    expect(states).toEqual(Array.from({ length: 9 }, () => 'open'));
    await pictures('start');
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('a password of his own: shown once, and he stays where he is', async () => {
    await follow('adminPassword');
    await byId('reset-password').click();
    await picture(page, 'first-run-own-password');
    await byId('reset-password-confirm').click();
    const password = await takeSecret();
    await expectStep('adminPassword', 'done');
    expect((await signIn(server.url, 'admin', password)).me.role).toBe('admin');
  });

  it('a team, and in it an agent with a password to hand over', async () => {
    await follow('people');
    await page.getByRole('link', { name: /^(Группы|Teams)$/ }).click();
    await byId('add').click();
    await byId('team-name').fill('Продажи');
    await save();
    await section('people');
    await byId('add').click();
    await byId('user-name').fill('Марина Первая');
    await byId('user-login').fill('marina');
    await byId('user-team').selectOption({ label: 'Продажи' });
    await byId('save').click();
    await byId('shown-once').waitFor();
    await pictures('person');
    await takeSecret();
    await expectStep('people', 'open');
  });

  it('her shift, round the clock', async () => {
    await follow('coverage');
    await page.getByRole('link', { name: 'Марина Первая', exact: true }).click();
    await byId('weekly-1').fill('0-24');
    await page.getByRole('button', { name: /понедельник|Monday/ }).click();
    for (const day of [6, 7]) await byId(`weekly-${day}`).fill('круглосуточно');
    await byId('weekly-7').blur();
    await pictures('shift');
    await save();
  });

  it('a queue that she serves', async () => {
    await follow('people');
    await byId('add').click();
    await byId('queue-name').fill('Продажи');
    await byId('add-member').selectOption({ label: 'Марина Первая' });
    await page.getByLabel(/^(Записывать разговоры|Record calls)$/).check();
    await pictures('queue');
    await save();
    await expectStep('people', 'done');
    await expectStep('coverage', 'done');
  });

  it('the carrier by its address, and a number at it', async () => {
    await follow('lines');
    await byId('add-trunk-new').click();
    await byId('trunk-name').fill('Городской');
    await byId('trunk-host').fill('127.0.0.1');
    await page.getByLabel(/^(Порт|Port)$/).fill(String(carrier.port));
    await byId('trunk-addresses').fill('127.0.0.1');
    await pictures('trunk');
    await save();
    await byId('add-new').click();
    await byId('line-number').fill('8 495 000-00-07');
    await byId('line-name').fill('Продажи, Москва');
    await save();
    await pictures('lines');
    await expectStep('lines', 'done');
  });

  it('outcomes of a talk', async () => {
    await section('outcomes');
    await byId('add-new').click();
    await byId('name-ru').fill('Договорились');
    await byId('name-en').fill('Agreed');
    await save();
  });

  it('a greeting from the microphone, chosen in the queue', async () => {
    await expectStep('greeting', 'open');
    await follow('greeting');
    await byId('record').click();
    await byId('start-recording').click();
    await expect.poll(() => page.getByRole('timer').innerText()).toMatch(/00:03/);
    await byId('stop-recording').click();
    await byId('draft-audio').waitFor();
    await byId('sound-name').fill('Здравствуйте');
    await pictures('greeting');
    await save();
    await section('queues');
    await page.getByRole('link', { name: 'Продажи', exact: true }).click();
    await byId('greeting').selectOption({ label: 'Здравствуйте' });
    await save();
    await expectStep('greeting', 'done');
  });

  it('the test call: his own browser rings, answers by itself, and he hears himself', async () => {
    // his own phone is no proof that an agent's would work
    expect(await stepState('browserPhone')).toBe('open');
    await byId('test-call').click();
    await expect.poll(() => tonesInBrowser(page, allTones).catch(() => [])).toEqual([tones.admin]);
    await expect.poll(() => byId('test-call-result').getAttribute('data-passed')).toBe('true');
    await expect.poll(() => stepState('testCall')).toBe('done');
    await pictures('tested');
  });

  it('the agent signs in with what was handed over, and everything is ready', async () => {
    agent = await openWorkplace({
      url: server.url,
      login: 'marina',
      password: shown['marina'] ?? '',
      tone: tones.agent,
      paused: true,
    });
    await expectStep('browserPhone', 'done');
    await page.getByText(/Всё готово к звонкам|Everything is ready for calls/).waitFor();
    await pictures('ready');
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('the first call: the caller hears the greeting, then the agent, and she hears him', async () => {
    if (!agent) throw new Error('the agent has not signed in');
    const call = await carrier.call('84950000007', { number: '+79160000701' });
    await call.answered();
    await expect.poll(() => call.tones(allTones)).toEqual([tones.admin]);
    await agent.byId('status-menu').click();
    await agent.byId('status-available').click();
    await agent.strip('offered').waitFor();
    await picture(agent.page, 'first-run-first-call');
    await agent.byId('answer').click();
    await agent.strip('active').waitFor();
    await expect.poll(() => agent?.hears(allTones)).toEqual([tones.caller]);
    await expect.poll(() => call.tones(allTones)).toEqual([tones.agent]);
    await agent.byId('hang-up').click();
    await call.ended;
    await agent.strip('wrap_up').waitFor();
    await agent.byId('disposition-1').click();
    await agent.byId('finish').click();
    await agent.strip('idle').waitFor();
    const admin = await signIn(server.url, 'admin', shown['admin'] ?? '');
    const { items } = await admin.call('GET /api/v1/clients', { querystring: { q: '9160000701' } });
    const [entry] = await admin.timelineOf(items[0]?.id ?? 0);
    expect(entry).toMatchObject({ status: 'answered', direction: 'in', disposition: { nameRu: 'Договорились' } });
    expect(await recordingOf(admin, entry, allTones)).toEqual([[tones.caller], [tones.agent]]);
    expect(errors).toEqual([]);
  });

  it('and a call out by the same carrier: its phone rings, and both hear each other', async () => {
    if (!agent) throw new Error('the agent has not signed in');
    await agent.byId('search').fill('9160000701');
    await agent.byId('search-result').first().click();
    await agent.byId('call-point').first().click();
    const ringing = await carrier.nextCall();
    expect(ringing.invite.requestUri.user).toBe('+79160000701');
    ringing.answer();
    await agent.strip('active').waitFor();
    await expect.poll(() => ringing.tones(allTones)).toEqual([tones.agent]);
    await expect.poll(() => agent?.hears(allTones)).toEqual([tones.caller]);
    ringing.hangUp();
    await agent.strip('wrap_up').waitFor();
    await agent.byId('finish').click();
  });

  it('the agent finds no door to the setup and the supervision, and none by their addresses', async () => {
    if (!agent) throw new Error('the agent has not signed in');
    await agent.byId('user-menu').click();
    await agent.byId('sign-out').waitFor();
    for (const id of ['admin-link', 'supervisor-link']) expect(await agent.byId(id).count()).toBe(0);
    for (const path of ['/admin', '/admin/people/1', '/supervisor']) {
      await agent.page.goto(`${server.url}${path}`);
      await agent.page.getByRole('heading', { name: /для администраторов|for administrators/ }).waitFor();
      expect(await agent.page.getByRole('navigation').count()).toBe(0);
      expect(await agent.page.getByRole('table').count()).toBe(0);
    }
    await picture(agent.page, 'first-run-refused');
    await agent.page.getByRole('link').click();
    await agent.strip('idle').waitFor();
  });
});
