/** Whether we read what comes by UDP: a datagram to ourselves, now and then, stands in the same queue as everybody's. */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';

/**
 * Measures the kernel's queue of a socket, which neither late timers nor a busy event loop show. A probe is so short that
 * nobody takes it for a message, and has a secret, so that only we can send it.
 */
export interface ReceiveProbe {
  /** Sends one, stamped with this moment. */
  send(): void;
  /** A short datagram came in: if it is one of ours, the queue has been read up to its moment. */
  received(bytes: Buffer): void;
  /** Milliseconds since the oldest probe was sent that neither came back nor was overtaken; 0 when there is none. */
  readonly unreadMs: number;
}

const secretBytes = 8;
/** The secret and the moment, an IEEE double: shorter than `limits.shortestMessageBytes`. */
const probeBytes = secretBytes + 8;
/** Probes on their way that are remembered: where none ever comes back, the first of them says enough. */
const mostUnread = 100;

/** @param transmit sends these octets to the very socket whose queue is measured */
export function createReceiveProbe(
  transmit: (bytes: Buffer) => void,
  now: () => number = () => performance.now(),
): ReceiveProbe {
  const secret = randomBytes(secretBytes);
  /** When they were sent, oldest first. */
  let unread: number[] = [];
  return {
    send() {
      const bytes = Buffer.alloc(probeBytes);
      secret.copy(bytes);
      const sentAt = now();
      bytes.writeDoubleBE(sentAt, secretBytes);
      if (unread.length < mostUnread) unread.push(sentAt);
      transmit(bytes);
    },
    received(bytes) {
      if (bytes.length !== probeBytes || !secret.equals(bytes.subarray(0, secretBytes))) return;
      const sentAt = bytes.readDoubleBE(secretBytes);
      unread = unread.filter((each) => each > sentAt);
    },
    get unreadMs() {
      const [oldest] = unread;
      return oldest === undefined ? 0 : now() - oldest;
    },
  };
}
