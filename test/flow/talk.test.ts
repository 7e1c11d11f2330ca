import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loudness, tonesIn } from '../../demo/actors/audio.ts';
import type { PlacedCall, RingingCall } from '../../demo/actors/sip-agent.ts';
import { until, within } from '../../demo/actors/within.ts';
import type { InteractionView } from '../../server/contract/schemas.ts';
import type { InteractionState } from '../../server/contract/words.ts';
import { allTones, type CallCenter, openCallCenter, recordingOf, tones } from '../support/call-center.ts';

interface Talk {
  readonly id: string;
  readonly clientId: number;
  readonly call: PlacedCall;
  readonly phone: RingingCall;
}

describe('a talk', () => {
  let center: CallCenter;

  beforeAll(async () => {
    center = await openCallCenter({ agents: ['anna'], queue: { wrapUpSeconds: 60 } });
  });
  afterAll(() => center?.close());
  afterEach(() => center.clearDesks());

  /** A client and anna, talking. */
  async function talk(number = center.newNumber()): Promise<Talk> {
    const call = await center.call(number);
    const { interaction } = await center.offerOf('anna', number);
    const phone = await center.desk('anna').phone.nextCall();
    phone.answer();
    await call.answered();
    await inState(interaction.id, 'active');
    return { id: interaction.id, clientId: interaction.client.id, call, phone };
  }

  async function inState(id: string, state: InteractionState): Promise<InteractionView> {
    const push = await center
      .desk('anna')
      .waitFor('interaction', ({ interaction }) => interaction.id === id && interaction.state === state);
    return push.interaction;
  }

  const digits = (arriving: Promise<string>): Promise<string> => within(arriving, 5_000, 'the arrival of digits');

  const finish = (id: string, body: { dispositionId?: number; note?: string } = {}): Promise<InteractionView> =>
    center.desk('anna').call('POST /api/v1/interactions/:id/finish', { params: { id }, body });

  it('carries each side to the other, and its recording has the client left and the agent right', async () => {
    const { id, clientId, call, phone } = await talk();
    expect(await Promise.all([call.tones(allTones), phone.tones(allTones)])).toEqual([[tones.anna], [tones.caller]]);
    call.hangUp();
    expect(await inState(id, 'wrap_up')).toMatchObject({ result: 'client_hung_up' });
    await finish(id);
    const [entry] = await center.olga.timelineOf(clientId);
    expect(entry).toMatchObject({ kind: 'call', direction: 'in', status: 'answered', interactionId: id });
    expect(entry?.recording).toMatchObject({ state: 'ready', durationMs: expect.any(Number) });
    expect(await recordingOf(center.olga, entry, allTones)).toEqual([[tones.caller], [tones.anna]]);
  });

  it('keeps note and disposition while it goes on, and closes with them', async () => {
    const { id, clientId, call } = await talk();
    const anna = center.desk('anna');
    const { dispositions } = await anna.call('GET /api/v1/workspace');
    const [sold] = dispositions;
    await anna.call('PATCH /api/v1/interactions/:id', { params: { id }, body: { note: 'Просит счёт' } });
    expect((await center.olga.timelineOf(clientId))[0]).toMatchObject({ status: 'ongoing', note: 'Просит счёт' });
    call.hangUp();
    const wrapUp = await inState(id, 'wrap_up');
    expect(Date.parse(wrapUp.wrapUpUntil ?? '') - Date.parse(wrapUp.endedAt ?? '')).toBe(60_000);
    const presence = await center.olga.call('GET /api/v1/agents');
    expect(presence.items.find(({ id: user }) => user === anna.me.id)).toMatchObject({
      busy: 'wrap_up',
      inHand: { client: { id: clientId }, direction: 'in', state: 'wrap_up', listeners: [] },
    });
    await finish(id, { dispositionId: sold?.id ?? 0, note: 'Просит счёт до пятницы' });
    expect(await inState(id, 'closed')).toMatchObject({ dispositionId: sold?.id });
    expect((await center.olga.timelineOf(clientId))[0]).toMatchObject({
      status: 'answered',
      note: 'Просит счёт до пятницы',
      disposition: { id: sold?.id, nameRu: sold?.nameRu },
      user: { id: anna.me.id },
    });
  });

  it('ends for the client when the agent hangs up, on the phone or on the screen', async () => {
    const first = await talk();
    first.phone.hangUp();
    await first.call.ended;
    expect(await inState(first.id, 'wrap_up')).toMatchObject({ result: 'agent_hung_up' });
    await finish(first.id);
    const second = await talk();
    await center.desk('anna').call('POST /api/v1/interactions/:id/hang-up', { params: { id: second.id } });
    await Promise.all([second.call.ended, second.phone.ended]);
    expect(await inState(second.id, 'wrap_up')).toMatchObject({ result: 'agent_hung_up' });
    await finish(second.id);
  });

  it('plays music to the client on hold and nothing to the agent, and joins them again', async () => {
    const { id, call, phone } = await talk();
    const anna = center.desk('anna');
    await anna.call('POST /api/v1/interactions/:id/hold', { params: { id } });
    await call.listen(0.2);
    phone.audio.forget();
    const music = await call.listen(1);
    expect(loudness(music.samples)).toBeGreaterThan(0.01);
    expect(tonesIn(music, [tones.anna])).toEqual([]);
    expect(loudness(phone.audio.heard().samples)).toBe(0);
    await anna.call('POST /api/v1/interactions/:id/resume', { params: { id } });
    expect(await Promise.all([call.tones(allTones), phone.tones(allTones)])).toEqual([[tones.anna], [tones.caller]]);
    call.hangUp();
    await inState(id, 'wrap_up');
  });

  it('carries digits both ways, also those that come as SIP INFO', async () => {
    const { id, call, phone } = await talk();
    call.audio.sendDigits('42#');
    expect(await digits(phone.audio.waitForDigits(3))).toBe('42#');
    expect(await call.sendInfoDigit('7')).toBe(200);
    expect(await digits(phone.audio.waitForDigits(4))).toBe('42#7');
    phone.audio.sendDigits('19');
    expect(await digits(call.audio.waitForDigits(2))).toBe('19');
    await center.desk('anna').call('POST /api/v1/interactions/:id/dtmf', { params: { id }, body: { digits: '5*' } });
    expect(await digits(call.audio.waitForDigits(4))).toBe('195*');
    call.hangUp();
    await inState(id, 'wrap_up');
  });

  it('goes on after silence from one side', async () => {
    const { id, call, phone } = await talk();
    phone.audio.mute();
    await phone.listen(0.5);
    call.audio.forget();
    await phone.listen(0.5);
    expect(loudness(call.audio.heard().samples)).toBe(0);
    phone.audio.start();
    await until(async () => (await call.tones(allTones)).includes(tones.anna), 5_000, 'sound after silence');
    call.hangUp();
    await inState(id, 'wrap_up');
  });

  it('takes a pause after the call when the agent asks for it', async () => {
    const { id, call } = await talk();
    const anna = center.desk('anna');
    call.hangUp();
    await inState(id, 'wrap_up');
    await anna.call('POST /api/v1/interactions/:id/finish', { params: { id }, body: { notReady: 'lunch' } });
    const { presence } = await anna.call('GET /api/v1/workspace');
    expect(presence).toMatchObject({ status: 'not_ready', reason: 'lunch' });
    await anna.setStatus('available');
  });
});
