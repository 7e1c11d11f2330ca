/**
 * What the parts of this room ask of each other. `inbox` takes in, `conversations` keeps and shows, `outbox` sends, `gate`
 * judges what may be sent, `assignment` says who has what. Everything that takes `tx` runs in the caller's transaction and
 * returns the journal's events of what it did, to be appended there; pushes follow the commit by `changed`.
 */

import type { Receipt } from '../../channels/channel.ts';
import type { ConsentReported, DeliveryReported, MessageArrived } from '../../channels/message-channel.ts';
import type { Executor } from '../../db/client.ts';
import type { attachments, messages } from '../../db/schema/index.ts';
import type { SignedInUser } from '../access/route.ts';
import type { ConversationView, Draft, GateAnswer } from '../contract/messages-schemas.ts';
import type { ConsentSource, ConsentState, MessageChannelName, MessagePurpose } from '../contract/messages-words.ts';
import type {
  AddressId,
  AttachmentId,
  ClientId,
  ConversationId,
  MessageId,
  TemplateId,
  UserId,
} from '../kernel/ids.ts';
import type { JournalEvent } from '../kernel/journal.ts';
import type { ConversationRow } from './conversation-store.ts';

export type MessageRow = typeof messages.$inferSelect;
export type NewMessageRow = typeof messages.$inferInsert;
export type AttachmentRow = typeof attachments.$inferSelect;

/** A message that is to be stored in a conversation. */
export interface NewMessage {
  readonly row: NewMessageRow;
  readonly conversation: Pick<ConversationRow, 'id'>;
  readonly attachmentIds: readonly AttachmentId[];
}

/** conversations/: the only writer of messages and their timeline entries. */
export interface Conversations {
  /**
   * Inserts messages with their timeline entries and takes over their attachments (rows that exist already, of a draft or just
   * stored). No conversation of theirs twice.
   */
  insertMessages(tx: Executor, all: readonly NewMessage[]): Promise<void>;
  /** Writes what the timeline shows of an outgoing message anew: its delivery has changed. */
  refreshEntry(tx: Executor, id: MessageId): Promise<void>;
  /** The same of many, in one statement. */
  refreshEntries(tx: Executor, ids: readonly MessageId[]): Promise<void>;
  /** The same when nothing but deliveries is different: receipts come by the hundred a second. */
  refreshDeliveries(tx: Executor, ids: readonly MessageId[]): Promise<void>;
  /**
   * The conversation that a new outgoing message belongs to, locked, its client before it: the named one; else the open one of
   * this client with the same two addresses (e-mail: and the same subject); else a new one, `answered`.
   * @throws AppError `not_found` when the named one is not this client's
   */
  openFor(
    tx: Executor,
    wanted: {
      readonly conversationId: ConversationId | null;
      readonly clientId: ClientId;
      readonly channel: MessageChannelName;
      readonly addressId: AddressId;
      /** Canonical. */
      readonly peer: string;
      readonly subject: string;
    },
  ): Promise<{ readonly conversation: ConversationRow; readonly events: readonly JournalEvent[] }>;
  /** One of us wrote, called or said that it is dealt with: the client no longer waits here. Idempotent. */
  answered(
    tx: Executor,
    id: ConversationId,
    by: { readonly userId: UserId | null; readonly messageId: MessageId | null; readonly at: number },
  ): Promise<readonly JournalEvent[]>;
  /** @throws AppError `not_found` when there is none or this user may not see its client */
  view(id: ConversationId, user: SignedInUser | null): Promise<ConversationView>;
  /** After a commit: pushes the conversation to its owner, its former owner and whoever has the card open, and its entries. */
  changed(news: {
    readonly id: ConversationId;
    readonly messageId?: MessageId;
    readonly formerOwnerId?: UserId | null;
    /** Sound for its owner. */
    readonly alert: boolean;
    /** The row as it is, where it is at hand: nothing is read when nobody would see it. */
    readonly row?: Pick<ConversationRow, 'clientId' | 'ownerId'>;
  }): Promise<void>;
  /**
   * After a commit: only the deliveries of these messages are different. Pushes their entries to cards that are open; nobody's
   * conversation has changed. Called some times a second with up to some hundred ids.
   */
  deliveriesChanged(ids: readonly MessageId[]): Promise<void>;
  /** This user is writing to this client, or (`null`) no longer is: shown to the others, kept in memory for some seconds. */
  noteWriting(userId: UserId, clientId: ClientId, channel: MessageChannelName | null): void;
  /** Who is writing to this client now. */
  whoWrites(clientId: ClientId): readonly { readonly userId: UserId; readonly channel: MessageChannelName }[];
  /** Puts bytes into the store of files once; the row belongs to no message yet. */
  storeFile(file: {
    readonly name: string;
    readonly type: string;
    readonly bytes: Uint8Array;
    readonly contentId: string | null;
    readonly isInline: boolean;
    readonly userId: UserId | null;
  }): Promise<AttachmentRow>;
  readFile(sha256: string): Promise<Buffer>;
}

