import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedEngine } from '../../../../channels/voice/media/embedded/index.ts';
import type { MediaCall, MediaEngine, MediaEvent, SoundName } from '../../../../channels/voice/media/engine.ts';
import { limits } from '../../../../channels/voice/media/limits.ts';
import { parseSdp } from '../../../../channels/voice/media/sdp/parse.ts';
import { type CallId, type LegId, newId } from '../../../../server/kernel/ids.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import { amplitudeOf, loudness, readWav, tonesIn } from '../../../support/audio.ts';
import { findFreeUdpPorts } from '../../../support/free-ports.ts';
import { createRtpPeer, type RtpPeer, type RtpPeerOptions } from '../../../support/rtp-peer.ts';

const tones = [440, 700, 1000, 1500];
const customer = 'customer' as LegId;
const agent = 'agent' as LegId;
const supervisor = 'supervisor' as LegId;

let engine: MediaEngine;
let directory: string;
const events: MediaEvent[] = [];
const waiters: { matches: (event: MediaEvent) => boolean; done: (event: MediaEvent) => void }[] = [];
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  const first = await findFreeUdpPorts(80);
  directory = mkdtempSync(join(tmpdir(), 'media-'));
  engine = createEmbeddedEngine({
    host: '127.0.0.1',
    announceAddresses: ['127.0.0.1'],
    webRtcPort: 0,
    rtpPorts: { first, last: first + 79 },
    workers: 1,
    log: silentLog,
  });
  engine.onEvent = (event) => {
    events.push(event);
    for (const waiter of [...waiters]) if (waiter.matches(event)) waiter.done(event);
  };
  await engine.start();
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  events.length = 0;
  waiters.length = 0;
});
afterAll(async () => {
  await engine.close();
  rmSync(directory, { recursive: true });
});

/** The next event of a type, or one that has come already. */
function eventOf<Type extends MediaEvent['type']>(type: Type): Promise<MediaEvent & { type: Type }> {
  const matches = (event: MediaEvent): boolean => event.type === type;
  const earlier = events.find(matches);
  const found = earlier ? Promise.resolve(earlier) : new Promise<MediaEvent>((done) => waiters.push({ matches, done }));
  return found as Promise<MediaEvent & { type: Type }>;
}

function openCall(): MediaCall {
  const call = engine.openCall(newId<CallId>());
  opened.push(call);
  return call;
}

/** A peer that has called in on a leg and speaks. */
async function dialIn(call: MediaCall, legId: LegId, options: RtpPeerOptions): Promise<RtpPeer> {
  const peer = await createRtpPeer(options);
  opened.push(peer);
  peer.connect(await call.answerLeg(legId, peer.description()));
  peer.start();
  return peer;
}

const leg = (legId: LegId) => ({ kind: 'leg', legId }) as const;
const sound = (name: SoundName, loop = true) => ({ kind: 'sound', name, loop }) as const;

/** What a peer hears once a change has had the time to arrive. */
async function heardBy(peer: RtpPeer): Promise<(number | string)[]> {
  await peer.listen(0.2);
  return tonesIn(await peer.listen(0.4), tones);
}

async function bridged(options: { agent?: Partial<RtpPeerOptions>; customer?: Partial<RtpPeerOptions> } = {}) {
  const call = openCall();
  const c = await dialIn(call, customer, { frequency: 440, ...options.customer });
  const a = await dialIn(call, agent, { frequency: 1000, ...options.agent });
  call.hear(customer, [leg(agent)]);
  call.hear(agent, [leg(customer)]);
  return { call, c, a };
}

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
    const early = await createRtpPeer({ frequency: 700 });
    const final = await createRtpPeer({ frequency: 1000, law: 'PCMA' });
    opened.push(early, final);
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
    const moved = await createRtpPeer({ frequency: 700 });
    opened.push(moved);
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
    const stranger = await createRtpPeer({ frequency: 1500 });
    opened.push(stranger);
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
    const hasty = await createRtpPeer({ frequency: 700 });
    opened.push(hasty);
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

