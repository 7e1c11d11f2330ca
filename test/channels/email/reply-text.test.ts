import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { replyParts, writtenText } from '../../../channels/email/index.ts';

/** The parts as `kind: text`, blanks folded. */
const shown = (text: string, originalAt: number | null = null): string[] =>
  replyParts(text, originalAt).map(
    ({ kind, start, end }) => `${kind}: ${text.slice(start, end).replace(/\s+/g, ' ').trim()}`,
  );

const lines = (...all: string[]): string => all.join('\n');

describe('what is new in a reply', () => {
  test.each<[string, string, string[]]>([
    ['nothing but words', 'Hello', ['written: Hello']],
    [
      'an answer above',
      lines('Yes.', '', 'On Thu, Jun 5, 2025 at 9:15 AM S <s@x.test> wrote:', '> Shall we?'),
      ['written: Yes.', 'quoted: On Thu, Jun 5, 2025 at 9:15 AM S <s@x.test> wrote: > Shall we?'],
    ],
    [
      'a signature before the quotation',
      lines('Yes.', '', '-- ', 'Anna', '', '> Shall we?'),
      ['written: Yes.', 'signature: -- Anna', 'quoted: > Shall we?'],
    ],
    [
      'answers between',
      lines('> One?', 'yes', '> Two?', 'no', '-- ', 'Anna'),
      ['answered: > One?', 'written: yes', 'answered: > Two?', 'written: no', 'signature: -- Anna'],
    ],
    [
      'quotation after the last answer',
      lines('> One?', 'yes', '> Two?', 'no', '> Three?'),
      ['answered: > One?', 'written: yes', 'answered: > Two?', 'written: no', 'quoted: > Three?'],
    ],
    ['an answer below', lines('> One?', '', 'yes'), ['quoted: > One?', 'written: yes']],
    [
      'an answer below a signature that was quoted',
      lines('> One?', '> -- ', '> Shop', 'yes'),
      ['quoted: > One? > -- > Shop', 'written: yes'],
    ],
    ['only a quotation', lines('> One?', '> Two?'), ['written: > One? > Two?']],
    [
      'Outlook at the very top, the answer below',
      lines('From: A', 'Sent: 5 Jun', 'To: B', 'Subject: x', '', 'hello'),
      ['written: From: A Sent: 5 Jun To: B Subject: x hello'],
    ],
    [
      'a forward',
      lines('see', '-----Forwarded message-----', 'From: A', 'Date: x', 'To: B', 'hi'),
      ['written: see -----Forwarded message----- From: A Date: x To: B hi'],
    ],
    [
      'a time and a colon are no attribution without a quotation',
      lines('At 10:00 we meet a@b.test:', 'bring tea'),
      ['written: At 10:00 we meet a@b.test: bring tea'],
    ],
    ['a phone', lines('Yes.', 'Sent from my iPhone'), ['written: Yes.', 'signature: Sent from my iPhone']],
    [
      'a phone in the middle of a letter',
      lines('Yes.', 'Sent from my iPhone', ...'abcdefgh'),
      ['written: Yes. Sent from my iPhone a b c d e f g h'],
    ],
    ['a signature alone', lines('-- ', 'Anna'), ['written: -- Anna']],
    ['an empty text', '', ['written: ']],
  ])('%s', (_, text, parts) => expect(shown(text)).toEqual(parts));

  test('the HTML may say where the original begins', () => {
    const text = lines('Call me.', '', 'Your order is sent.');
    expect(shown(text, text.indexOf('Your'))).toEqual(['written: Call me.', 'quoted: Your order is sent.']);
    expect(shown(text, 0)).toEqual(['written: Call me. Your order is sent.']);
  });
});

const line = fc.constantFrom(
  '',
  'words',
  '> quoted',
  '-- ',
  '--',
  'Sent from my iPhone',
  '_____',
  '-----Original message-----',
  '-----Forwarded message-----',
  '##- above -##',
  'From: a',
  'Sent: b 10:00',
  'To: c',
  '05.06.2025, 09:15, Anna <a@b.test>:',
);
const letters = fc.oneof(
  fc.array(line, { maxLength: 14 }).map((all) => all.join('\n')),
  fc.string({ unit: 'binary' }),
);

describe('every text', () => {
  test('is its parts, without gaps', () => {
    fc.assert(
      fc.property(letters, fc.option(fc.nat({ max: 60 })), (text, originalAt) => {
        const parts = replyParts(text, originalAt);
        expect(parts.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        let at = 0;
        for (const { start, end } of parts) {
          expect(start).toBe(at);
          at = end;
        }
        expect(at).toBe(text.length);
      }),
      { numRuns: 500 },
    );
  });

  test('shows something of itself', () => {
    fc.assert(
      fc.property(letters, (text) => {
        expect(writtenText(text) === '').toBe(text.trim() === '');
      }),
      { numRuns: 500 },
    );
  });
});
