import type { CallId, LegId } from '../../../../server/kernel/ids.ts';
import {
  type LegKind,
  MediaError,
  type MediaEvent,
  type MediaSource,
  type MediaStats,
  type RecordingOptions,
  type RecordingResult,
  type SoundName,
} from '../engine.ts';
import { limits } from '../limits.ts';
import { type AudioLaw, maySend, type Negotiated } from '../sdp/negotiate.ts';
import { createCallRecording } from './call-recording.ts';
import { queueDtmf, stepDtmf } from './dtmf.ts';
import { playMix, playSound, pullMixFrames, route } from './hearing.ts';
import { acceptAnswer, answerOffer, type Leg, makeOffer, newLeg, readOffer, reportDelayMs } from './leg.ts';
import type { SoundLibrary } from './player.ts';
import { receivePacket } from './receive.ts';
import { buildReport, type ReportTime, readReports } from './rtcp.ts';
import { legFigures } from './stats.ts';
import { sendEvent, sendSilence } from './stream.ts';
import type { LegTransport, TransportHandlers } from './transport.ts';
import { wantVoice } from './voice-activity.ts';

/** What a call needs of its worker. */
export interface CallContext {
  readonly announced: readonly string[];
  readonly sounds: SoundLibrary;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly epochNow: () => number;
  readonly emit: (event: MediaEvent) => void;
  /** @throws MediaError `no_ports` */
  readonly openTransport: (kind: LegKind, handlers: TransportHandlers) => Promise<LegTransport>;
}

/** One call inside its worker. The operations mirror MediaCall of engine.ts; they are called one after another. */
export interface Call {
  readonly legs: ReadonlyMap<LegId, Leg>;
  readonly recording: boolean;
  answerLeg(legId: LegId, offer: string): Promise<string>;
  offerLeg(legId: LegId, kind: LegKind): Promise<string>;
  accept(legId: LegId, answer: string): void;
  reanswer(legId: LegId, offer: string): string;
  reoffer(legId: LegId): string;
  hear(legId: LegId, sources: readonly MediaSource[]): void;
  sendDtmf(legId: LegId, digits: string): void;
  startRecording(options: RecordingOptions): Promise<void>;
  pauseRecording(paused: boolean): void;
  stopRecording(): Promise<RecordingResult | null>;
  legStats(legId: LegId): MediaStats | null;
  removeLeg(legId: LegId): void;
  /** Every 20 ms. */
  tick(nowMs: number): void;
  close(): Promise<void>;
}

/** Silence on a plain leg for this long is broken by a frame, to keep NAT bindings open (RFC 6263 section 4.6). */
const keepAliveMs = 4_500;

