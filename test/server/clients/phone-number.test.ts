import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  areaOf,
  formatPhone,
  matchCandidates,
  parsePhoneNumber,
  regionOf,
} from '../../../server/clients/phone-number.ts';
import { writtenNumbers } from '../../fixtures/phone-numbers.ts';

describe('the golden table', () => {
  test('holds at least 220 forms, each once', () => {
    const forms = writtenNumbers.map(({ written, region, area }) => `${region} ${area} ${written}`);
    expect(new Set(forms).size).toBe(forms.length);
    expect(forms.length).toBeGreaterThanOrEqual(220);
  });

  test.each(writtenNumbers.map((example) => [JSON.stringify(example.written), example.region, example] as const))(
    '%s in %s',
    (_, __, { written, region, area, e164 = null, extension = '', reason = null, value }) => {
      const parsed = parsePhoneNumber(written, region, area);
      expect(parsed).toMatchObject({ e164, extension, reason });
      expect(parsed.value).toBe(value ?? e164);
    },
  );
});

/** Numbers of the table that have an E.164 form, once each. */
const numbers = [...new Set(writtenNumbers.flatMap(({ e164 }) => e164 ?? []))];
const aNumber = fc.constantFrom(...numbers);
const filler = fc.stringMatching(/^[ \u00a0\-\u2013().]{0,2}$/);

describe('whatever is written', () => {
  test('a formatted number is read back as the same', () => {
    for (const number of numbers)
      for (const region of ['RU', 'US', 'DE', ''])
        expect(parsePhoneNumber(formatPhone(number), region).e164).toBe(number);
  });

  test('spaces, dashes and brackets change nothing', () => {
    const given = fc.tuple(aNumber, fc.array(filler, { minLength: 20, maxLength: 20 }), fc.boolean());
    fc.assert(
      fc.property(given, ([number, fillers, local]) => {
        const bare = local && number.startsWith('+79') ? `8${number.slice(2)}` : number;
        const spaced = [...bare].map((char, index) => char + (fillers[index] ?? '')).join('');
        expect(parsePhoneNumber(spaced, 'RU').e164).toBe(number);
      }),
    );
  });

  test('reading a value again gives the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (raw) => {
        const { value, e164 } = parsePhoneNumber(raw, 'RU');
        expect(value).not.toBe('');
        if (e164 !== null) expect(parsePhoneNumber(value, 'RU').value).toBe(value);
      }),
    );
  });

  test('nothing throws, and the answer is bounded', () => {
    const alphabet = fc.constantFrom(
      ...'+0123456789 ()-.,;#*xдобext=:@<>"%/&?~٣８',
      '\u200b',
      '\ufdfa',
      '😀',
      '\ud800',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(alphabet, { maxLength: 300 }).map((chars) => chars.join('')),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('RU', 'US', 'DE', 'IT', 'BR', '', 'ZZ'), (raw, region) => {
        const { e164, extension, value, raw: kept, reason } = parsePhoneNumber(raw, region);
        expect(e164 ?? '+1').toMatch(/^\+\d{1,15}$/);
        expect(extension).toMatch(/^\d{0,8}$/);
        expect(value.length).toBeLessThanOrEqual(64);
        expect(kept.length).toBeLessThanOrEqual(256);
        expect(reason === null).toBe(e164 !== null);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['brackets', `1${'('.repeat(250)}`],
    ['dashes between digits', '1-'.repeat(128)],
    ['commas', `12345678${','.repeat(240)}`],
    ['letters and dashes', `1${'a-'.repeat(120)}`],
    ['parameters', `1${';a='.repeat(80)}`],
    ['percents', '%2B'.repeat(85)],
    ['expanding ligatures', '\ufdfa'.repeat(256)],
    ['a megabyte', '8916'.repeat(262_144)],
  ])('a runaway expression would hang on %s', (_, raw) => {
    expect(parsePhoneNumber(raw, 'RU').e164).toBeNull();
  });
});

describe('values a card may hold', () => {
  test.each([
    ['+79161234567', ['+79161234567']],
    ['+55 11 98765-4321', ['+5511987654321', '+551187654321']],
    ['+55 11 3456-7890', ['+551134567890']],
    ['+52 55 1234 5678', ['+525512345678', '+5215512345678']],
    ['+54 9 11 2345 6789', ['+5491123456789', '+541123456789']],
    ['+54 11 2345 6789', ['+541123456789', '+5491123456789']],
    ['112', ['112']],
    ['anonymous', ['anonymous']],
  ])('of %s', (written, candidates) => {
    expect(matchCandidates(parsePhoneNumber(written, 'RU'))).toEqual(candidates);
  });
});

describe('what a line says', () => {
  test.each([
    ['+74950000001', '495'],
    ['+78123334455', '812'],
    ['+74852123456', ''],
    ['+78005553535', ''],
    ['+79161234567', ''],
    ['+14155552671', '415'],
    ['+4930123456', ''],
    ['nonsense', ''],
  ])('%s completes numbers by "%s"', (line, area) => {
    expect(areaOf(line)).toBe(area);
  });

  test.each([
    ['+79161234567', 'RU', '+7 916 123-45-67'],
    ['+77012345678', 'KZ', '+7 701 234-56-78'],
    ['+442079460018', 'GB', '+44 20 7946 0018'],
    ['112', '', '112'],
    ['anonymous', '', 'anonymous'],
  ])('%s is from "%s" and shown as %s', (value, region, display) => {
    expect(regionOf(value)).toBe(region);
    expect(formatPhone(value)).toBe(display);
  });
});
