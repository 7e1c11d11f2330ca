const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;
const FULL_SCALE = 32_767;

/**
 * One channel of samples (-1 to 1) as a WAV file of 16-bit PCM (RIFF, little endian). What is louder than full scale is
 * clipped.
 * @param rate samples per second
 */
export function encodeWav(samples: Float32Array, rate: number): ArrayBuffer {
  const dataBytes = samples.length * SAMPLE_BYTES;
  const buffer = new ArrayBuffer(HEADER_BYTES + dataBytes);
  const view = new DataView(buffer);
  const text = (at: number, word: string): void => {
    for (let i = 0; i < word.length; i++) view.setUint8(at + i, word.charCodeAt(i));
  };
  text(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  text(8, 'WAVE');
  text(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * SAMPLE_BYTES, true);
  view.setUint16(32, SAMPLE_BYTES, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  for (const [i, sample] of samples.entries()) {
    const clipped = Math.max(-1, Math.min(1, sample));
    view.setInt16(HEADER_BYTES + i * SAMPLE_BYTES, Math.round(clipped * FULL_SCALE), true);
  }
  return buffer;
}

/** The blocks one after another. */
export function joined(blocks: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    samples.set(block, at);
    at += block.length;
  }
  return samples;
}

/** Loudest sample in dB below full scale; silence is -100. */
export function peakDb(samples: Float32Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak === 0 ? -100 : Math.max(-100, 20 * Math.log10(peak));
}

/** Whether a file begins as a WAV file of 16-bit PCM does; the server looks closer. */
export function looksLikeWav(head: ArrayBuffer): boolean {
  if (head.byteLength < HEADER_BYTES) return false;
  const view = new DataView(head);
  return view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57415645;
}
