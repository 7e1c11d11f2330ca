/** Cuts a byte stream into messages by Content-Length (RFC 3261 section 18.3) and sees keep-alives (RFC 5626 section 4.4.1). */
import { limits } from '../limits.ts';

export interface FramerHandlers {
  /** One whole message in a buffer of its own. */
  message(bytes: Buffer): void;
  /** A double CRLF between messages: the peer wants a single one back. */
  ping(): void;
  /** The stream can no longer be cut; nothing more is emitted. */
  broken(reason: string): void;
}

export interface StreamFramer {
  push(chunk: Buffer): void;
}

const contentLength = /\r\n(?:content-length|l)[ \t]*:\s*(-?\d+)\s*(?=\r\n)/gi;
const endOfHead = '\r\n\r\n';
const initialBytes = 4_096;

/** Body length by the head, null when it is negative, too large or said twice differently. */
function bodyLength(head: string): number | null {
  let length = 0;
  let first = true;
  for (const match of head.matchAll(contentLength)) {
    const value = Number(match[1]);
    if (!first && value !== length) return null;
    length = value;
    first = false;
  }
  return length >= 0 && length <= limits.bodyBytes ? length : null;
}

export function createStreamFramer(handlers: FramerHandlers): StreamFramer {
  /** Grows by doubling: a stream that comes byte by byte must not cost a copy of everything for each. */
  let buffer = Buffer.allocUnsafe(initialBytes);
  let length = 0;
  /** Where the search for the end of the head goes on. */
  let scannedTo = 0;
  /** Length of the message being gathered, 0 = its head is not complete. */
  let needed = 0;
  let broken = false;

  const append = (chunk: Buffer): void => {
    if (length + chunk.length > buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + chunk.length));
      buffer.copy(grown, 0, 0, length);
      buffer = grown;
    }
    chunk.copy(buffer, length);
    length += chunk.length;
  };
  const discard = (bytes: number): void => {
    buffer.copyWithin(0, bytes, length);
    length -= bytes;
    scannedTo = 0;
  };
  const fail = (reason: string): false => {
    broken = true;
    handlers.broken(reason);
    return false;
  };
  const skipLineEnds = (): void => {
    let blank = 0;
    while (blank < length && (buffer[blank] === 13 || buffer[blank] === 10)) blank++;
    if (blank >= 4) handlers.ping();
    // an odd CRLF may be the first half of a ping: it stays until more comes
    if (blank > 0 && (blank >= 4 || blank < length)) discard(blank);
  };
  /** True when the head is complete and says how long the message is. */
  const readHead = (): boolean => {
    skipLineEnds();
    const end = buffer.subarray(0, length).indexOf(endOfHead, scannedTo, 'latin1');
    if (end < 0) {
      scannedTo = Math.max(0, length - 3);
      return length > limits.headBytes ? fail('headers too long') : false;
    }
    const body = bodyLength(buffer.toString('latin1', 0, end + 2));
    if (body === null) return fail('bad Content-Length');
    needed = end + endOfHead.length + body;
    return true;
  };

  return {
    push(chunk) {
      if (broken) return;
      append(chunk);
      while (length > 0 && (needed > 0 || readHead()) && length >= needed) {
        const message = Buffer.from(buffer.subarray(0, needed));
        discard(needed);
        needed = 0;
        handlers.message(message);
      }
    },
  };
}
