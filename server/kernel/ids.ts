import { randomFillSync } from 'node:crypto';

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** Volume tables count (bigint, measured smaller and faster than UUIDs); what starts outside the database is a UUIDv7. */
export type UserId = Branded<number, 'UserId'>;
export type TeamId = Branded<number, 'TeamId'>;
export type ClientId = Branded<number, 'ClientId'>;
export type ContactPointId = Branded<number, 'ContactPointId'>;
export type QueueId = Branded<number, 'QueueId'>;
export type LineId = Branded<number, 'LineId'>;
export type TrunkId = Branded<number, 'TrunkId'>;
/** A connection of ours to a provider of messages: a mailbox, an SMPP link, a widget. */
export type AccountId = Branded<number, 'AccountId'>;
/** An address of ours on an account: what clients write to and what they see. */
export type AddressId = Branded<number, 'AddressId'>;
export type TemplateId = Branded<number, 'TemplateId'>;
export type DispositionId = Branded<number, 'DispositionId'>;
export type InteractionId = Branded<string, 'InteractionId'>;
export type OfferId = Branded<string, 'OfferId'>;
export type EntryId = Branded<string, 'EntryId'>;
export type RecordingId = Branded<string, 'RecordingId'>;
/** Messages with one client on one channel about one matter. */
export type ConversationId = Branded<string, 'ConversationId'>;
/** One message; also the id of its timeline entry and of its row in the message outbox. */
export type MessageId = Branded<string, 'MessageId'>;
export type AttachmentId = Branded<string, 'AttachmentId'>;
/** One call: all legs of one interaction. */
export type CallId = Branded<string, 'CallId'>;
/** One SIP dialog with its media. */
export type LegId = Branded<string, 'LegId'>;

const random = Buffer.alloc(4096);
let used = random.length;
let lastMs = 0;
let counter = 0;

/**
 * UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, a 12-bit counter that keeps ids of one
 * millisecond in order (section 6.2, method 1), 62 random bits.
 */
export function uuidv7(nowMs = Date.now()): string {
  if (used + 8 > random.length) {
    randomFillSync(random);
    used = 0;
  }
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMs++;
    counter = 0;
  }
  const ms = lastMs.toString(16).padStart(12, '0');
  const rand = random.toString('hex', used, used + 8);
  used += 8;
  const variant = (8 + (Number.parseInt(rand.charAt(0), 16) & 3)).toString(16);
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${rand.slice(1, 4)}-${rand.slice(4)}`;
}

/** Makes a fresh id of the branded type that the caller names. */
export const newId = <T extends string>(): T => uuidv7() as T;
