import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMessageReader, type HeaderBytes } from '../../db/embedded/message-reader.ts';
import { message } from '../../db/embedded/protocol.ts';

const reader = (maxBytes = 1_000) =>
  createMessageReader(
    (): HeaderBytes => 5,
    () => maxBytes,
  );

describe('createMessageReader', () => {
  it('gives the same messages however the stream is cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(bodies, cuts, (contents, sizes) => {
        const messages = contents.map((body) => message('Q', body));
        const stream = Buffer.concat(messages);
        const { push, read } = reader();
        const found: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          push(stream.subarray(at, at + size));
          at += size;
          for (let one = read(); one; one = read()) found.push(one);
        }
        expect(found).toEqual(messages);
        expect(read()).toBeUndefined();
      }),
    );
  });

  it('refuses a message that is too long before it has come', () => {
    const { push, read } = reader(100);
    push(message('Q', Buffer.alloc(96)).subarray(0, 5));
    expect(read).toThrow('too long');
  });

  it('refuses a length that cannot be', () => {
    const { push, read } = reader();
    push(Buffer.from('Q\0\0\0\x03'));
    expect(read).toThrow('invalid message length 3');
  });
});
