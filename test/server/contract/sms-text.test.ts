import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSms, fitsGsm, gsmBasic, gsmExtension, splitSms } from '../../../server/contract/sms-text.ts';

const a = (count: number): string => 'a'.repeat(count);
const ya = (count: number): string => 'я'.repeat(count);
const family = '👨‍👩‍👧‍👦';

describe('the counter', () => {
  it.each([
    // name, text, alphabet, characters, per segment, segments, left
    ['nothing', '', 'gsm', 0, 160, 0, 160],
    ['one letter', 'a', 'gsm', 1, 160, 1, 159],
    ['a full single', a(160), 'gsm', 160, 160, 1, 0],
    ['one more', a(161), 'gsm', 161, 153, 2, 145],
    ['two full', a(306), 'gsm', 306, 153, 2, 0],
    ['three', a(307), 'gsm', 307, 153, 3, 152],
    ['the euro is two septets', '€', 'gsm', 2, 160, 1, 158],
    ['80 euros', '€'.repeat(80), 'gsm', 160, 160, 1, 0],
    ['81 euros: an odd septet is left over', '€'.repeat(81), 'gsm', 162, 153, 2, 143],
    ['every character of the extension table', '\f^{}\\[~]|€', 'gsm', 20, 160, 1, 140],
    ['Greek capitals of the alphabet', 'ΔΦΓΛΩΠΨΣΘΞ', 'gsm', 10, 160, 1, 150],
    ['ç small is not in it, Ç is', 'ça', 'ucs2', 2, 70, 1, 68],
    ['a full Cyrillic single', ya(70), 'ucs2', 70, 70, 1, 0],
    ['one Cyrillic letter more', ya(71), 'ucs2', 71, 67, 2, 63],
    ['two full Cyrillic', ya(134), 'ucs2', 134, 67, 2, 0],
    ['one Cyrillic letter in Latin text', `${a(69)}я`, 'ucs2', 70, 70, 1, 0],
    ['35 emoji', '😀'.repeat(35), 'ucs2', 70, 70, 1, 0],
    ['36 emoji: a surrogate pair does not fit into 67', '😀'.repeat(36), 'ucs2', 72, 67, 2, 61],
    ['CR LF is one line end', 'a\r\nb\rc', 'gsm', 5, 160, 1, 155],
    ['decomposed é is composed', 'e\u0301', 'gsm', 1, 160, 1, 159],
  ] as const)('%s', (_name, text, alphabet, characters, perSegment, segments, leftInSegment) => {
    expect(countSms(text)).toMatchObject({ alphabet, characters, perSegment, segments, leftInSegment });
  });

  it('counts a 16-bit reference when asked', () => {
    expect(countSms(a(161), { header: 'udh16' })).toMatchObject({ perSegment: 152, leftInSegment: 143 });
    expect(countSms(ya(71), { header: 'udh16' })).toMatchObject({ perSegment: 66, leftInSegment: 61 });
  });
});

describe('look-alikes', () => {
  it('are replaced when the whole text then fits', () => {
    const { alphabet, text } = countSms('“Don’t”\u00a0wait — №5…\u200b');
    expect({ alphabet, text }).toEqual({ alphabet: 'gsm', text: '"Don\'t" wait - No5...' });
  });
  it('stay where they are in a text that needs UCS-2 anyway', () => {
    const text = 'Заказ «№5» — готов…';
    expect(countSms(text)).toMatchObject({ alphabet: 'ucs2', text });
  });
  it('stay when the caller wants the text untouched', () => {
    expect(countSms('a—b', { replaceLookAlikes: false })).toMatchObject({ alphabet: 'ucs2', text: 'a—b' });
  });
});

describe('segments', () => {
  it.each([
    ['an escape pair at the cut', `${a(152)}€${a(20)}`, [a(152), `€${a(20)}`]],
    ['a surrogate pair at the cut', `${ya(66)}😀${ya(20)}`, [ya(66), `😀${ya(20)}`]],
    ['a family at the cut', `${ya(60)}${family}${ya(20)}`, [ya(60), family + ya(20)]],
    ['a letter with a mark at the cut', `${ya(66)}и\u0301${ya(20)}`, [ya(66), `и\u0301${ya(20)}`]],
    ['half of a surrogate pair', 'я\ud83d', ['я\ufffd']],
  ])('%s', (_name, text, segments) => {
    expect(splitSms(text).segments).toEqual(segments);
  });

  it('cuts a letter under a heap of marks between marks', () => {
    const heap = `и${'\u0301'.repeat(200)}`;
    const { segments, text } = splitSms(heap);
    expect(segments.join('')).toBe(text);
    expect(segments.every((segment) => segment.length <= 67)).toBe(true);
  });
});

const pieces = fc.constantFrom(
  'a',
  'Z',
  '€',
  '{',
  '\n',
  'я',
  'Ё',
  '«',
  '—',
  '№',
  '😀',
  family,
  'и\u0301',
  '\ud83d',
  ' ',
);
const texts = fc.oneof(
  fc.array(pieces, { maxLength: 400 }).map((list) => list.join('')),
  fc
    .array(fc.constantFrom(...gsmBasic.replace('\u001b', ''), ...Object.keys(gsmExtension)), { maxLength: 500 })
    .map((l) => l.join('')),
  fc.string({ unit: 'binary', maxLength: 300 }),
);
const options = fc.record({
  header: fc.constantFrom('udh8' as const, 'udh16' as const),
  replaceLookAlikes: fc.boolean(),
});

describe('for any text', () => {
  it('joined segments are the text that will be sent, and each has room', () => {
    fc.assert(
      fc.property(texts, options, (text, chosen) => {
        const split = splitSms(text, chosen);
        expect(split.segments.join('')).toBe(split.text);
        expect(split.alphabet === 'gsm').toBe(fitsGsm(split.text));
        for (const segment of split.segments) {
          const bytes =
            split.alphabet === 'ucs2'
              ? segment.length * 2
              : Math.ceil(([...segment].reduce((sum, c) => sum + (c in gsmExtension ? 2 : 1), 0) * 7) / 8);
          const header = split.segments.length === 1 ? 0 : chosen.header === 'udh16' ? 7 : 6;
          expect(bytes + header).toBeLessThanOrEqual(140);
          expect(segment.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('no segment begins with a combining mark or a joiner when it could be helped', () => {
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 60, maxLength: 300 }), (list) => {
        const { segments } = splitSms(list.join(''));
        for (const segment of segments.slice(1)) expect(segment).not.toMatch(/^[\u0301\u200d]/);
      }),
    );
  });

  it('what will be sent is sent the same when counted again', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = countSms(text);
        expect(countSms(once.text)).toEqual(once);
      }),
    );
  });
});
