import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { queues, trunks } from '../../db/schema/index.ts';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { amplitudeOf, loudness, type Pcm } from '../../demo/actors/audio.ts';
import { openTestPhone, type PlacedCall, type TestPhone } from '../../demo/actors/sip-agent.ts';
import { until } from '../../demo/actors/within.ts';
import { recordingOf } from '../support/call-center.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';
import { openTalkingBrowser, openWorkplace, picture, signInOn, type Workplace } from '../support/talking-browser.ts';

/** Far from each other and from the 1000 Hz after which a message is spoken. */
const tones = { caller: 470, anna: 770, boris: 1390 } as const;
const allTones = Object.values(tones);
const beepHz = 1000;
/** What becomes of callers in a day: agents in browsers, and a telephone in the town that calls and is called. */
describe('the day of callers', () => {
  let server: TestServer;
  let town: TestPhone;
  let anna: Workplace;
  let boris: Workplace;
  let olga: ApiClient;
  let admin: ApiClient;
  let annaApi: ApiClient;
  let numbers = 0;
  const placed: PlacedCall[] = [];

  beforeAll(async () => {
    server = await startTestServer({
      async prepare(db) {
        await db.orm.update(queues).set({ wrapUpSeconds: 0 });
        // a carrier of our own in the demo's place: calls out ring at a telephone that a test holds
        await db.orm.update(trunks).set({ name: 'Town' });
      },
    });
    town = await openTestPhone({ serverPort: server.sipPort, tone: tones.caller });
    [olga, admin, annaApi] = (await Promise.all(['olga', 'admin', 'anna'].map(server.signIn))) as [
      ApiClient,
      ApiClient,
      ApiClient,
    ];
    const [trunk] = (await admin.call('GET /api/v1/setup/trunks')).items;
    await admin.call('PATCH /api/v1/setup/trunks/:id', {
      params: { id: trunk?.id ?? 0 },
      body: { version: trunk?.version ?? 0, port: town.port },
    });
    anna = await openWorkplace({ url: server.url, login: 'anna', tone: tones.anna, paused: true });
    boris = await openWorkplace({ url: server.url, login: 'boris', tone: tones.boris, paused: true });
  });
  afterAll(async () => {
    await anna?.close();
    await boris?.close();
    await town?.close();
    await server?.close();
  });
  /** Whatever a test left in hand is over before the next one. */
  afterEach(async () => {
    for (const call of placed.splice(0)) call.hangUp();
    await until(
      async () => (await olga.call('GET /api/v1/agents')).items.every(({ busy }) => busy === null),
      15_000,
      'the end of all work',
    );
  });

  async function makeClient(name: string, responsible?: ApiClient): Promise<{ id: number; number: string }> {
    const number = `+7916000090${numbers++}`;
    const { id } = await olga.call('POST /api/v1/clients', {
      body: {
        name,
        contactPoints: [{ kind: 'phone', value: number }],
        ...(responsible ? { responsibleId: responsible.me.id } : {}),
      },
    });
    return { id, number };
  }

  async function callFrom(number: string): Promise<PlacedCall> {
    const call = await town.call(line, { number });
    placed.push(call);
    return call;
  }

  async function setStatus(at: Workplace, choice: 'available' | 'break'): Promise<void> {
    await at.byId('status-menu').click();
    await at.byId(`status-${choice}`).click();
    const status = choice === 'available' ? 'available' : 'not_ready';
    await expect.poll(() => at.byId('status-menu').getAttribute('data-status')).toBe(status);
  }

  /** He hears something, and nobody's tone. */
  async function hearsNobody(call: PlacedCall): Promise<void> {
    const heard = await call.listen(0.6);
    expect(loudness(heard.samples)).toBeGreaterThan(0.01);
    expect(tonesAbove(heard)).toEqual([]);
  }

  /** Takes the call that rings, and waits until each hears the other and nobody else. */
  async function answer(at: Workplace, tone: number, call: PlacedCall): Promise<void> {
    await at.byId('answer').click();
    await at.strip('active').waitFor();
    await expect.poll(() => at.hears(allTones)).toEqual([tones.caller]);
    await expect.poll(() => call.tones(allTones)).toEqual([tone]);
  }

  const stateOf = async (id: string): Promise<string> =>
    (await olga.call('GET /api/v1/interactions/:id', { params: { id } })).state;
  const owedRow = (id: number) => anna.byId(`work-owed-${id}`);

  it('nobody is free: music, and the supervisor sees why; who becomes ready is rung at once', async () => {
    const client = await makeClient('Терпеливый Ждун');
    const boss = await openTalkingBrowser(440, `${server.url}/supervisor`);
    try {
      await signInOn(boss.page, { login: 'olga' });
      const call = await callFrom(client.number);
      await call.answered();
      await hearsNobody(call);
      await boss.page.locator('[data-testid^="queue-"] button').first().click();
      const seen = () => boss.page.getByTestId('waiting-caller').innerText();
      await expect.poll(seen).toMatch(/Терпеливый Ждун[\s\S]*Анна Белова\s+не готов: перерыв/);
      await picture(boss.page, 'day-waiting');
      await setStatus(anna, 'available');
      await anna.strip('offered').waitFor();
      await answer(anna, tones.anna, call);
      call.hangUp();
      await anna.strip('idle').waitFor();
    } finally {
      await boss.close();
    }
  });

  it('three at once for one agent: each in his turn, nobody lost', async () => {
    await setStatus(anna, 'available');
    const clients = [await makeClient('Первый'), await makeClient('Второй'), await makeClient('Третий')];
    const calls: PlacedCall[] = [];
    for (const { number } of clients) calls.push(await callFrom(number));
    for (const [turn, client] of clients.entries()) {
      const call = calls[turn];
      if (!call) throw new Error('no call was placed');
      await anna.strip('offered').waitFor();
      expect(await ringsFor(anna)).toBe(client.number);
      await answer(anna, tones.anna, call);
      for (const later of calls.slice(turn + 1)) await hearsNobody(later);
      call.hangUp();
      await call.ended;
    }
    await anna.strip('idle').waitFor();
    for (const { id } of clients)
      await expect.poll(() => olga.timelineOf(id)).toMatchObject([{ status: 'answered', direction: 'in' }]);
  });

  it('out of hours: the tone, his words until the hash, and work for somebody on shift', async () => {
    const client = await makeClient('Ночной Голос');
    const [queue] = (await admin.call('GET /api/v1/setup/queues')).items;
    if (!queue) throw new Error('the demo company has no queue');
    const params = { id: queue.id };
    const closed = { timeZone: 'Europe/Moscow', weekly: {}, exceptions: [] };
    const shut = await admin.call('PATCH /api/v1/setup/queues/:id', {
      params,
      body: { version: queue.version, hours: closed, outOfHours: 'voicemail' },
    });
    try {
      const call = await callFrom(client.number);
      await call.answered();
      await until(() => endsWithTone(call.audio.heard(), beepHz), 30_000, 'the tone after which he speaks');
      // what he hears while he speaks: nothing, but the line is alive
      expect(tonesAbove(await call.listen(2.5))).toEqual([]);
      await call.sendInfoDigit('#');
      await call.ended;
    } finally {
      await admin.call('PATCH /api/v1/setup/queues/:id', { params, body: { version: shut.version, hours: null } });
    }

    const newest = async () => (await olga.timelineOf(client.id))[0];
    await expect.poll(newest).toMatchObject({ kind: 'voicemail', status: 'missed', result: 'voicemail' });
    const entry = await newest();
    expect((await recordingOf(olga, entry, allTones))[0]).toEqual([tones.caller]);
    const owed = () => olga.call('GET /api/v1/clients/:id/owed', { params: { id: client.id } });
    await expect.poll(async () => (await owed()).items).toMatchObject([{ kind: 'voicemail', closed: null }]);
    const [work] = (await owed()).items;
    const { items } = await olga.call('GET /api/v1/agents');
    expect(items.find(({ id }) => id === work?.owner?.id)).toMatchObject({ onShift: true });
  });

  it.each([
    ['asks to be called back with 1', '1', /просил перезвонить/],
    ['gives up', null, /не дожд|пропущен/i],
  ] as const)('who %s is owed a call; one press makes it, and the talk closes the row', async (_what, key, words) => {
    await setStatus(anna, 'break');
    const client = await makeClient(`Перезвоните ${numbers}`, annaApi);
    const call = await callFrom(client.number);
    await call.answered();
    await hearsNobody(call);
    if (key === null) call.hangUp();
    else await call.sendInfoDigit(key);
    await call.ended;
    await owedRow(client.id).waitFor();
    await expect.poll(() => owedRow(client.id).innerText()).toMatch(words);
    await picture(anna.page, `day-owed-${key ?? 'missed'}`);

    await anna.byId(`owed-call-${client.id}`).click();
    const ringing = await town.nextCall();
    expect(ringing.invite.requestUri.user).toBe(client.number);
    ringing.answer();
    await anna.strip('active').waitFor();
    await expect.poll(() => anna.hears(allTones)).toEqual([tones.caller]);
    await expect.poll(() => ringing.tones(allTones)).toEqual([tones.anna]);
    ringing.hangUp();
    await owedRow(client.id).waitFor({ state: 'detached' });
  });

  it('who gave up calls again himself: the screen knows, and the talk closes the row', async () => {
    const client = await makeClient('Снова Позвонивший', annaApi);
    const given = await callFrom(client.number);
    await given.answered();
    given.hangUp();
    await owedRow(client.id).waitFor();
    await setStatus(anna, 'available');
    const call = await callFrom(client.number);
    await anna.strip('offered').waitFor();
    await expect.poll(() => anna.byId('pop-open').innerText()).toMatch(/1/);
    await answer(anna, tones.anna, call);
    await owedRow(client.id).waitFor({ state: 'detached' });
    call.hangUp();
  });

  it('a browser dies in mid-call: comfort, then the head of the queue, with name and draft for the next', async () => {
    await setStatus(anna, 'available');
    const lost = await makeClient('Прерванный Разговор');
    const later = await makeClient('Пришёл Потом');
    const call = await callFrom(lost.number);
    await anna.strip('offered').waitFor();
    await answer(anna, tones.anna, call);
    const id = (await anna.strip('active').getAttribute('data-interaction')) ?? '';
    await anna.byId('note').fill('Просит красные');
    const note = async () => (await olga.call('GET /api/v1/interactions/:id', { params: { id } })).note;
    await expect.poll(note).toBe('Просит красные');
    const waiting = await callFrom(later.number);
    await waiting.answered();

    anna.kill();
    await expect.poll(() => stateOf(id)).toBe('reconnecting');
    await hearsNobody(call);
    await until(async () => (await stateOf(id)) === 'queued', 60_000, 'the return to the queue');
    await hearsNobody(call);

    await setStatus(boris, 'available');
    await boris.strip('offered').waitFor();
    expect(await ringsFor(boris)).toBe(lost.number);
    await expect.poll(() => boris.byId('pop-warnings').innerText()).toContain('Анна Белова');
    await picture(boris.page, 'day-rescued');
    await answer(boris, tones.boris, call);
    await expect.poll(() => boris.byId('note').inputValue()).toBe('Просит красные');
    call.hangUp();
    await call.ended;
    await boris.strip('offered').waitFor();
    expect(await ringsFor(boris)).toBe(later.number);
    await answer(boris, tones.boris, waiting);
    waiting.hangUp();
    await boris.strip('idle').waitFor();
  });
});

/** The number of whoever rings here, E.164, as the screen has it. */
async function ringsFor(at: Workplace): Promise<string> {
  const text = await at.strip('offered').innerText();
  return `+${/\+7[\d\s()-]{10,}/.exec(text)?.[0].replace(/\D/g, '') ?? ''}`;
}

const tonesAbove = (pcm: Pcm): number[] => allTones.filter((tone) => amplitudeOf(tone, pcm) > 0.1);

const windowSeconds = 0.1;

/** A tone of this pitch and nothing else was the last loud thing that was heard. */
function endsWithTone({ rate, samples }: Pcm, frequency: number): boolean {
  const length = Math.round(windowSeconds * rate);
  for (let at = samples.length - length; at >= Math.max(0, samples.length - 10 * length); at -= length / 2) {
    const part = samples.slice(at, at + length);
    const loud = loudness(part);
    if (loud > 0.05 && amplitudeOf(frequency, { rate, samples: part }) / Math.SQRT2 > 0.9 * loud) return true;
  }
  return false;
}
