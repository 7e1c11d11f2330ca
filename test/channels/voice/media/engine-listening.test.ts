import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { createMediaCore, type MediaCore } from '../../../../channels/voice/media/embedded/core.ts';
import { g711 } from '../../../../channels/voice/media/embedded/g711.ts';
import { bindingRequest } from '../../../../channels/voice/media/embedded/ice/stun.ts';
import { newRtpHeader, type RtpHeader, readRtp } from '../../../../channels/voice/media/embedded/rtp.ts';
import { createSrtpReceiver } from '../../../../channels/voice/media/embedded/srtp/context.ts';
import { type MasterKey, srtpProfiles } from '../../../../channels/voice/media/embedded/srtp/keys.ts';
import type { WebRtcTransport } from '../../../../channels/voice/media/embedded/webrtc-transport.ts';
import type { MediaSource } from '../../../../channels/voice/media/engine.ts';
import { parseSdp } from '../../../../channels/voice/media/sdp/parse.ts';
import { tonesIn } from '../../../../demo/actors/audio.ts';
import { createRtpPeer, type RtpPeer } from '../../../../demo/actors/rtp-peer.ts';
import { type CallId, type LegId, newId } from '../../../../server/kernel/ids.ts';
import { findFreeUdpPorts } from '../../../support/free-ports.ts';
import { agent, customer, heardBy, leg, startEngineForTests, supervisor, tones } from './fixture.ts';

const { bridged, dialIn } = startEngineForTests();

/** Keeps every packet that the peer receives, until it is asked for them. */
function watch(peer: RtpPeer): () => Buffer[] {
  const packets: Buffer[] = [];
  let watching = true;
  void (async () => {
    while (watching) packets.push(await peer.nextPacket());
  })();
  return () => {
    watching = false;
    return packets;
  };
}

function headersOf(packets: readonly Buffer[]): RtpHeader[] {
  return packets.map((packet) => {
    const header = newRtpHeader();
    expect(readRtp(packet, packet.length, header)).toBe(true);
    return header;
  });
}

/** How far a sample is from what a pure tone would go on with, 0-1 of full scale: a click, a gap or a repeat stands out. */
function worstClick(packets: readonly Buffer[], frequency: number): number {
  const { decode } = g711.PCMU;
  const samples = packets.flatMap((packet) => [...packet.subarray(12)].map((octet) => (decode[octet] ?? 0) / 32_768));
  const twiceCosine = 2 * Math.cos((2 * Math.PI * frequency) / 8000);
  let worst = 0;
  for (let i = 2; i < samples.length; i++) {
    const expected = twiceCosine * (samples[i - 1] ?? 0) - (samples[i - 2] ?? 0);
    worst = Math.max(worst, Math.abs((samples[i] ?? 0) - expected));
  }
  return worst;
}

/** One stream that nothing was done to: every packet in its turn, no marker, no step in time, no click. */
function expectUntouched(packets: readonly Buffer[], frequency: number): void {
  expect(packets.length).toBeGreaterThan(20);
  const headers = headersOf(packets);
  const steps = headers
    .slice(1)
    .map((header, i) => [
      (header.sequence - (headers[i]?.sequence ?? 0)) & 0xffff,
      (header.timestamp - (headers[i]?.timestamp ?? 0)) >>> 0,
      header.marker,
    ]);
  expect(steps).toEqual(Array(steps.length).fill([1, 160, false]));
  expect(worstClick(packets, frequency)).toBeLessThan(0.08);
}

describe('a third leg that listens', () => {
  it('hears both, and nobody notices that it comes, listens and goes', async () => {
    const { call, c, a } = await bridged();
    await Promise.all([heardBy(c), heardBy(a)]);
    const [atCustomer, atAgent] = [watch(c), watch(a)];
    for (let time = 0; time < 2; time++) {
      const s = await dialIn(call, supervisor, { frequency: 1500 });
      call.hear(supervisor, [leg(customer), leg(agent)]);
      expect(await heardBy(s)).toEqual([440, 1000]);
      call.removeLeg(supervisor);
      s.mute();
    }
    await c.listen(0.1);
    expectUntouched(atCustomer(), 1000);
    expectUntouched(atAgent(), 440);
  });

  it('is not heard before it is wanted, and no longer than that', async () => {
    const { call, c, a } = await bridged();
    const s = await dialIn(call, supervisor, { frequency: 1500 });
    call.hear(supervisor, [leg(customer), leg(agent)]);
    expect(await Promise.all([heardBy(c), heardBy(a), heardBy(s)])).toEqual([[1000], [440], [440, 1000]]);
    call.hear(agent, [leg(customer), leg(supervisor)]);
    expect(await Promise.all([heardBy(c), heardBy(a)])).toEqual([[1000], [440, 1500]]);
    call.hear(agent, [leg(customer)]);
    expect(await Promise.all([heardBy(c), heardBy(a), heardBy(s)])).toEqual([[1000], [440], [440, 1000]]);
  });
});

