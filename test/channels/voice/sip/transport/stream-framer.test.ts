import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../../../channels/voice/sip/limits.ts';
import { createStreamFramer } from '../../../../../channels/voice/sip/transport/stream-framer.ts';

function createFramer() {
  const messages: string[] = [];
  const faults: string[] = [];
  let pings = 0;
  const framer = createStreamFramer({
    message: (bytes) => void messages.push(bytes.toString()),
    ping: () => pings++,
    broken: (reason) => void faults.push(reason),
  });
  return { framer, messages, faults, pings: () => pings };
}

const message = (body: string, name = 'Content-Length'): string =>
  `OPTIONS sip:a SIP/2.0\r\n${name}: ${Buffer.byteLength(body)}\r\nX: y\r\n\r\n${body}`;

describe('the framer', () => {
  const stream = [
    message('żółw'),
    message(''),
    message('a\r\n\r\nOPTIONS sip:b SIP/2.0\r\n\r\n', 'l'),
    message('x'.repeat(9_000)),
  ];

  test('cuts messages, however the stream is dealt out', () => {
    const bytes = Buffer.from(stream.join('\r\n\r\n'));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 40 }), (sizes) => {
        const { framer, messages, faults } = createFramer();
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          framer.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(messages).toEqual(stream);
        expect(faults).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('takes them byte by byte', () => {
    const { framer, messages } = createFramer();
    for (const byte of Buffer.from(stream.join(''))) framer.push(Buffer.from([byte]));
    expect(messages).toEqual(stream);
  });

  test('answers a double CRLF once, also when it comes in halves', () => {
    const { framer, pings, messages } = createFramer();
    framer.push(Buffer.from('\r\n\r\n'));
    framer.push(Buffer.from('\r\n'));
    framer.push(Buffer.from('\r\n'));
    framer.push(Buffer.from(`\r\n${message('')}`));
    expect(pings()).toBe(2);
    expect(messages).toEqual([message('')]);
  });

  test.each([
    ['a negative length', 'OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n'],
    ['an absurd length', 'OPTIONS sip:a SIP/2.0\r\nl:999999999\r\n\r\n'],
    ['two lengths', 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\n'],
    ['no end of headers', 'x'.repeat(limits.headBytes + 1)],
  ])('gives up on %s, for good', (_name, text) => {
    const { framer, messages, faults } = createFramer();
    framer.push(Buffer.from(text));
    framer.push(Buffer.from(message('')));
    expect(faults).toHaveLength(1);
    expect(messages).toEqual([]);
  });

  test('a message without Content-Length has no body', () => {
    const { framer, messages } = createFramer();
    framer.push(Buffer.from(`OPTIONS sip:a SIP/2.0\r\n\r\n${message('b')}`));
    expect(messages).toEqual(['OPTIONS sip:a SIP/2.0\r\n\r\n', message('b')]);
  });
});
