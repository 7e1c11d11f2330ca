import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedEngine } from '../../../../channels/voice/media/embedded/index.ts';
import type { MediaCall, MediaEngine, MediaEvent } from '../../../../channels/voice/media/engine.ts';
import { type CallId, type LegId, newId } from '../../../../server/kernel/ids.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import { loudness, tonesIn } from '../../../support/audio.ts';
import { findFreeUdpPorts } from '../../../support/free-ports.ts';
import { createRtpPeer, type RtpPeer, type RtpPeerOptions } from '../../../support/rtp-peer.ts';

const tones = [440, 700, 1000, 1500];
const a = 'a' as LegId;
const b = 'b' as LegId;

let engine: MediaEngine;
const events: MediaEvent[] = [];
const waiters: { matches: (event: MediaEvent) => boolean; done: (event: MediaEvent) => void }[] = [];
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  const first = await findFreeUdpPorts(40);
  engine = createEmbeddedEngine({
    host: '127.0.0.1',
    announceAddresses: ['127.0.0.1'],
    webRtcPort: 0,
    rtpPorts: { first, last: first + 39 },
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
});
afterAll(() => engine.close());

function openCall(): MediaCall {
  const call = engine.openCall(newId<CallId>());
  opened.push(call);
  return call;
}

async function openPeer(options: RtpPeerOptions): Promise<RtpPeer> {
  const peer = await createRtpPeer(options);
  opened.push(peer);
  return peer;
}

/** A peer that has called in on a leg and speaks. */
async function dialIn(call: MediaCall, legId: LegId, options: RtpPeerOptions): Promise<RtpPeer> {
  const peer = await openPeer(options);
  peer.connect(await call.answerLeg(legId, peer.description()));
  peer.start();
  return peer;
}

const hearLeg = (legId: LegId) => ({ kind: 'leg', legId }) as const;

describe('plain RTP legs', () => {
  it('relays both ways', async () => {
    const call = openCall();
    const left = await dialIn(call, a, { frequency: 440 });
    const right = await dialIn(call, b, { frequency: 1000 });
    call.hear(a, [hearLeg(b)]);
    call.hear(b, [hearLeg(a)]);
    await Promise.all([left.nextPacket(), right.nextPacket()]);
    const [heardLeft, heardRight] = await Promise.all([left.listen(0.5), right.listen(0.5)]);
    expect(tonesIn(heardLeft, tones)).toEqual([1000]);
    expect(tonesIn(heardRight, tones)).toEqual([440]);
    expect([left.received.ssrcs.size, left.received.gaps]).toEqual([1, 0]);
  });

  it('plays music', async () => {
    const call = openCall();
    const peer = await dialIn(call, a, { frequency: 440 });
    call.hear(a, [{ kind: 'sound', name: 'music', loop: true }]);
    const heard = await peer.listen(1);
    expect(loudness(heard.samples)).toBeGreaterThan(0.02);
    expect(tonesIn(heard, [440, 425])).toEqual([]);
  });
});