/** A message that is to leave. The row of `messages` is made by `enqueue` through `Conversations.insertMessage`. */
export interface NewOutgoing {
  readonly idempotencyKey: string;
  readonly conversation: ConversationRow;
  readonly row: Omit<NewMessageRow, 'conversationId' | 'channel' | 'direction'>;
  readonly attachmentIds: readonly AttachmentId[];
  readonly nature: 'person' | 'auto' | 'notice' | 'bulk';
  /** 0 codes, 1 people, 5 notices and automatic answers, 9 campaigns. */
  readonly priority: number;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly expiresAt: number | null;
  /** May be undone until `notBefore`. */
  readonly isHeld: boolean;
  readonly againOfId?: MessageId;
}

/** outbox/ */
export interface Outbox {
  /** In the transaction of the act. A known key changes nothing and answers the message that has it. */
  enqueue(
    tx: Executor,
    message: NewOutgoing,
  ): Promise<{ readonly id: MessageId; readonly isNew: boolean; readonly events: readonly JournalEvent[] }>;
  /** After the commit: something may be due. */
  wake(): void;
  /** What a provider says of a message. Idempotent, in any order. */
  report(event: DeliveryReported): Promise<Receipt>;
}

export interface ConsentNote {
  readonly kind: 'phone' | 'email' | 'visitor' | 'client';
  /** Canonical address, or the card's id. */
  readonly value: string;
  readonly channel: MessageChannelName | 'call' | null;
  readonly purpose: MessagePurpose | null;
  readonly state: ConsentState;
  readonly source: ConsentSource;
  readonly evidence: string;
  readonly messageId: MessageId | null;
  readonly userId: UserId | null;
  readonly clientId: ClientId | null;
}

/** gate/: one door for everything that goes out: people, templates, rules, later campaigns. */
export interface Gate {
  /** What is allowed now, with all reasons. Reads only. */
  ask(
    question: Draft & { readonly clientId: ClientId; readonly channel: MessageChannelName },
    user: SignedInUser | null,
  ): Promise<GateAnswer>;
  /** May an automatic answer go to this address: consent, at most one an address and day, no loops. */
  mayAutoReply(tx: Executor, to: { readonly channel: MessageChannelName; readonly address: string }): Promise<boolean>;
  noteConsent(tx: Executor, note: ConsentNote): Promise<readonly JournalEvent[]>;
  /** The latest word of an address on everything, for keywords: null = it never said any. */
  refusal(
    db: Executor,
    address: { readonly channel: MessageChannelName; readonly value: string },
    purpose: MessagePurpose,
  ): Promise<{ readonly at: Date; readonly evidence: string } | null>;
}

/** Fields of a template filled in for a client; used by rules too. */
export type RenderTemplate = (
  template: { readonly id: TemplateId | null; readonly subject: string; readonly body: string },
  clientId: ClientId,
  user: SignedInUser | null,
) => Promise<{ readonly subject: string; readonly text: string; readonly missing: readonly string[] }>;

/** inbox/ */
export interface Inbox {
  /** Stored once, with everything that follows from it, before it resolves. */
  receive(event: MessageArrived): Promise<Receipt>;
  /** What the provider says that somebody refused or allowed. */
  noteConsent(event: ConsentReported): Promise<Receipt>;
}
