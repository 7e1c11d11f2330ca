import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../demo/actors/within.ts';
import { type CallCenter, openCallCenter } from '../support/call-center.ts';

describe('callers whom nobody knows', () => {
  let center: CallCenter;

  beforeAll(async () => {
    center = await openCallCenter({ agents: ['anna'] });
  });
  afterAll(() => center?.close());

  const search = async (q: string) => (await center.olga.call('GET /api/v1/clients', { querystring: { q } })).items;

  it('get one card for a hundred calls at once from one number', async () => {
    await center.desk('anna').setStatus('not_ready', 'meeting');
    const number = '+79169998877';
    const calls = await Promise.all(Array.from({ length: 100 }, () => center.call(number)));
    await Promise.all(calls.map((call) => call.answered(60_000)));
    const found = await search('79169998877');
    expect(found).toHaveLength(1);
    for (const call of calls) call.hangUp();
    const id = found[0]?.id ?? 0;
    const entries = await until(
      async () => {
        const { items } = await center.olga.call('GET /api/v1/clients/:id/timeline', {
          params: { id },
          querystring: { limit: 200 },
        });
        return items.every(({ status }) => status === 'missed') && items;
      },
      30_000,
      'the end of all calls',
    );
    expect(entries).toHaveLength(100);
    expect((await center.olga.call('GET /api/v1/queues')).items.flatMap(({ waiting }) => waiting)).toEqual([]);
  });

  it.each([
    ['anonymous', { number: 'anonymous', displayName: 'Anonymous' }],
    ['private', { number: '+79161112233', headers: { Privacy: 'id', 'P-Asserted-Identity': '<sip:+79161112233@x>' } }],
  ])('are served also with a hidden number (%s), and it is said why there is none', async (_name, from) => {
    const anna = center.desk('anna');
    await anna.setStatus('available');
    const seen = anna.pushes.length;
    const call = await center.caller.call('+74950000001', from);
    await call.provisional(180);
    const ringing = await anna.phone.nextCall();
    const offersNow = () => anna.pushes.slice(seen).flatMap(({ push }) => (push.type === 'offer' ? [push] : []));
    // the ring and the push come by ways of their own
    await until(() => offersNow().length > 0, 5_000, 'an offer on the screen');
    const offers = offersNow();
    expect(offers).toHaveLength(1);
    expect(offers[0]?.interaction.peer).toMatchObject({ number: '', reason: 'hidden' });
    expect(offers[0]?.pop.warnings).toContainEqual({ code: 'number_hidden', text: 'anonymous' });
    expect(await search('79161112233')).toEqual([]);
    ringing.answer();
    await call.answered();
    call.hangUp();
    await center.quiet();
  });

  it('are refused when the number called is not ours', async () => {
    const call = await center.caller.call('+74959999999', { number: center.newNumber() });
    await expect(call.answered()).rejects.toThrow('404');
  });
});
