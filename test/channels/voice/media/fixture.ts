import { afterAll, afterEach, beforeAll } from 'vitest';
import { createEmbeddedEngine } from '../../../../channels/voice/media/embedded/index.ts';
import type { MediaCall, MediaEngine, MediaEvent, SoundName } from '../../../../channels/voice/media/engine.ts';
import { tonesIn } from '../../../../demo/actors/audio.ts';
import { createRtpPeer, type RtpPeer, type RtpPeerOptions } from '../../../../demo/actors/rtp-peer.ts';
import { type CallId, type LegId, newId } from '../../../../server/kernel/ids.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import { findFreeUdpPorts } from '../../../support/free-ports.ts';

export const tones = [440, 700, 1000, 1500];
export const customer = 'customer' as LegId;
export const agent = 'agent' as LegId;
export const supervisor = 'supervisor' as LegId;

export const leg = (legId: LegId) => ({ kind: 'leg', legId }) as const;
export const sound = (name: SoundName, loop = true) => ({ kind: 'sound', name, loop }) as const;

/** What a peer hears once a change has had the time to arrive. */
export async function heardBy(peer: RtpPeer): Promise<(number | string)[]> {
  await peer.listen(0.2);
  return tonesIn(await peer.listen(0.4), tones);
}

/** One engine for the tests of a file; calls and peers are closed after each test. */
export function startEngineForTests() {
  let engine: MediaEngine;
  const events: MediaEvent[] = [];
  const waiters: { matches: (event: MediaEvent) => boolean; done: (event: MediaEvent) => void }[] = [];
  const opened: { close(): unknown }[] = [];

  beforeAll(async () => {
    const first = await findFreeUdpPorts(80);
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

  return {
    events,
    openCall,
    openPeer,
    dialIn,
    stats: () => engine.stats(),
    loadSound: (name: string, path: string) => engine.loadSound(name, path),
    unloadSound: (name: string) => engine.unloadSound(name),
    /** The next event of a type, or one that has come already. */
    eventOf<Type extends MediaEvent['type']>(type: Type): Promise<MediaEvent & { type: Type }> {
      const matches = (event: MediaEvent): boolean => event.type === type;
      const earlier = events.find(matches);
      const found = earlier
        ? Promise.resolve(earlier)
        : new Promise<MediaEvent>((done) => waiters.push({ matches, done }));
      return found as Promise<MediaEvent & { type: Type }>;
    },
    /** Customer (440 Hz) and agent (1000 Hz), hearing each other. */
    async bridged(options: { agent?: Partial<RtpPeerOptions>; customer?: Partial<RtpPeerOptions> } = {}) {
      const call = openCall();
      const c = await dialIn(call, customer, { frequency: 440, ...options.customer });
      const a = await dialIn(call, agent, { frequency: 1000, ...options.agent });
      call.hear(customer, [leg(agent)]);
      call.hear(agent, [leg(customer)]);
      return { call, c, a };
    },
  };
}
