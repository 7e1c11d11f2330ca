import tapUrl from './tap.worklet.js?url';
import { encodeWav, joined, peakDb } from './wav.ts';

/** What a telephone carries and the server keeps is less; twice that leaves room for its own conversion. */
const FILE_RATE = 16_000;

export interface Recording {
  readonly wav: Blob;
  readonly seconds: number;
  readonly peakDb: number;
}

export interface Recorder {
  /** Loudest sample since the last look, 0 to 1. */
  level(): number;
  stop(): Promise<Recording>;
  /** Gives the microphone back without a recording. Idempotent. */
  close(): void;
}

/**
 * Records the microphone, plain: no echo or noise treatment, so that a greeting sounds as it was spoken.
 * @throws DOMException when there is no microphone or the browser may not use it
 */
export async function startRecorder(): Promise<Recorder> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true, channelCount: 1 },
  });
  const context = new AudioContext();
  const blocks: Float32Array[] = [];
  let peak = 0;
  let closed = false;
  function close(): void {
    if (closed) return;
    closed = true;
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  }
  try {
    await context.audioWorklet.addModule(tapUrl);
  } catch (error) {
    close();
    throw error;
  }
  const tap = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 0 });
  tap.port.onmessage = (event: MessageEvent<Float32Array>) => {
    if (closed) return;
    blocks.push(event.data);
    for (const sample of event.data) peak = Math.max(peak, Math.abs(sample));
  };
  context.createMediaStreamSource(stream).connect(tap);
  await context.resume();
  return {
    level() {
      const level = peak;
      peak = 0;
      return level;
    },
    async stop() {
      const { sampleRate } = context;
      close();
      const samples = await resampled(joined(blocks), sampleRate);
      return {
        wav: new Blob([encodeWav(samples, FILE_RATE)], { type: 'audio/wav' }),
        seconds: samples.length / FILE_RATE,
        peakDb: peakDb(samples),
      };
    },
    close,
  };
}

async function resampled(samples: Float32Array<ArrayBuffer>, rate: number): Promise<Float32Array> {
  if (samples.length === 0 || rate === FILE_RATE) return samples;
  const offline = new OfflineAudioContext(1, Math.ceil((samples.length * FILE_RATE) / rate), FILE_RATE);
  const buffer = offline.createBuffer(1, samples.length, rate);
  buffer.copyToChannel(samples, 0);
  const source = offline.createBufferSource();
  source.buffer = buffer;
  source.connect(offline.destination);
  source.start();
  return (await offline.startRendering()).getChannelData(0);
}
