import { limits } from '../limits.ts';
import { frameSamples } from './g711.ts';
import type { RtpHeader } from './rtp.ts';
import type { EventPacket } from './stream.ts';

/** Digits by their event code (RFC 4733 section 3.2). */
const digits = '0123456789*#ABCD';

/** The event that comes in now. */
export interface DtmfReader {
  ssrc: number;
  event: number;
  timestamp: number;
  duration: number;
  ended: boolean;
  /** False until the first event of the SSRC. */
  started: boolean;
}

export const newDtmfReader = (): DtmfReader => ({
  ssrc: 0,
  event: 0,
  timestamp: 0,
  duration: 0,
  ended: true,
  started: false,
});

/** A press of more than 8 s is sent as several events that follow each other without a gap (RFC 4733 section 2.5.1.3). */
function continues(reader: DtmfReader, header: RtpHeader, event: number): boolean {
  const step = (header.timestamp - reader.timestamp) | 0;
  return !reader.ended && event === reader.event && !header.marker && step <= reader.duration + frameSamples;
}

/**
 * Takes one packet of telephone-event. Returns the digit with the first packet of a press that is seen, so that lost
 * end packets lose nothing; null for every further packet of the same press.
 */
export function readDtmf(reader: DtmfReader, packet: Buffer, header: RtpHeader): string | null {
  if (header.payloadEnd - header.payloadStart < 4) return null;
  const event = packet[header.payloadStart] as number;
  const end = ((packet[header.payloadStart + 1] as number) & 0x80) !== 0;
  const duration = packet.readUInt16BE(header.payloadStart + 2);
  if (reader.started && reader.ssrc === header.ssrc) {
    const step = (header.timestamp - reader.timestamp) | 0;
    if (step < 0) return null;
    if (step === 0 || continues(reader, header, event)) {
      reader.ended ||= end;
      reader.timestamp = header.timestamp;
      reader.duration = step === 0 ? Math.max(reader.duration, duration) : duration;
      return null;
    }
  }
  Object.assign(reader, { started: true, ssrc: header.ssrc, event, timestamp: header.timestamp, duration, ended: end });
  return digits[event] ?? null;
}

/** Digits on their way out: 160 ms each, 80 ms apart. */
export interface DtmfWriter {
  readonly queue: number[];
  /** 20 ms steps into the present digit and its pause; 0 = idle. */
  step: number;
}

export const newDtmfWriter = (): DtmfWriter => ({ queue: [], step: 0 });

const toneSteps = 8;
const pauseSteps = 4;

/** Adds digits; what is no digit is left out, and what passes limits.dtmfQueue too. */
export function queueDtmf(writer: DtmfWriter, text: string): void {
  for (const digit of text.toUpperCase()) {
    const event = digits.indexOf(digit);
    if (event >= 0 && writer.queue.length < limits.dtmfQueue) writer.queue.push(event);
  }
}

/** While true, the digits have the stream to themselves. */
export const dtmfBusy = (writer: DtmfWriter): boolean => writer.queue.length > 0;

/** Called every 20 ms: the packets to send now. The end of an event is sent three times (RFC 4733 section 2.5.1.4). */
export function stepDtmf(writer: DtmfWriter): readonly EventPacket[] {
  const event = writer.queue[0];
  if (event === undefined) return [];
  writer.step++;
  const { step } = writer;
  if (step === toneSteps + pauseSteps) {
    writer.queue.shift();
    writer.step = 0;
  }
  if (step > toneSteps) return [];
  const end = step === toneSteps;
  const packet: EventPacket = { event, durationSamples: step * frameSamples, first: step === 1, end };
  return end ? [packet, packet, packet] : [packet];
}
