import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { RecordingResult } from '../engine.ts';
import { limits } from '../limits.ts';
import type { RtpHeader } from './rtp.ts';
import { sampleRate, wavHeader, wavHeaderBytes } from './wav.ts';

/** The channel of a file; a mono file has only the first. */
export type RecordingChannel = 0 | 1;

/** One WAV on its way to disk: 8 kHz, 16 bit, its channels on wall time, silence where nobody spoke. */
export interface Recorder {
  readonly path: string;
  readonly channels: 1 | 2;
  /** Takes what a leg says; packets may be out of order. */
  push(channel: RecordingChannel, packet: Buffer, header: RtpHeader, decode: Int16Array, nowMs: number): void;
  /** While paused all is silent; time goes on, so that the file stays aligned with the call. */
  pause(paused: boolean): void;
  /** Nothing is written beyond this length in milliseconds; undefined = no bound. What is written already stays. */
  limit(maxMs: number | undefined): void;
  /** Whether that length is reached. */
  isFull(nowMs: number): boolean;
  /** Called every 20 ms; writes about every 0.7 s. */
  tick(nowMs: number): void;
  /** Writes the rest and the final header. @throws the first write error (ENOSPC ...) */
  stop(nowMs: number): Promise<RecordingResult>;
}

const samplesPerMs = sampleRate / 1000;
/** 2.048 s of every channel. */
const ringSamples = 16384;
/** Packets may come this late and still be written in their place. */
const lagSamples = 300 * samplesPerMs;
const flushSamples = 700 * samplesPerMs;
/** A source whose clock is this far off wall time is placed anew. */
const driftSamples = 200 * samplesPerMs;

async function sha256Of(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(131_072);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** Data first, then the header that counts it: after a crash in between, the file is only a flush short. */
function createWavFile(file: FileHandle, channels: 1 | 2) {
  const bytesPerSample = channels * 2;
  let writing: Promise<void> = Promise.resolve();
  let pendingBytes = 0;
  let failure: unknown;

  async function write(data: Buffer, atSample: number): Promise<void> {
    try {
      await file.write(data, 0, data.length, wavHeaderBytes + atSample * bytesPerSample);
      await file.write(wavHeader(atSample * bytesPerSample + data.length, channels), 0, wavHeaderBytes, 0);
    } catch (error) {
      failure ??= error;
    } finally {
      pendingBytes -= data.length;
    }
  }

  return {
    /** Appends; while the disk is too slow the stretch stays a hole, which reads as silence. */
    append(data: Buffer, atSample: number): void {
      if (failure !== undefined || pendingBytes > limits.recorderPendingBytes) return;
      pendingBytes += data.length;
      writing = writing.then(() => write(data, atSample));
    },
    async finish(samples: number): Promise<{ sha256: string; bytes: number }> {
      await writing;
      try {
        if (failure !== undefined) throw failure;
        const bytes = wavHeaderBytes + samples * bytesPerSample;
        await file.truncate(bytes);
        await file.write(wavHeader(samples * bytesPerSample, channels), 0, wavHeaderBytes, 0);
        return { sha256: await sha256Of(file), bytes };
      } finally {
        await file.close();
      }
    },
  };
}

interface Placement {
  set: boolean;
  ssrc: number;
  timestamp: number;
  sample: number;
}

/** The channels, addressed by samples since the start. */
function createTimeline(startMs: number, channels: 1 | 2) {
  const bytesPerSample = channels * 2;
  const ring = new Int16Array(ringSamples * channels);
  const placements: readonly Placement[] = [0, 1].map(() => ({ set: false, ssrc: 0, timestamp: 0, sample: 0 }));
  /** Samples that have left the ring. */
  let written = 0;

  const sampleAt = (nowMs: number): number => Math.max(0, Math.round((nowMs - startMs) * samplesPerMs));

  /** Where a packet belongs: by its RTP timestamp while its source keeps wall time, else where it arrived. */
  function place(placement: Placement, header: RtpHeader, nowMs: number): number {
    const arrival = sampleAt(nowMs);
    const expected = placement.sample + ((header.timestamp - placement.timestamp) | 0);
    const known = placement.set && placement.ssrc === header.ssrc && Math.abs(expected - arrival) <= driftSamples;
    if (known) return expected;
    Object.assign(placement, { set: true, ssrc: header.ssrc, timestamp: header.timestamp, sample: arrival });
    return arrival;
  }

  return {
    sampleAt,
    written: () => written,
    push(channel: RecordingChannel, packet: Buffer, header: RtpHeader, decode: Int16Array, nowMs: number): void {
      const start = place(placements[channel] as Placement, header, nowMs);
      const samples = header.payloadEnd - header.payloadStart;
      if (start + samples - written > ringSamples) return;
      for (let i = Math.max(0, written - start); i < samples; i++) {
        const at = ((start + i) % ringSamples) * channels + channel;
        ring[at] = decode[packet[header.payloadStart + i] as number] as number;
      }
    },
    /** Takes everything up to `target` out of the ring, as a WAV file holds it (our machines are little-endian, too). */
    take(target: number): Buffer {
      const data = Buffer.from(new ArrayBuffer((target - written) * bytesPerSample));
      const samples = new Int16Array(data.buffer);
      const count = Math.min(target - written, ringSamples) * channels;
      const start = (written % ringSamples) * channels;
      const untilEnd = Math.min(count, ring.length - start);
      samples.set(ring.subarray(start, start + untilEnd));
      samples.set(ring.subarray(0, count - untilEnd), untilEnd);
      ring.fill(0, start, start + untilEnd);
      ring.fill(0, 0, count - untilEnd);
      written = target;
      return data;
    },
  };
}

export interface RecorderOptions {
  readonly path: string;
  readonly channels: 1 | 2;
  /** Monotonic milliseconds; the clock of every later call. */
  readonly now: () => number;
}

/**
 * Opens the file and starts the clock of the recording. An existing file is overwritten.
 * @throws the open error, e.g. ENOENT
 */
export async function startRecorder({ path, channels, now }: RecorderOptions): Promise<Recorder> {
  const handle = await open(path, 'w+');
  await handle.write(wavHeader(0, channels), 0, wavHeaderBytes, 0);
  const file = createWavFile(handle, channels);
  const timeline = createTimeline(now(), channels);
  let paused = false;
  let most = Number.POSITIVE_INFINITY;
  // Recorders that start together must not all write in one tick.
  let flushAt = lagSamples + flushSamples * (0.5 + Math.random() / 2);

  const isFull = (nowMs: number): boolean => timeline.sampleAt(nowMs) >= most;

  function flush(target: number): void {
    const from = timeline.written();
    if (target > from) file.append(timeline.take(target), from);
  }

  return {
    path,
    channels,
    isFull,
    push(channel, packet, header, decode, nowMs) {
      if (!paused && !isFull(nowMs)) timeline.push(channel, packet, header, decode, nowMs);
    },
    pause(value) {
      paused = value;
    },
    limit(maxMs) {
      most = maxMs === undefined ? Number.POSITIVE_INFINITY : Math.round(maxMs * samplesPerMs);
    },
    tick(nowMs) {
      const sample = timeline.sampleAt(nowMs);
      if (sample < flushAt) return;
      flushAt = sample + flushSamples;
      flush(Math.min(sample - lagSamples, most));
    },
    async stop(nowMs) {
      const samples = Math.max(Math.min(timeline.sampleAt(nowMs), most), timeline.written());
      flush(samples);
      const { sha256, bytes } = await file.finish(samples);
      return { durationMs: Math.round(samples / samplesPerMs), bytes, sha256 };
    },
  };
}
