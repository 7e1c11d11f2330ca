import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../demo/actors/within.ts';
import { type CallCenter, offersOf, openCallCenter } from '../support/call-center.ts';

describe('a caller who gives up', () => {
  let center: CallCenter;

  beforeAll(async () => {
    center = await openCallCenter({ agents: ['anna'] });
  });
  afterAll(() => center?.close());
  afterEach(async () => {
    await center.clearDesks();
    await center.desk('anna').setStatus('available');
  });

  const lastEntry = async (clientId: number) => (await center.olga.timelineOf(clientId))[0];

  it('while an agent rings: the ringing stops, the call is missed, the agent is free', async () => {
    const client = await center.makeClient('Положил трубку', 'anna');
    const call = await center.call(client.number);
    const { interaction } = await center.offerOf('anna', client.number);
    const ringing = await center.desk('anna').phone.nextCall();
    await call.provisional(180);
    call.hangUp();
    expect((await call.ended).status).toBe(487);
    expect((await ringing.ended).status).toBe(487);
    await center
      .desk('anna')
      .waitFor('offer-ended', (push) => push.interactionId === interaction.id && push.result === 'client_gone');
    await center.quiet();
    expect(await lastEntry(client.id)).toMatchObject({ status: 'missed', result: 'short_abandoned', recording: null });
    expect(await offersOf(center.olga, interaction.id)).toMatchObject([{ result: 'client_gone' }]);
  });

  it('while he waits with music: the call is missed and leaves the queue', async () => {
    await center.desk('anna').setStatus('not_ready', 'break');
    const client = await center.makeClient('Не дождался', 'anna');
    const call = await center.call(client.number);
    await call.answered();
    await call.listen(0.2);
    call.hangUp();
    await until(async () => (await lastEntry(client.id))?.status === 'missed', 5_000, 'the missed call');
    const { items } = await center.olga.call('GET /api/v1/queues');
    expect(items.flatMap(({ waiting }) => waiting)).toEqual([]);
  });

  it('is owed a call by his responsible manager until somebody talks to him', async () => {
    const client = await center.makeClient('Ждёт звонка', 'anna');
    const anna = center.desk('anna');
    /** The ledger follows the journal: a moment behind the call. */
    const owes = (times: readonly number[]) =>
      until(
        async () => {
          const { owed } = await anna.call('GET /api/v1/workspace');
          const rows = owed.filter(({ client: { id }, number }) => id === client.id && number === client.number);
          return JSON.stringify(rows.map((row) => row.times)) === JSON.stringify(times);
        },
        5_000,
        `a ledger that owes him [${times}] calls`,
      );
    for (let i = 0; i < 2; i++) {
      const missed = await center.call(client.number);
      await (await anna.phone.nextCall()).invite;
      missed.hangUp();
      await missed.ended;
      await center.quiet();
    }
    await owes([2]);
    const call = await center.call(client.number);
    await until(
      () => anna.pushes.some(({ push }) => push.type === 'offer' && push.pop.open.missedCalls === 2),
      5_000,
      'a pop that tells of two missed calls',
    );
    (await anna.phone.nextCall()).answer();
    await call.answered();
    call.hangUp();
    await center.quiet();
    await owes([]);
  });

  it('leaves an agent free for the next caller at once', async () => {
    const first = await center.makeClient('Первый', 'anna');
    const second = await center.makeClient('Второй', 'anna');
    const given = await center.call(first.number);
    await center.offerOf('anna', first.number);
    await center.desk('anna').phone.nextCall();
    const call = await center.call(second.number);
    await call.answered();
    given.hangUp();
    await center.offerOf('anna', second.number);
    (await center.desk('anna').phone.nextCall()).answer();
    expect(await call.tones([1010])).toEqual([1010]);
    call.hangUp();
  });
});
