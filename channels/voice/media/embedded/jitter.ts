import { frameSamples } from './g711.ts';
import type { RtpHeader } from './rtp.ts';

/** Puts a peer's packets in order and gives out 20 ms at a time, for mixing. Any packet size. */
export interface JitterBuffer {
  /** Takes a packet's samples, decoded by `decode`. */
  push(packet: Buffer, header: RtpHeader, decode: Int16Array): void;
  /** The next 20 ms in a buffer that is valid until the next call, or null when there is nothing to hear. */
  pull(): Int16Array | null;
}

/** A power of two: 1.024 s. */
const ringSamples = 8192;
/** Playout begins this far behind the first packet, and moves back by a frame whenever packets come too late. */
const firstDelay = 2 * frameSamples;
const longestDelay = 8 * frameSamples;
/** More than this in the buffer is latency without use: the sender's clock runs fast, or a burst came. */
const slack = 5 * frameSamples;
/** After this many empty frames the stream has paused; the next packet starts afresh. */
const emptyFrames = 25;
/** A packet that is late after so many empty frames shows that it is we who have run ahead (after a stall of a thread). */
const stalledFrames = 4;

/** A fixed ring of samples addressed by RTP timestamp; one lost frame is bridged by a fading repeat. */
export function createJitterBuffer(): JitterBuffer {
  const ring = new Int16Array(ringSamples);
  const filled = new Uint8Array(ringSamples);
  const frame = new Int16Array(frameSamples);
  let ssrc = 0;
  let running = false;
  /** RTP timestamp of the next sample to give out. */
  let playAt = 0;
  let newest = 0;
  let delay = firstDelay;
  let hold = 0;
  let empty = 0;

  function begin(header: RtpHeader): void {
    filled.fill(0);
    running = true;
    ssrc = header.ssrc;
    playAt = header.timestamp;
    newest = header.timestamp;
    hold = delay / frameSamples;
    empty = 0;
  }

  /** Drops the oldest audio until only `delay` is left. */
  function catchUp(): void {
    const target = (newest - delay) >>> 0;
    for (; playAt !== target; playAt = (playAt + 1) >>> 0) filled[playAt & (ringSamples - 1)] = 0;
  }

  function concealed(): Int16Array | null {
    empty++;
    if (empty > emptyFrames) running = false;
    if (empty > 1) return null;
    for (let i = 0; i < frameSamples; i++) frame[i] = ((frame[i] as number) * (frameSamples - i)) / (2 * frameSamples);
    return frame;
  }

  return {
    push(packet, header, decode) {
      const samples = header.payloadEnd - header.payloadStart;
      let ahead = (header.timestamp - playAt) | 0;
      if (!running || header.ssrc !== ssrc || Math.abs(ahead) > ringSamples / 2) {
        begin(header);
        ahead = 0;
      }
      if (ahead < 0 && empty >= stalledFrames) {
        begin(header);
        ahead = 0;
      }
      if (ahead < 0) {
        // Too late to be heard: wait longer from now on.
        if (delay < longestDelay) {
          delay += frameSamples;
          hold++;
        }
        return;
      }
      if (ahead + samples > ringSamples) return;
      for (let i = 0; i < samples; i++) {
        const at = (header.timestamp + i) & (ringSamples - 1);
        ring[at] = decode[packet[header.payloadStart + i] as number] as number;
        filled[at] = 1;
      }
      if (((header.timestamp + samples - newest) | 0) > 0) newest = (header.timestamp + samples) >>> 0;
    },
    pull() {
      if (!running) return null;
      if (hold > 0) {
        hold--;
        return null;
      }
      if (((newest - playAt) | 0) > delay + slack) catchUp();
      const start = playAt & (ringSamples - 1);
      playAt = (playAt + frameSamples) >>> 0;
      let any = false;
      for (let i = 0; i < frameSamples; i++) if (filled[(start + i) & (ringSamples - 1)]) any = true;
      if (!any) return concealed();
      empty = 0;
      for (let i = 0; i < frameSamples; i++) {
        const at = (start + i) & (ringSamples - 1);
        frame[i] = filled[at] ? (ring[at] as number) : 0;
        filled[at] = 0;
      }
      return frame;
    },
  };
}
