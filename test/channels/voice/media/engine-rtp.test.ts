import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseSdp } from '../../../../channels/voice/media/sdp/parse.ts';
import type { RtpPeerOptions } from '../../../../demo/actors/rtp-peer.ts';
import { agent, customer, heardBy, leg, sound, startEngineForTests } from './fixture.ts';

const { bridged, dialIn, eventOf, events, openCall, openPeer } = startEngineForTests();

describe('two legs', () => {
  it.each<[string, { agent?: Partial<RtpPeerOptions>; customer?: Partial<RtpPeerOptions> }]>([
    ['the same law', {}],
    ['different laws', { agent: { law: 'PCMA' } }],
    ['different packet sizes', { agent: { packetMs: 30 }, customer: { packetMs: 10 } }],
  ])('hear each other with %s', async (_, options) => {
    const { c, a } = await bridged(options);
    expect(await Promise.all([heardBy(c), heardBy(a)])).toEqual([[1000], [440]]);
    expect([c.received.ssrcs.size, c.received.gaps]).toEqual([1, 0]);
    expect([...a.received.payloadTypes]).toEqual([options.agent?.law === 'PCMA' ? 8 : 0]);
  });

  it('meet when the engine offers, and the peer that answers first by early media answers again', async () => {
    const call = openCall();
    const c = await dialIn(call, customer, { frequency: 440 });
    const offer = await call.offerLeg(agent, 'rtp');
    // Peers of one call share the law of the first leg where they can.
    expect(parseSdp(offer.toString()).sections[0]?.codecs[0]?.name).toBe('PCMU');
    const early = await openPeer({ frequency: 700 });
    const final = await openPeer({ frequency: 1000, law: 'PCMA' });
    for (const peer of [early, final]) peer.connect(offer);
    call.hear(customer, [leg(agent)]);
    call.hear(agent, [leg(customer)]);
    await call.accept(agent, early.description());
    early.start();
    expect(await heardBy(c)).toEqual([700]);
    early.mute();
    await call.accept(agent, final.description());
    final.start();
    expect(await Promise.all([heardBy(c), heardBy(final)])).toEqual([[1000], [440]]);
  });

  it('are connected with the first packet, once', async () => {
    const { call, c } = await bridged();
    await heardBy(c);
    expect(events.filter(({ type }) => type === 'connected')).toHaveLength(2);
    expect(await eventOf('connected')).toMatchObject({ callId: call.callId });
  });

  it('keep port and SSRC over hold and retrieval, and send nothing to a peer that holds', async () => {
    const { call, c, a } = await bridged();
    expect(await heardBy(c)).toEqual([1000]);
    const held = parseSdp((await call.reanswer(customer, c.description({ direction: 'sendonly' }))).toString());
    expect(held.sections[0]?.direction).toBe('recvonly');
    expect(await heardBy(a)).toEqual([440]);
    const packets = c.received.packets;
    await a.listen(0.2);
    expect(c.received.packets - packets).toBe(0);
    const retrieved = parseSdp((await call.reanswer(customer, c.description())).toString());
    expect(retrieved.sections[0]?.port).toBe(held.sections[0]?.port);
    expect(await heardBy(c)).toEqual([1000]);
    expect(c.received.ssrcs.size).toBe(1);
  });

  it('follow a peer to the new address of its re-offer', async () => {
    const { call, c, a } = await bridged();
    expect(await heardBy(a)).toEqual([440]);
    const moved = await openPeer({ frequency: 700 });
    c.mute();
    moved.connect(await call.reanswer(customer, moved.description()));
    moved.start();
    expect(await Promise.all([heardBy(moved), heardBy(a)])).toEqual([[1000], [700]]);
  });

  it('make an offer of their own again for a late re-offer', async () => {
    const { call, c } = await bridged();
    const [section] = parseSdp((await call.reoffer(customer)).toString()).sections;
    expect(section?.codecs.map(({ name, payloadType }) => [name, payloadType])).toEqual([
      ['PCMU', 0],
      ['PCMA', 8],
      ['TELEPHONE-EVENT', 101],
    ]);
    await call.accept(customer, c.description());
    expect(await heardBy(c)).toEqual([1000]);
  });

  it('do not hear a stranger that has found the port', async () => {
    const { call, c, a } = await bridged();
    expect(await heardBy(a)).toEqual([440]);
    const port = parseSdp((await call.reanswer(customer, c.description())).toString()).sections[0]?.port ?? 0;
    const stranger = await openPeer({ frequency: 1500 });
    stranger.connect(
      Buffer.from(
        c
          .description()
          .toString()
          .replace(/m=audio \d+/, `m=audio ${port}`),
      ),
    );
    stranger.start();
    expect(await heardBy(a)).toEqual([440]);
    expect(stranger.received.packets).toBe(0);
  });

  it('take nothing before the answer to our offer, and can be removed at any time', async () => {
    const call = openCall();
    const hasty = await openPeer({ frequency: 700 });
    hasty.connect(await call.offerLeg(agent, 'rtp'));
    hasty.start();
    const c = await dialIn(call, customer, { frequency: 440 });
    call.hear(customer, [leg(agent)]);
    call.hear(agent, [leg(customer), sound('busy')]);
    call.sendDtmf(agent, '1');
    call.hear(customer, [leg(customer)]);
    await c.listen(0.2);
    expect(await call.legStats(agent)).toMatchObject({ receivedPackets: 0, sentPackets: 0 });
    expect(events.map((event) => event.type === 'connected' && event.legId)).toEqual([customer]);
    call.removeLeg(agent);
    expect(await call.legStats(agent)).toBeNull();
  });

  it('take any datagram', async () => {
    const { call, c, a } = await bridged();
    const port = parseSdp((await call.reanswer(customer, c.description())).toString()).sections[0]?.port ?? 0;
    const random = createHash('sha512').update('seed').digest();
    for (let length = 0; length < 64; length++) {
      c.sendRaw(random.subarray(0, length), port);
      c.sendRaw(random.subarray(0, length), port + 1);
      c.sendRaw(Buffer.concat([Buffer.from([0x80, 200, 0, length]), random.subarray(0, length)]), port + 1);
      c.sendRaw(Buffer.concat([Buffer.from([0x9f, 0]), random.subarray(0, length)]), port);
    }
    expect(await heardBy(a)).toEqual([440]);
  });
});