describe('a browser that listens', () => {
  const opened: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });

  const newKey = (): MasterKey => ({
    profile: srtpProfiles.aes128CmSha1Tag80,
    key: randomBytes(16),
    salt: randomBytes(14),
  });

  const recvonlyOffer = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    'a=mid:0',
    'a=rtcp-mux',
    'a=ice-ufrag:peer',
    `a=ice-pwd:${'p'.repeat(24)}`,
    `a=fingerprint:sha-256 ${Array(32).fill('00').join(':')}`,
    'a=setup:actpass',
    'a=recvonly',
    '',
  ].join('\r\n');

  async function startCore(): Promise<MediaCore> {
    const first = await findFreeUdpPorts(8);
    const core = await createMediaCore(
      {
        host: '127.0.0.1',
        announceAddresses: ['127.0.0.1'],
        rtpPorts: { first, last: first + 7 },
        webRtcPort: 0,
        index: 0,
        workers: 1,
      },
      () => {},
      (error) => {
        throw error;
      },
    );
    opened.push(core);
    return core;
  }

  /** A browser that sends STUN and nothing else; the keys are put in, as a handshake would. */
  async function openListener(core: MediaCore, callId: CallId, answer: string): Promise<{ samples: number[] }> {
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    opened.push({ close: () => socket.close() });
    const keys = { client: newKey(), server: newKey() };
    const transport = core.callOf(callId)?.legs.get(supervisor)?.transport as WebRtcTransport | undefined;
    transport?.install(keys);
    const receiver = createSrtpReceiver(keys.server);
    const samples: number[] = [];
    socket.on('message', (packet) => {
      const isRtp = (packet[0] ?? 0) >= 0x80 && (packet[1] ?? 0) < 192;
      const length = isRtp ? receiver.unprotect(packet) : 0;
      for (let i = 12; i < length; i++) samples.push(g711.PCMU.decode[packet[i] ?? 0] ?? 0);
    });
    const [section] = parseSdp(answer).sections;
    socket.send(
      bindingRequest({
        transactionId: randomBytes(12),
        username: `${section?.iceUfrag}:peer`,
        password: section?.icePwd ?? '',
        useCandidate: true,
      }),
      core.webRtcPort,
      '127.0.0.1',
    );
    return { samples };
  }

  it('offers to receive only, hears both, and sends nothing that could be heard', async () => {
    const core = await startCore();
    const callId = newId<CallId>();
    const answer = (legId: LegId, offer: string) =>
      core.run(callId, { operation: 'answerLeg', input: { legId, offer } }) as Promise<string>;
    const hear = (legId: LegId, sources: readonly MediaSource[]) =>
      core.run(callId, { operation: 'hear', input: { legId, sources } });
    const speakers: RtpPeer[] = [];
    for (const [legId, frequency] of [
      [customer, 440],
      [agent, 1000],
    ] as const) {
      const peer = await createRtpPeer({ frequency });
      opened.push(peer);
      peer.connect(Buffer.from(await answer(legId, peer.description().toString())));
      peer.start();
      speakers.push(peer);
    }
    await hear(customer, [leg(agent)]);
    await hear(agent, [leg(customer)]);
    const [c, a] = speakers as [RtpPeer, RtpPeer];
    await Promise.all([heardBy(c), heardBy(a)]);
    const [atCustomer, atAgent] = [watch(c), watch(a)];
    const description = await answer(supervisor, recvonlyOffer);
    expect(parseSdp(description).sections[0]?.direction).toBe('sendonly');
    await hear(supervisor, [leg(customer), leg(agent)]);
    const { samples } = await openListener(core, callId, description);
    await expect.poll(() => samples.length).toBeGreaterThan(4800);
    expect(tonesIn({ rate: 8000, samples: Int16Array.from(samples.slice(-3200)) }, tones)).toEqual([440, 1000]);
    await core.run(callId, { operation: 'removeLeg', input: { legId: supervisor } });
    await c.listen(0.1);
    expectUntouched(atCustomer(), 1000);
    expectUntouched(atAgent(), 440);
  });
});
