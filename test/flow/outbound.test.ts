import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { trunks } from '../../db/schema/index.ts';
import { openTestPhone, type RingingCall, type TestPhone } from '../../demo/actors/sip-agent.ts';
import type { InteractionState } from '../../server/contract/words.ts';
import { allTones, type CallCenter, openCallCenter, recordingOf, tones } from '../support/call-center.ts';

describe('a call out', () => {
  let center: CallCenter;
  let carrier: TestPhone;

  beforeAll(async () => {
    // The carrier answers the server; it never has to reach it by a port of its own.
    carrier = await openTestPhone({ serverPort: 9, tone: tones.carrier });
    center = await openCallCenter({
      agents: ['anna', 'boris'],
      queue: { wrapUpSeconds: 60 },
      prepare: async (db) => {
        await db.orm.update(trunks).set({ name: 'Test carrier', port: carrier.port, numberFormat: 'digits' });
      },
    });
  });
  afterAll(async () => {
    await center?.close();
    await carrier?.close();
  });
  afterEach(() => center.clearDesks());

  const anna = () => center.desk('anna');

  /** Calls a number as anna; her phone answers, the carrier's rings. */
  async function dial(number: string): Promise<{ id: string; clientId: number; phone: RingingCall; far: RingingCall }> {
    const interaction = await anna().call('POST /api/v1/calls', { body: { number } });
    expect(interaction).toMatchObject({ direction: 'out', state: 'dialing' });
    const phone = await anna().phone.nextCall();
    phone.answer();
    return { id: interaction.id, clientId: interaction.client.id, phone, far: await carrier.nextCall() };
  }

  const inState = async (id: string, state: InteractionState) =>
    (await anna().waitFor('interaction', ({ interaction }) => interaction.id === id && interaction.state === state))
      .interaction;

  it('rings her own phone first, then the client, and carries sound both ways', async () => {
    const client = await center.makeClient('Исходящий', 'anna');
    const { id, phone, far } = await dial(client.number);
    expect(phone.invite.header('x-switchroom-answer')).toBe('auto');
    expect(far.invite.requestUri.user).toBe(client.number.slice(1));
    expect(far.from.uri.user).toBe('74950000001');
    expect((await phone.listen(0.3)).samples.length).toBeGreaterThan(0);
    far.answer();
    await inState(id, 'active');
    expect(await Promise.all([phone.tones(allTones), far.tones(allTones)])).toEqual([[tones.carrier], [tones.anna]]);
    far.hangUp();
    expect(await inState(id, 'wrap_up')).toMatchObject({ result: 'client_hung_up' });
    const [entry] = await center.olga.timelineOf(client.id);
    expect(entry).toMatchObject({ direction: 'out', status: 'answered', user: { id: anna().me.id } });
    expect(await recordingOf(center.olga, entry, allTones)).toEqual([[tones.carrier], [tones.anna]]);
  });

  it.each([
    [486, 'busy'],
    [603, 'rejected'],
    [404, 'invalid_number'],
    [480, 'no_answer'],
    [503, 'congestion'],
  ])('that the carrier refuses with %i ends as "%s" and leaves time for a note', async (status, result) => {
    const { id, clientId, far } = await dial(center.newNumber());
    far.decline(status);
    expect(await inState(id, 'wrap_up')).toMatchObject({ result, answeredAt: null });
    expect((await center.olga.timelineOf(clientId))[0]).toMatchObject({ direction: 'out', status: 'failed', result });
  });

  it('lets her hear what the network says before the answer', async () => {
    const { id, phone, far } = await dial(center.newNumber());
    far.ringWithSound();
    await expect.poll(() => phone.tones([tones.carrier]), { timeout: 10_000 }).toEqual([tones.carrier]);
    expect((await anna().call('GET /api/v1/interactions/:id', { params: { id } })).state).toBe('dialing');
    far.answer();
    await inState(id, 'active');
    expect(await phone.tones([tones.carrier])).toEqual([tones.carrier]);
  });

  it('stops when she cancels it', async () => {
    const { id, clientId, phone, far } = await dial(center.newNumber());
    await anna().call('POST /api/v1/interactions/:id/hang-up', { params: { id } });
    expect((await far.ended).status).toBe(487);
    await phone.ended;
    expect((await center.olga.timelineOf(clientId))[0]).toMatchObject({ status: 'failed', result: 'cancelled' });
  });

  it('is hers alone: no second one beside it, and none of an agent without a phone', async () => {
    const { id } = await dial(center.newNumber());
    const again = anna().call('POST /api/v1/calls', { body: { number: center.newNumber() } });
    await expect(again).rejects.toMatchObject({ status: 409, code: 'agent_busy' });
    const without = center.olga.call('POST /api/v1/calls', { body: { number: center.newNumber() } });
    await expect(without).rejects.toMatchObject({ status: 409, code: 'no_phone' });
    const wrong = center.desk('boris').call('POST /api/v1/calls', { body: { number: 'не номер' } });
    await expect(wrong).rejects.toMatchObject({ status: 422, code: 'invalid_number' });
    await anna().call('POST /api/v1/interactions/:id/hang-up', { params: { id } });
  });

  it('makes no second call for a client who calls in meanwhile: he waits or reaches another', async () => {
    const client = await center.makeClient('Встречный', 'anna');
    const { far } = await dial(client.number);
    const call = await center.call(client.number);
    await center.offerOf('boris', client.number);
    (await center.desk('boris').phone.nextCall()).answer();
    await call.answered();
    expect(await call.tones(allTones)).toEqual([tones.boris]);
    call.hangUp();
    far.decline(486);
  });
});
