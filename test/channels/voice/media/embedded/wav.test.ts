import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWavAudio, wavHeader } from '../../../../../channels/voice/media/embedded/wav.ts';
import { MediaError } from '../../../../../channels/voice/media/engine.ts';
import { limits } from '../../../../../channels/voice/media/limits.ts';

const audio = Buffer.from([1, 0, 2, 0, 0xff, 0xff]);
const plain = Buffer.concat([wavHeader(audio.length, 1), audio]);

function chunk(id: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

const format = (change: (data: Buffer) => void = () => {}): Buffer => {
  const data = Buffer.from(plain.subarray(20, 36));
  change(data);
  return data;
};

const riff = (...chunks: Buffer[]): Buffer => Buffer.concat([plain.subarray(0, 12), ...chunks]);

/** WAVE_FORMAT_EXTENSIBLE: the format stands in a GUID at the end. */
const extensible = (tag: number): Buffer => {
  const more = Buffer.alloc(24);
  more.writeUInt16LE(22, 0);
  more.writeUInt16LE(tag, 8);
  return Buffer.concat([format((data) => data.writeUInt16LE(0xfffe, 0)), more]);
};

describe('the audio of a WAV', () => {
  it.each<[string, Buffer]>([
    ['as we write it', plain],
    [
      'with other chunks around it, odd ones padded',
      riff(
        chunk('LIST', Buffer.alloc(7)),
        chunk('fmt ', format()),
        chunk('fact', Buffer.alloc(4)),
        chunk('data', audio),
        chunk('id3 ', Buffer.alloc(3)),
      ),
    ],
    ['in the extensible format', riff(chunk('fmt ', extensible(1)), chunk('data', audio))],
    ['whose writer could not go back to the size', Buffer.concat([wavHeader(0xffff_ff00, 1), audio])],
    ['cut off within a sample', Buffer.concat([wavHeader(7, 1), audio, Buffer.alloc(1)])],
  ])('is found %s', (_, file) => {
    expect(readWavAudio(file)).toEqual(audio);
  });

  it.each<[string, Buffer, RegExp]>([
    ['no RIFF', Buffer.from('ID3 and so on'), /no WAV/],
    ['nothing', Buffer.alloc(0), /no WAV/],
    ['no audio', riff(chunk('fmt ', format())), /no audio/],
    ['empty audio', riff(chunk('fmt ', format()), chunk('data', Buffer.alloc(0))), /empty/],
    ['audio before the format', riff(chunk('data', audio), chunk('fmt ', format())), /before its format/],
    ['a cut format', riff(chunk('fmt ', format().subarray(0, 14)), chunk('data', audio)), /cut off/],
    [
      'stereo',
      riff(
        chunk(
          'fmt ',
          format((data) => data.writeUInt16LE(2, 2)),
        ),
        chunk('data', audio),
      ),
      /8 kHz mono/,
    ],
    [
      '16 kHz',
      riff(
        chunk(
          'fmt ',
          format((data) => data.writeUInt32LE(16_000, 4)),
        ),
        chunk('data', audio),
      ),
      /16000 Hz/,
    ],
    [
      '8 bit',
      riff(
        chunk(
          'fmt ',
          format((data) => data.writeUInt16LE(8, 14)),
        ),
        chunk('data', audio),
      ),
      /8 bit/,
    ],
    [
      'A-law',
      riff(
        chunk(
          'fmt ',
          format((data) => data.writeUInt16LE(6, 0)),
        ),
        chunk('data', audio),
      ),
      /format 6/,
    ],
    ['floats in the extensible format', riff(chunk('fmt ', extensible(3)), chunk('data', audio)), /format 3/],
    [
      'endless chunks',
      riff(
        ...Array(limits.wavChunks).fill(chunk('junk', Buffer.alloc(0))),
        chunk('fmt ', format()),
        chunk('data', audio),
      ),
      /no audio/,
    ],
  ])('is refused with %s', (_, file, message) => {
    expect(() => readWavAudio(file)).toThrow(message);
  });

  it('is found or refused in any file', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(59), fc.nat(255))), fc.nat(60), (changes, length) => {
        const file = Buffer.from(Buffer.concat([plain, Buffer.alloc(10)]).subarray(0, length));
        for (const [at, octet] of changes) if (at < file.length) file[at] = octet;
        try {
          const found = readWavAudio(file);
          expect(found.length % 2).toBe(0);
          expect(found.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
    );
  });
});
