import { describe, expect, it } from 'vitest';
import { limits } from '../../../../channels/voice/media/limits.ts';
import type { LegId } from '../../../../server/kernel/ids.ts';
import { agent, customer, leg, sound, startEngineForTests } from './fixture.ts';

const { bridged, openCall, openPeer, stats } = startEngineForTests();

describe('figures', () => {
  it('tell packets, loss and quality', async () => {
    const { call, c, a } = await bridged({ customer: { dropEvery: 10 } });
    await Promise.all([c.listen(1), a.listen(1)]);
    const stats = await call.legStats(customer);
    expect(stats?.receivedPackets).toBeGreaterThan(40);
    expect(stats?.lostPackets).toBeGreaterThan(3);
    expect(stats?.mos).toBeLessThan(3.8);
    expect((await call.legStats(agent))?.mos).toBeGreaterThan(4);
    // The far end sees the loss as well: gaps are passed on.
    expect(a.received.gaps).toBeGreaterThan(3);
  });

  it('count calls and legs, and nothing is left of a closed call', async () => {
    const { call } = await bridged();
    expect(await stats()).toMatchObject({ calls: 1, legs: 2, recordings: 0 });
    call.removeLeg(agent);
    expect(await stats()).toMatchObject({ calls: 1, legs: 1 });
    await call.close();
    await call.close();
    expect(await stats()).toMatchObject({ calls: 0, legs: 0 });
  });
});

describe('what cannot be', () => {
  const offer = (text: string) => openCall().answerLeg(customer, Buffer.from(text));

  it.each([
    ['no SDP', 'hello', 'bad_sdp'],
    ['too long an SDP', `v=0\r\n${'x'.repeat(limits.sdpBytes)}`, 'bad_sdp'],
    ['no codec in common', 'v=0\r\nm=audio 4000 RTP/AVP 18\r\nc=IN IP4 127.0.0.1\r\n', 'no_codec'],
  ])('is told by code: %s', async (_, text, code) => {
    await expect(offer(text)).rejects.toMatchObject({ name: 'MediaError', code });
    expect((await stats()).legs).toBe(0);
  });

  it('is told by code: unknown legs, answers without an offer, doubled and too many legs', async () => {
    const call = openCall();
    const peer = await openPeer({ frequency: 0 });
    const description = peer.description();
    await expect(call.reoffer(customer)).rejects.toMatchObject({ code: 'no_leg' });
    await expect(call.accept(customer, description)).rejects.toMatchObject({ code: 'no_leg' });
    await call.answerLeg(customer, description);
    await expect(call.accept(customer, description)).rejects.toMatchObject({ code: 'bad_sdp' });
    await expect(call.answerLeg(customer, description)).rejects.toMatchObject({ code: 'bad_sdp' });
    for (let i = 1; i < limits.legsPerCall; i++) await call.offerLeg(`leg-${i}` as LegId, 'rtp');
    await expect(call.offerLeg('one-more' as LegId, 'rtp')).rejects.toMatchObject({ code: 'no_ports' });
  });

  it('is harmless where nothing is asked back', async () => {
    const call = openCall();
    call.hear(customer, [leg(agent), sound('music')]);
    call.sendDtmf(customer, '1');
    call.pauseRecording(true);
    call.removeLeg(customer);
    expect(await call.legStats(customer)).toBeNull();
    await call.close();
    call.hear(customer, []);
    expect(await call.stopRecording()).toBeNull();
    await expect(call.offerLeg(customer, 'rtp')).rejects.toMatchObject({ code: 'closed' });
  });
});