describe('what a leg hears', () => {
  it('is silence without sources, and after its source has gone', async () => {
    const { call, c, a } = await bridged();
    const sentMeanwhile = async (): Promise<number> => {
      const before = (await call.legStats(customer))?.sentPackets ?? 0;
      await a.listen(0.2);
      return ((await call.legStats(customer))?.sentPackets ?? 0) - before;
    };
    expect(await heardBy(c)).toEqual([1000]);
    call.hear(customer, []);
    expect(await sentMeanwhile()).toBe(0);
    const third = await dialIn(call, supervisor, { frequency: 1500 });
    call.hear(customer, [leg(supervisor)]);
    expect(await heardBy(c)).toEqual([1500]);
    call.removeLeg(supervisor);
    third.mute();
    expect(await sentMeanwhile()).toBe(0);
    expect(await call.legStats(supervisor)).toBeNull();
  });

  it('is music that is no plain tone, quiet and not silent', async () => {
    const call = openCall();
    const peer = await dialIn(call, customer, { frequency: 440 });
    call.hear(customer, [sound('music')]);
    const heard = await peer.listen(2);
    expect(loudness(heard.samples)).toBeGreaterThan(0.02);
    expect(loudness(heard.samples)).toBeLessThan(0.15);
    const strongest = Math.max(...Array.from({ length: 150 }, (_, i) => amplitudeOf(100 + i * 10, heard)));
    expect(strongest).toBeLessThan(0.1);
    expect(peer.received.gaps).toBe(0);
  });

  it('is a tone in its cadence', async () => {
    const call = openCall();
    const peer = await dialIn(call, customer, { frequency: 0 });
    call.hear(customer, [sound('busy')]);
    const { rate, samples } = await peer.listen(1.4);
    const loud = Array.from(
      { length: 70 },
      (_, i) => amplitudeOf(425, { rate, samples: samples.subarray(i * 160, i * 160 + 160) }) > 0.1,
    );
    // 0.35 s of every 0.7 s, whatever part of a frame the edges fall into.
    expect(loud.filter(Boolean).length).toBeGreaterThanOrEqual(33);
    expect(loud.filter(Boolean).length).toBeLessThanOrEqual(37);
  });

  it('is a sound once, with an event at its end', async () => {
    const call = openCall();
    const peer = await dialIn(call, customer, { frequency: 440 });
    call.hear(customer, [sound('beep', false)]);
    expect(await eventOf('sound-ended')).toEqual({
      type: 'sound-ended',
      callId: call.callId,
      legId: customer,
      name: 'beep',
    });
    await expect.poll(() => peer.heard().samples.length).toBe(16 * 160);
    expect(tonesIn(peer.heard(), tones)).toEqual([1000]);
    call.hear(customer, []);
    expect(events.filter(({ type }) => type === 'sound-ended')).toHaveLength(1);
  });

  it('is its own voice in an echo test', async () => {
    const call = openCall();
    const peer = await dialIn(call, customer, { frequency: 700 });
    call.hear(customer, [leg(customer)]);
    expect(await heardBy(peer)).toEqual([700]);
  });
});