export function createCall(callId: CallId, context: CallContext): Call {
  const legs = new Map<LegId, Leg>();
  const recording = createCallRecording(legs, context.now, (type, legId) => context.emit({ type, callId, legId }));

  const reportTime = (): ReportTime => ({ nowMs: context.now(), epochMs: context.epochNow() });

  function legOf(legId: LegId): Leg {
    const leg = legs.get(legId);
    if (!leg) throw new MediaError('no_leg', `no leg ${legId} in this call`);
    return leg;
  }

  /** Peers of one call mostly share a law: then relaying copies payloads as they are. */
  function preferredLaw(): AudioLaw {
    for (const leg of legs.values()) if (leg.negotiated) return leg.negotiated.codec.law;
    return 'PCMA';
  }

  function onDigit(from: Leg, digit: string): void {
    context.emit({ type: 'dtmf', callId, legId: from.id, digit });
    // A relay passes events on as they are; a mix has no place for them, so they are made anew.
    for (const leg of legs.values()) {
      if (leg.hearing.kind === 'mix' && leg.hearing.legs.includes(from)) queueDtmf(leg.dtmfOut, digit);
    }
  }

  async function addLeg(legId: LegId, kind: LegKind): Promise<Leg> {
    if (legs.has(legId)) throw new MediaError('bad_sdp', `leg ${legId} exists already`);
    if (legs.size >= limits.legsPerCall) throw new MediaError('no_ports', 'too many legs in this call');
    let leg: Leg | undefined;
    const transport = await context.openTransport(kind, {
      rtp: (packet, length) => leg && receivePacket(leg, packet, length, context.now(), onDigit),
      rtcp: (packet) => leg && readReports(packet, leg.stream, leg.receiver, leg.view, reportTime()),
      connected: () => context.emit({ type: 'connected', callId, legId }),
      lost: (reason) => context.emit({ type: 'lost', callId, legId, reason }),
    });
    leg = newLeg(legId, kind, transport, context.now());
    legs.set(legId, leg);
    return leg;
  }

  /** Connects whatever of the call refers to legs by id. */
  function rewire(): void {
    route(legs, context.sounds);
    for (const leg of legs.values()) leg.tap = recording.tapOf(leg.id);
  }

  function drop(leg: Leg): void {
    if (leg.transport.ready()) leg.transport.sendRtcp(buildReport(leg.stream, leg.receiver, reportTime(), true));
    leg.transport.close();
    legs.delete(leg.id);
    rewire();
  }

  function tickDtmf(leg: Leg, nowMs: number): void {
    const payloadType = leg.negotiated?.dtmfPayloadType;
    if (payloadType === undefined || !leg.transport.ready()) {
      leg.dtmfOut.queue.length = 0;
      return;
    }
    for (const packet of stepDtmf(leg.dtmfOut)) {
      sendEvent(leg.stream, packet, payloadType, nowMs, leg.transport.send);
    }
  }

  function tickReports(leg: Leg, nowMs: number): void {
    if (nowMs < leg.nextReportAt) return;
    leg.nextReportAt = nowMs + reportDelayMs();
    if (!leg.negotiated || !leg.transport.ready()) return;
    leg.transport.sendRtcp(buildReport(leg.stream, leg.receiver, reportTime(), false));
    const { codec } = leg.negotiated;
    const idle = !(nowMs - leg.stream.lastSentAt < keepAliveMs);
    if (idle && leg.kind === 'rtp' && maySend(leg.negotiated)) {
      sendSilence(leg.stream, codec.law, codec.payloadType, nowMs, leg.transport.send);
    }
  }

  function tickHearing(leg: Leg, nowMs: number): void {
    const { hearing } = leg;
    const ended = (name: SoundName): void => context.emit({ type: 'sound-ended', callId, legId: leg.id, name });
    if (hearing.kind === 'sound') {
      const name = playSound(leg, hearing.player, nowMs);
      if (name) ended(name);
    } else if (hearing.kind === 'mix') {
      for (const name of playMix(leg, hearing, nowMs)) ended(name);
    }
  }

  async function stopRecording(): Promise<RecordingResult | null> {
    const result = recording.stop();
    rewire();
    return result;
  }

  /** Adds a leg and fills it; a leg that cannot be filled leaves nothing behind. */
  async function fill(legId: LegId, kind: LegKind, describe: (leg: Leg) => string): Promise<string> {
    const leg = await addLeg(legId, kind);
    try {
      const description = describe(leg);
      rewire();
      return description;
    } catch (error) {
      drop(leg);
      throw error;
    }
  }

  return {
    legs,
    get recording() {
      return recording.active;
    },
    answerLeg(legId, offer) {
      const negotiated: Negotiated = readOffer(offer);
      return fill(legId, negotiated.kind, (leg) => answerOffer(leg, negotiated, context.announced));
    },
    offerLeg: (legId, kind) => fill(legId, kind, (leg) => makeOffer(leg, preferredLaw(), context.announced)),
    accept: (legId, answer) => acceptAnswer(legOf(legId), answer),
    reanswer: (legId, offer) => answerOffer(legOf(legId), readOffer(offer), context.announced),
    reoffer(legId) {
      const leg = legOf(legId);
      return makeOffer(leg, leg.negotiated?.codec.law ?? preferredLaw(), context.announced);
    },
    hear(legId, sources) {
      const leg = legs.get(legId);
      if (!leg) return;
      leg.wanted = sources.slice(0, limits.sourcesPerLeg);
      rewire();
    },
    sendDtmf(legId, digits) {
      const leg = legs.get(legId);
      if (leg) queueDtmf(leg.dtmfOut, digits);
    },
    async startRecording(options) {
      try {
        await recording.start(options);
      } finally {
        rewire();
      }
    },
    pauseRecording: (paused) => recording.pause(paused),
    stopRecording,
    legStats(legId) {
      const leg = legs.get(legId);
      if (!leg) return null;
      wantVoice(leg.voice, context.now());
      return legFigures(leg, reportTime());
    },
    removeLeg(legId) {
      const leg = legs.get(legId);
      if (leg) drop(leg);
    },
    tick(nowMs) {
      recording.tick(nowMs);
      pullMixFrames(legs.values());
      for (const leg of legs.values()) {
        if (leg.dtmfOut.queue.length > 0) tickDtmf(leg, nowMs);
        tickHearing(leg, nowMs);
        tickReports(leg, nowMs);
      }
    },
    async close() {
      for (const leg of [...legs.values()]) drop(leg);
      await stopRecording();
    },
  };
}
