import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowserPhone, type TestPhone } from '../../demo/actors/sip-agent.ts';
import { type CallCenter, offersOf, openCallCenter, tones } from '../support/call-center.ts';
import { openDesk } from '../support/desk.ts';

describe("a browser's phone of our own: SIP over WebSocket, ICE, DTLS, SRTP", () => {
  let center: CallCenter;
  let phone: TestPhone;

  beforeAll(async () => {
    center = await openCallCenter({ agents: [] });
  });
  afterAll(async () => {
    await phone?.close();
    await center?.close();
  });

  it('proves its ring, talks both ways, and is put through again after a reload', async () => {
    const anna = await center.server.signIn('anna');
    const feed = await anna.openFeed();
    const open = () => openBrowserPhone({ url: center.server.url, cookie: anna.cookie, tone: tones.anna });
    phone = await open();
    expect(await phone.register('anna', '')).toBe(200);
    await anna.call('PUT /api/v1/presence', { body: { status: 'available' } });
    const number = center.newNumber();
    const call = await center.call(number);
    const { interaction } = await feed.waitFor('offer');
    feed.offerSeen(interaction.offer?.id ?? '');
    (await phone.nextCall()).answer();
    await call.answered();
    expect(await call.tones([tones.anna])).toEqual([tones.anna]);
    phone.drop();
    await feed.waitFor('interaction', (push) => push.interaction.state === 'reconnecting');
    phone = await open();
    await phone.register('anna', '');
    const again = await phone.nextCall();
    again.answer();
    expect(await again.tones([tones.caller])).toEqual([tones.caller]);
    expect(await call.tones([tones.anna])).toEqual([tones.anna]);
    call.hangUp();
    await again.ended;
    expect(await offersOf(center.olga, interaction.id)).toMatchObject([{ result: 'accepted' }]);
    feed.close();
  });

  it('is a phantom when it does not prove its ring: it rings on until there is somebody else', async () => {
    const call = await center.call(center.newNumber());
    const anna = await center.server.signIn('anna');
    const feed = await anna.openFeed();
    const ringing = await phone.nextCall();
    const boris = await openDesk(center.server, 'boris', { tone: tones.boris });
    await ringing.ended;
    const { result } = await feed.waitFor('offer-ended');
    expect(result).toBe('not_delivered');
    await boris.phone.nextCall();
    call.hangUp();
    await boris.close();
    feed.close();
  });
});