describe('digits', () => {
  it('come in once each, and reach the other leg under its payload type', async () => {
    const { c, a } = await bridged({ customer: { dtmfPayloadType: 96 } });
    await heardBy(c);
    a.sendDigits('159#');
    expect(await c.waitForDigits(4)).toBe('159#');
    await expect.poll(() => events.filter(({ type }) => type === 'dtmf').length).toBe(4);
    expect(events.flatMap((event) => (event.type === 'dtmf' ? [event.legId, event.digit] : []))).toEqual(
      [...'159#'].flatMap((digit) => [agent, digit]),
    );
    expect(c.received.events.filter(({ marker }) => marker)).toHaveLength(4);
    expect(await heardBy(c)).toEqual([1000]);
    expect(c.received.gaps).toBe(0);
  });

  it('go out with three ends each, and the voice goes on', async () => {
    const { call, c } = await bridged();
    expect(await heardBy(c)).toEqual([1000]);
    c.forget();
    call.sendDtmf(customer, '42*');
    expect(await c.waitForDigits(3)).toBe('42*');
    await expect.poll(() => c.received.events.filter(({ end }) => end).length).toBe(9);
    expect(c.received.events.at(-1)?.duration).toBe(1280);
    expect(await heardBy(c)).toEqual([1000]);
    expect([c.received.ssrcs.size, c.received.gaps]).toEqual([1, 0]);
  });
});
