import { MediaError } from '../engine.ts';
import { limits } from '../limits.ts';

/** The one rate that we speak, Hz. */
export const sampleRate = 8000;
/** Octets before the audio in the files that we write. */
export const wavHeaderBytes = 44;

const pcmFormat = 1;
const extensibleFormat = 0xfffe;

/** A canonical WAV header (RIFF, PCM, 16 bit) for `dataBytes` of audio. */
export function wavHeader(dataBytes: number, channels: 1 | 2): Buffer {
  const header = Buffer.alloc(wavHeaderBytes);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(wavHeaderBytes - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(pcmFormat, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

const bad = (message: string): MediaError => new MediaError('bad_sound', message);

/** @throws MediaError unless the chunk says 8 kHz, mono, 16-bit PCM */
function checkFormat(file: Buffer, at: number, bytes: number): void {
  if (bytes < 16 || at + bytes > file.length) throw bad('the format of the WAV is cut off');
  const tag = file.readUInt16LE(at);
  // WAVE_FORMAT_EXTENSIBLE has the true format in the first octets of a GUID.
  const format = tag === extensibleFormat && bytes >= 26 ? file.readUInt16LE(at + 24) : tag;
  const [channels, rate, bits] = [file.readUInt16LE(at + 2), file.readUInt32LE(at + 4), file.readUInt16LE(at + 14)];
  if (format !== pcmFormat || channels !== 1 || rate !== sampleRate || bits !== 16)
    throw bad(
      `only 8 kHz mono 16-bit PCM can be played; this is format ${format}, ${rate} Hz, ${channels} x ${bits} bit`,
    );
}

/**
 * The audio of a WAV: 8 kHz, mono, 16 bit, little-endian; a view into `file`. A file whose size in the header is longer
 * than the file, as programs write it that cannot seek, is read to its end.
 * @throws MediaError `bad_sound`
 */
export function readWavAudio(file: Buffer): Buffer {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    throw bad('this is no WAV');
  let formatKnown = false;
  for (let at = 12, chunks = 0; at + 8 <= file.length && chunks < limits.wavChunks; chunks++) {
    const id = file.toString('latin1', at, at + 4);
    const bytes = file.readUInt32LE(at + 4);
    const start = at + 8;
    if (id === 'fmt ') {
      checkFormat(file, start, bytes);
      formatKnown = true;
    }
    if (id === 'data') {
      if (!formatKnown) throw bad('the WAV has audio before its format');
      const end = Math.min(file.length, start + bytes);
      if (end - start < 2) throw bad('the WAV is empty');
      return file.subarray(start, end - ((end - start) % 2));
    }
    // Chunks begin at even places.
    at = start + bytes + (bytes % 2);
  }
  throw bad('the WAV has no audio');
}
