import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loudness } from '../../demo/actors/audio.ts';
import { until } from '../../demo/actors/within.ts';
import { allTones, type CallCenter, offersOf, openCallCenter, tones } from '../support/call-center.ts';

describe('who rings', () => {
  let center: CallCenter;
  let anna: number;
  let boris: number;
  let vera: number;

  beforeAll(async () => {
    center = await openCallCenter({
      agents: ['anna', 'boris', 'vera'],
      queue: { ringSeconds: 2, responsibleSeconds: 2 },
    });
    [anna, boris, vera] = (['anna', 'boris', 'vera'] as const).map((login) => center.desk(login).me.id) as [
      number,
      number,
      number,
    ];
  });
  afterAll(() => center?.close());
  afterEach(async () => {
    await center.clearDesks();
    for (const login of ['anna', 'boris', 'vera'] as const) await center.desk(login).setStatus('available');
  });

  it('is the responsible manager first, and the reasons of all are stored', async () => {
    const client = await center.makeClient('Клиент Веры', 'vera');
    const call = await center.call(client.number);
    const { interaction, pop } = await center.offerOf('vera', client.number);
    expect(interaction.client).toMatchObject({ id: client.id, name: 'Клиент Веры' });
    expect(pop).toMatchObject({ isNewCard: false, why: { reason: 'responsible' } });
    (await center.desk('vera').phone.nextCall()).answer();
    await call.answered();
    call.hangUp();
    await center.quiet();
    expect(await offersOf(center.desk('vera'), interaction.id)).toEqual([
      {
        user: vera,
        result: 'accepted',
        reason: 'responsible',
        candidates: { [anna]: 'later_in_turn', [boris]: 'later_in_turn', [vera]: 'responsible' },
      },
    ]);
  });

  it('goes round in schedule order for clients of nobody', async () => {
    const order: string[] = [];
    for (let i = 0; i < 4; i++) {
      const number = center.newNumber();
      const call = await center.call(number);
      const login = await Promise.any(
        (['anna', 'boris', 'vera'] as const).map((each) => center.offerOf(each, number).then(() => each)),
      );
      order.push(login);
      (await center.desk(login).phone.nextCall()).answer();
      await call.answered();
      call.hangUp();
      await center.quiet();
    }
    // vera had the last call of the test before
    expect(order).toEqual(['anna', 'boris', 'vera', 'anna']);
  });

  it('passes over who talks and who is not ready, and says so', async () => {
    const talking = await center.makeClient('Разговор', 'anna');
    const first = await center.call(talking.number);
    await center.offerOf('anna', talking.number);
    (await center.desk('anna').phone.nextCall()).answer();
    await first.answered();
    await center.desk('boris').setStatus('not_ready', 'lunch');
    const number = center.newNumber();
    const second = await center.call(number);
    const { interaction } = await center.offerOf('vera', number);
    (await center.desk('vera').phone.nextCall()).answer();
    await second.answered();
    first.hangUp();
    second.hangUp();
    const [offer] = await offersOf(center.olga, interaction.id);
    expect(offer).toMatchObject({
      user: vera,
      reason: 'round_robin',
      candidates: { [anna]: 'on_call', [boris]: 'not_ready lunch', [vera]: 'round_robin' },
    });
  });

  it('is the next agent when the first does not pick up', async () => {
    const client = await center.makeClient('Долгий звонок', 'boris');
    const call = await center.call(client.number);
    const { interaction } = await center.offerOf('boris', client.number);
    const unheard = await center.desk('boris').phone.nextCall();
    const second = await Promise.any(
      (['anna', 'vera'] as const).map((login) => center.offerOf(login, client.number).then(() => login)),
    );
    expect((await unheard.ended).status).toBe(487);
    await center.desk('boris').waitFor('offer-ended', ({ interactionId }) => interactionId === interaction.id);
    (await center.desk(second).phone.nextCall()).answer();
    await call.answered();
    expect(await call.tones(allTones)).toEqual([tones[second]]);
    call.hangUp();
    await center.quiet();
    const offers = await offersOf(center.olga, interaction.id);
    expect(offers.map(({ user, result }) => ({ user, result }))).toEqual([
      { user: boris, result: 'timeout' },
      { user: center.desk(second).me.id, result: 'accepted' },
    ]);
    expect(offers[1]?.candidates[boris]).toBe('tried timeout');
  });

  it('is the next agent when the first declines, on his phone or on his screen', async () => {
    const client = await center.makeClient('Отклонённый', 'anna');
    const call = await center.call(client.number);
    const { interaction } = await center.offerOf('anna', client.number);
    (await center.desk('anna').phone.nextCall()).decline(603, 'Decline');
    const second = await Promise.any(
      (['boris', 'vera'] as const).map((login) => center.offerOf(login, client.number).then(() => login)),
    );
    const ringing = await center.desk(second).phone.nextCall();
    await center.desk(second).call('POST /api/v1/interactions/:id/decline', { params: { id: interaction.id } });
    await ringing.ended;
    const third = second === 'boris' ? 'vera' : 'boris';
    await center.offerOf(third, client.number);
    (await center.desk(third).phone.nextCall()).answer();
    await call.answered();
    call.hangUp();
    await center.quiet();
    const offers = await offersOf(center.olga, interaction.id);
    expect(offers.map(({ result }) => result)).toEqual(['declined', 'declined', 'accepted']);
  });

  it('is nobody when nobody is there: music, reasons for the supervisor, and the first who comes back', async () => {
    for (const login of ['anna', 'boris', 'vera'] as const) await center.desk(login).setStatus('not_ready', 'meeting');
    const number = center.newNumber();
    const call = await center.call(number);
    await call.answered();
    const music = await call.listen(1);
    expect(loudness(music.samples)).toBeGreaterThan(0.01);
    const waiting = await until(
      async () => (await center.olga.call('GET /api/v1/queues')).items[0]?.waiting[0],
      5_000,
      'a caller in the queue',
    );
    expect(waiting).toMatchObject({ state: 'queued', client: { name: expect.any(String) } });
    expect(waiting.candidates.map(({ reason, parameter }) => [reason, parameter])).toEqual([
      ['not_ready', 'meeting'],
      ['not_ready', 'meeting'],
      ['not_ready', 'meeting'],
    ]);
    await center.desk('boris').setStatus('available');
    await center.offerOf('boris', number);
    (await center.desk('boris').phone.nextCall()).answer();
    await center
      .desk('boris')
      .waitFor(
        'interaction',
        ({ interaction }) => interaction.state === 'active' && interaction.peer.number === number,
      );
    expect(await call.tones(allTones)).toEqual([tones.boris]);
    call.hangUp();
  });
});
