import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codingOfByte, decodeGsm, decodeText, encodeGsm, encodeText } from '../../../../channels/sms/smpp/alphabets.ts';
import { gsmBasic, gsmExtension, splitSms } from '../../../../server/contract/sms-text.ts';

describe('the GSM alphabet', () => {
  it.each([
    ['@', '00'],
    ['Hello', '48656c6c6f'],
    ['€', '1b65'],
    ['[{}]', '1b3c1b281b291b3e'],
    ['ÄÖÑÜ§', '5b5c5d5e5f'],
    ['à', '7f'],
  ])('%s', (text, hex) => {
    expect(encodeGsm(text).toString('hex')).toBe(hex);
    expect(decodeGsm(Buffer.from(hex, 'hex'))).toBe(text);
  });

  it('what it has not becomes a question mark, an unknown extension its basic character, a lone escape nothing', () => {
    expect(encodeGsm('я').toString('hex')).toBe('3f');
    expect(decodeGsm(Buffer.from('1b41', 'hex'))).toBe('A');
    expect(decodeGsm(Buffer.from('611b', 'hex'))).toBe('a');
    expect(decodeGsm(Buffer.from('1b1b', 'hex'))).toBe(' ');
  });

  it('any text of it comes back', () => {
    const characters = [...gsmBasic.replace('\u001b', ''), ...Object.keys(gsmExtension)];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...characters)).map((list) => list.join('')),
        (text) => {
          expect(decodeGsm(encodeGsm(text))).toBe(text);
        },
      ),
    );
  });
});

it('every segment of every text fits into 140 bytes beside its header and comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      const { alphabet, segments } = splitSms(text);
      for (const segment of segments) {
        const bytes = encodeText(segment, alphabet);
        expect(alphabet === 'gsm' ? Math.ceil((bytes.length * 7) / 8) : bytes.length).toBeLessThanOrEqual(
          segments.length === 1 ? 140 : 134,
        );
        expect(decodeText(alphabet, bytes)).toBe(segment);
      }
    }),
  );
});

describe('data_coding', () => {
  it.each([
    [0x00, 'gsm'],
    [0x01, 'ascii'],
    [0x02, 'binary'],
    [0x03, 'latin1'],
    [0x04, 'binary'],
    [0x05, 'gsm'],
    [0x08, 'ucs2'],
    [0x10, 'gsm'],
    [0x14, 'binary'],
    [0x18, 'ucs2'],
    [0x48, 'ucs2'],
    [0xc8, 'gsm'],
    [0xe0, 'ucs2'],
    [0xf0, 'gsm'],
    [0xf4, 'binary'],
  ] as const)('%i is %s', (dataCoding, coding) => {
    expect(codingOfByte(dataCoding)).toBe(coding);
  });
  it('an odd byte of UCS-2 is left out', () => {
    expect(decodeText('ucs2', Buffer.from('044f04', 'hex'))).toBe('я');
  });
});