describe('three legs', () => {
  async function threeLegs() {
    const { call, c, a } = await bridged({ agent: { law: 'PCMA' } });
    const s = await dialIn(call, supervisor, { frequency: 1500 });
    return { call, c, a, s };
  }

  it('are a conference, one of them in another law', async () => {
    const { call, c, a, s } = await threeLegs();
    call.hear(customer, [leg(agent), leg(supervisor)]);
    call.hear(agent, [leg(customer), leg(supervisor)]);
    call.hear(supervisor, [leg(customer), leg(agent)]);
    expect(await Promise.all([heardBy(c), heardBy(a), heardBy(s)])).toEqual([
      [1000, 1500],
      [440, 1500],
      [440, 1000],
    ]);
    expect([c.received.ssrcs.size, c.received.gaps]).toEqual([1, 0]);
  });

  it('let a supervisor listen, whisper and barge in', async () => {
    const { call, c, a, s } = await threeLegs();
    call.hear(supervisor, [leg(customer), leg(agent)]);
    expect(await Promise.all([heardBy(c), heardBy(a), heardBy(s)])).toEqual([[1000], [440], [440, 1000]]);
    call.hear(agent, [leg(customer), leg(supervisor)]);
    expect(await Promise.all([heardBy(c), heardBy(a)])).toEqual([[1000], [440, 1500]]);
    call.hear(customer, [leg(agent), leg(supervisor)]);
    expect(await heardBy(c)).toEqual([1000, 1500]);
    call.removeLeg(supervisor);
    expect(await Promise.all([heardBy(c), heardBy(a)])).toEqual([[1000], [440]]);
  });

  it('pass digits on to those that hear a mix', async () => {
    const { call, c, s } = await threeLegs();
    call.hear(customer, [leg(agent), leg(supervisor)]);
    s.sendDigits('7');
    expect(await c.waitForDigits(1)).toBe('7');
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

describe('recording', () => {
  it('has one leg on the left, the other on the right, without holes', async () => {
    const { call, c } = await bridged();
    await heardBy(c);
    const path = join(directory, 'call.wav');
    await call.startRecording({ path, left: customer, right: agent });
    expect((await engine.stats()).recordings).toBe(1);
    await c.listen(1.5);
    const result = await call.stopRecording();
    const { rate, channels } = readWav(path);
    const [left, right] = channels.map((samples) => ({ rate, samples: samples.subarray(400, -400) }));
    if (!left || !right) throw new Error('two channels were promised');
    expect([tonesIn(left, tones), tonesIn(right, tones)]).toEqual([[440], [1000]]);
    const quietest = Math.min(
      ...Array.from({ length: 60 }, (_, i) => loudness(left.samples.subarray(i * 160, i * 160 + 160))),
    );
    expect(quietest).toBeGreaterThan(0.2);
    const file = readFileSync(path);
    expect(result).toEqual({
      durationMs: Math.round((channels[0]?.length ?? 0) / 8),
      bytes: file.length,
      sha256: createHash('sha256').update(file).digest('hex'),
    });
    expect(await call.stopRecording()).toBeNull();
  });

  it('goes on in the same file with another leg after a transfer', async () => {
    const { call, c } = await bridged();
    const path = join(directory, 'transfer.wav');
    await call.startRecording({ path, left: customer, right: agent });
    await c.listen(0.6);
    await dialIn(call, supervisor, { frequency: 1500 });
    call.hear(customer, [leg(supervisor)]);
    await call.startRecording({ path, left: customer, right: supervisor });
    call.removeLeg(agent);
    await c.listen(0.6);
    const result = await call.stopRecording();
    const { rate, channels } = readWav(path);
    const right = channels[1] ?? new Int16Array();
    expect(tonesIn({ rate, samples: right.subarray(400, 4000) }, tones)).toEqual([1000]);
    expect(tonesIn({ rate, samples: right.subarray(-4000) }, tones)).toEqual([1500]);
    expect(result?.durationMs).toBeGreaterThan(1000);
  });

  it('is finished when the call is closed', async () => {
    const { call, c } = await bridged();
    await c.listen(0.1);
    const path = join(directory, 'closed.wav');
    await call.startRecording({ path, left: customer, right: agent });
    await c.listen(0.4);
    await call.close();
    expect(readWav(path).channels[0]?.length).toBeGreaterThan(2400);
  });

  it('fails when the file cannot be made', async () => {
    const { call } = await bridged();
    const path = join(directory, 'missing', 'call.wav');
    await expect(call.startRecording({ path, left: customer, right: agent })).rejects.toThrow(/ENOENT/);
    expect(await call.stopRecording()).toBeNull();
  });
});

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
    expect(await engine.stats()).toMatchObject({ calls: 1, legs: 2, recordings: 0 });
    call.removeLeg(agent);
    expect(await engine.stats()).toMatchObject({ calls: 1, legs: 1 });
    await call.close();
    await call.close();
    expect(await engine.stats()).toMatchObject({ calls: 0, legs: 0 });
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
    expect((await engine.stats()).legs).toBe(0);
  });

  it('is told by code: unknown legs, answers without an offer, doubled and too many legs', async () => {
    const call = openCall();
    const peer = await createRtpPeer({ frequency: 0 });
    opened.push(peer);
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
