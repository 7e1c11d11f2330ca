import type { MessageArrived } from '../../../channels/message-channel.ts';
import { noEvidence } from '../../../channels/message-channel.ts';
import { AppError } from '../../kernel/errors.ts';

/** What of an error tells whose it is; database drivers wrap theirs. */
function* chain(error: unknown): Generator<Error> {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    yield current;
    current = current.cause;
  }
}

/** SQLSTATE classes that speak of the data: it cannot be stored as it is, now or later (PostgreSQL, Appendix A). */
const dataClasses = new Set(['22', '23', '54']);

/**
 * Whether the message is to blame, or our code, so that the next attempt would fail in the same way. A database, a disk or a network
 * that is away is not: then the wire is not told that it was taken, and brings it again.
 */
export function isPoison(error: unknown): boolean {
  for (const one of chain(error)) {
    if (one instanceof AppError) return one.code !== 'unavailable' && !one.retryable;
    const code = 'code' in one && typeof one.code === 'string' ? one.code : '';
    if (/^[0-9A-Z]{5}$/.test(code)) return dataClasses.has(code.slice(0, 2));
    // of the system: ENOSPC, ECONNRESET, ERR_...
    if (code !== '') return false;
    if (one instanceof TypeError || one instanceof RangeError) return true;
  }
  return false;
}

/** In place of a message that could not be taken in: who wrote and when; what it said is in its original. */
export function stubOf(event: MessageArrived, sender: MessageArrived['from']): MessageArrived {
  return {
    ...event,
    from: sender,
    participants: [],
    subject: '',
    text: '',
    writtenText: '',
    html: null,
    attachments: [],
    // the original, or all that there was of it
    raw: event.raw ?? Buffer.from(JSON.stringify({ ...event, attachments: [] })),
    providerId: null,
    thread: noEvidence,
    nature: 'human',
    mayAutoReply: false,
    facts: { unreadable: 'the message could not be taken in' },
  };
}
