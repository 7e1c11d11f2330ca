import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMailSigner, type MailSigner } from '../../../channels/email/index.ts';

const signer = createMailSigner(Buffer.alloc(32, 1));
const other = createMailSigner(Buffer.alloc(32, 2));
const alphabet = [...'abcdefghijklmnopqrstuvwxyz234567'];

/** What the three kinds of ids have in common. */
const kinds: readonly {
  name: string;
  make: (by: MailSigner, id: string) => string;
  check: (text: string) => string | null;
}[] = [
  { name: 'conversation token', make: (by, id) => by.conversationToken(id), check: signer.conversationOf },
  { name: 'bounce token', make: (by, id) => by.bounceToken(id), check: signer.sentIdOfToken },
  { name: 'Message-ID', make: (by, id) => by.messageId(id, 'shop.test'), check: signer.sentIdOf },
];

describe.each(kinds)('$name', ({ make, check }) => {
  test('comes back, in capitals too', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(check(make(signer, id))).toBe(id);
        expect(check(make(signer, id).toUpperCase())).toBe(id);
      }),
    );
  });

  test('of another key is none', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(check(make(other, id))).toBeNull();
      }),
    );
  });

  test('with one character changed is none', () => {
    const place = fc.nat({ max: 200 });
    fc.assert(
      fc.property(fc.uuid(), place, fc.constantFrom(...alphabet), (id, at, character) => {
        const genuine = make(signer, id);
        const index = at % genuine.replace(/@.*/, '').length;
        fc.pre(genuine.charAt(index) !== character);
        expect(check(genuine.slice(0, index) + character + genuine.slice(index + 1))).toBeNull();
      }),
    );
  });

  test('cannot be moved to another id: half of one and half of another is none', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.nat({ max: 70 }), (one, two, at) => {
        fc.pre(one !== two);
        const [a, b] = [make(signer, one), make(signer, two)];
        const mixed = a.slice(0, at) + b.slice(at);
        fc.pre(mixed !== a && mixed !== b);
        // ids that share their first or last characters may mix to one of the two
        expect([null, one, two]).toContain(check(mixed));
        if (check(mixed) !== null)
          expect([a, b].map((text) => text.replace(/@.*/, ''))).toContain(mixed.replace(/@.*/, ''));
      }),
    );
  });

  test('anything else is none', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        expect(check(text)).toBeNull();
      }),
    );
    expect(check(`x${make(signer, '01974a00-0000-7000-8000-000000000001')}`)).toBeNull();
    expect(check(`${make(signer, '01974a00-0000-7000-8000-000000000001')}x`)).toBeNull();
  });
});

test('an id signed for one purpose is none for another', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      expect(signer.conversationOf(signer.bounceToken(id))).toBeNull();
      expect(signer.sentIdOfToken(signer.conversationToken(id))).toBeNull();
      const relabelled = signer.bounceToken(id).replace(/^b/, 'c');
      expect(signer.conversationOf(relabelled)).toBeNull();
    }),
  );
});

test('the bits left over in the last character of an id are zero: no token has a second form', () => {
  const token = signer.conversationToken('01974a00-0000-7000-8000-000000000001');
  const forms = alphabet.map((character) => token.slice(0, 26) + character + token.slice(27));
  expect(forms.filter((form) => signer.conversationOf(form) !== null)).toEqual([token]);
});

test('a token fits into a local part with a mailbox name of 20 characters (RFC 5321 section 4.5.3.1.1)', () => {
  expect(`${'m'.repeat(20)}+${signer.conversationToken('01974a00-0000-7000-8000-000000000001')}`.length).toBe(64);
});

test('short keys and ids that are no UUIDs are refused', () => {
  expect(() => createMailSigner(Buffer.alloc(31))).toThrow(RangeError);
  expect(() => signer.conversationToken('7')).toThrow(RangeError);
  expect(() => signer.messageId('01974A00-0000-7000-8000-000000000001', 'shop.test')).toThrow(RangeError);
});
