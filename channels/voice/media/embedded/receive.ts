import { type AudioLaw, maySend } from '../sdp/negotiate.ts';
import { dtmfBusy, readDtmf } from './dtmf.ts';
import { g711 } from './g711.ts';
import type { Leg } from './leg.ts';
import { countJitter, countPacket } from './receiver.ts';
import { newRtpHeader, readRtp } from './rtp.ts';
import { relayPacket } from './stream.ts';
import { noteVoice } from './voice-activity.ts';

/** Packets are handled one at a time, each to its end. */
const header = newRtpHeader();

/** Passes the packet under `header` on to everyone who hears this leg alone. `law` undefined = a telephone event. */
function relay(from: Leg, packet: Buffer, law: AudioLaw | undefined, nowMs: number): void {
  for (const { negotiated, dtmfOut, stream, transport } of from.listeners) {
    if (!negotiated || !maySend(negotiated) || dtmfBusy(dtmfOut) || !transport.ready()) continue;
    const payloadType = law ? negotiated.codec.payloadType : negotiated.dtmfPayloadType;
    if (payloadType === undefined) continue;
    const convert = law && law !== negotiated.codec.law ? g711[law].convert : undefined;
    relayPacket(stream, packet, header, payloadType, convert, nowMs, transport.send);
  }
}

/**
 * Takes an authentic RTP packet of a leg: counts it, records it, gives it to the mixes that the leg is part of, and
 * passes it on.
 * @param onDigit called once for every digit pressed
 */
export function receivePacket(
  leg: Leg,
  packet: Buffer,
  length: number,
  nowMs: number,
  onDigit: (leg: Leg, digit: string) => void,
): void {
  const { negotiated } = leg;
  if (!negotiated || !readRtp(packet, length, header) || !countPacket(leg.receiver, header)) return;
  if (negotiated.dtmfReceive.has(header.payloadType)) {
    relay(leg, packet, undefined, nowMs);
    const digit = readDtmf(leg.dtmfIn, packet, header);
    if (digit !== null) onDigit(leg, digit);
    return;
  }
  const law = negotiated.receive.get(header.payloadType);
  if (!law) return;
  countJitter(leg.receiver, header, nowMs);
  const { decode } = g711[law];
  const { tap, voice } = leg;
  tap?.recorder.push(tap.channel, packet, header, decode, nowMs);
  if (nowMs < voice.wantedUntil || tap?.watchesVoice) noteVoice(voice, packet, header, decode, nowMs);
  leg.jitter?.push(packet, header, decode);
  relay(leg, packet, law, nowMs);
}
