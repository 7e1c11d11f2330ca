/**
 * The contract between the house and the channels that carry messages: e-mail, SMS, web chat. One adapter instance serves
 * one account (a mailbox, an SMPP link, a Twilio account, a widget). An adapter parses and bounds what comes from its
 * wire, hands it in through the one door (`receive` in channel.ts), and makes single attempts to send. It never repeats a
 * sending by itself and knows nothing of clients, conversations, queues or agents.
 *
 * Three promises that the contract's test suite checks on every adapter:
 *  1. `receive` resolves after the event is stored; only then the wire is told so (HTTP 2xx, deliver_sm_resp, the last UID).
 *     The same event may come twice and has the same `sourceId` both times.
 *  2. `send` hides no doubt: what the provider may have taken is `unknown`. It never throws.
 *  3. What leaves carries our message id in the form that the wire has, and receipts that can be tied to it give it back.
 */
import type { AccountId, MessageId } from '../server/kernel/ids.ts';
import type { CallingVisitor, ChannelAdapter } from './channel-adapter.ts';

export const messageChannels = ['email', 'sms', 'chat'] as const;
export type MessageChannelName = (typeof messageChannels)[number];

/** An address on a message's wire, as it was written there. The house makes the canonical form. */
export interface WireAddress {
  readonly kind: 'email' | 'phone' | 'visitor';
  readonly value: string;
  readonly displayName: string;
}

/** A file of a message. Inline pictures are named by the text as `cid:CONTENT-ID`. */
export interface WireAttachment {
  readonly name: string;
  /** Media type as declared; never believed. */
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly contentId: string | null;
  readonly isInline: boolean;
}

/** What a message says of the conversation that it belongs to. Ids are of this house only when a signature proved it. */
export interface ThreadEvidence {
  /** Conversations named by genuine tokens, likeliest first. */
  readonly conversationIds: readonly string[];
  /** Messages of ours that it answers, newest first, proven. */
  readonly sentIds: readonly MessageId[];
  /** Other people's Message-IDs in In-Reply-To and References, newest first. They are no secret and prove nothing alone. */
  readonly messageIds: readonly string[];
  /** Normal form of an answer's subject; null when it is no answer, or the subject is too common. */
  readonly subject: string | null;
}

export const noEvidence: ThreadEvidence = { conversationIds: [], sentIds: [], messageIds: [], subject: null };

/** What a message is; only people's messages, and lists where wanted, become work. */
export type MessageNature = 'human' | 'auto_reply' | 'auto_generated' | 'list' | 'loop' | 'report';

/** Somebody wrote. */
export interface MessageArrived {
  readonly channel: MessageChannelName;
  readonly type: 'message.arrived';
  /** Unique in this channel for ever: the same event handed in twice is stored once. */
  readonly sourceId: string;
  readonly accountId: AccountId;
  /** When it was written or taken by the provider, milliseconds since the epoch; never later than it arrived. */
  readonly at: number;
  /** `echo`: written by our own people past the house (a Sent folder, an answer from a desk phone). */
  readonly direction: 'in' | 'echo';
  readonly from: WireAddress;
  /** Ours that it came to, most likely first: addresses of the account, as the wire wrote them. */
  readonly to: readonly string[];
  /** All who take part besides us (From, Reply-To, To and Cc without ours), for answers to all. E-mail only. */
  readonly participants: readonly {
    readonly address: string;
    readonly name: string;
    readonly role: 'from' | 'reply_to' | 'to' | 'cc';
  }[];
  readonly subject: string;
  /** Everything, as plain text. */
  readonly text: string;
  /** New words only: quotations and signatures left out. */
  readonly writtenText: string;
  /** As it came; made safe when it is shown. null = plain. */
  readonly html: string | null;
  readonly attachments: readonly WireAttachment[];
  /** The whole message as it came, for reading it again; null where the text is all of it. */
  readonly raw: Uint8Array | null;
  /** RFC 5322 Message-ID or the provider's id. */
  readonly providerId: string | null;
  readonly thread: ThreadEvidence;
  readonly nature: MessageNature;
  /** Whether an automatic answer may be sent (RFC 3834 section 2); how often is the house's business. */
  readonly mayAutoReply: boolean;
  /** Small facts for the details of an entry: cut off at a size, encoding troubles, page of a visitor ... */
  readonly facts: Readonly<Record<string, string>>;
}

/** What a channel of plain words adds to what it knows: somebody wrote these, alone, about no subject. */
export const plainMessage = (text: string) =>
  ({
    type: 'message.arrived',
    direction: 'in',
    participants: [],
    subject: '',
    text,
    writtenText: text,
    html: null,
    attachments: [],
    raw: null,
    thread: noEvidence,
    nature: 'human',
  }) as const satisfies Partial<MessageArrived>;

/** Steps of a sent message or of one part of it; each only ever moves up (see server/messages/delivery.ts). */
export const deliverySteps = ['accepted', 'sent', 'delivered', 'read', 'delayed', 'failed'] as const;
export type DeliveryStep = (typeof deliverySteps)[number];

/** Why a message cannot be delivered, and what it says of the address. */
export interface DeliveryProblem {
  /**
   * recipient: do not write there again; temporary: may work later; sender: our reputation, registration or setting;
   * content: this text; opted_out: the provider or the network holds a refusal of the person.
   */
  readonly kind: 'recipient' | 'temporary' | 'sender' | 'content' | 'opted_out' | 'unknown';
  /** The wire's own code: `550 5.1.1`, `30003`, `ESME_RTHROTTLED`. */
  readonly code: string;
  readonly text: string;
}

/** What became of a message that was sent: a receipt, a bounce, a complaint. In any order, any number of times. */
export interface DeliveryReported {
  readonly channel: MessageChannelName;
  readonly type: 'delivery.reported';
  readonly sourceId: string;
  readonly accountId: AccountId;
  readonly at: number;
  /** Which message, proven or by the provider's id; at least one of the two. */
  readonly messageId: MessageId | null;
  readonly providerId: string | null;
  /** From 0; null = the whole message. */
  readonly part: number | null;
  readonly step: DeliveryStep;
  readonly problem: DeliveryProblem | null;
  /** The recipient pressed "spam" (RFC 5965): no more mailings to him. */
  readonly isComplaint: boolean;
}

/** Somebody asked through the provider not to be written to, or to be again, past our own keywords. */
export interface ConsentReported {
  readonly channel: MessageChannelName;
  readonly type: 'consent.reported';
  readonly sourceId: string;
  readonly accountId: AccountId;
  readonly at: number;
  readonly address: WireAddress;
  readonly change: 'refused' | 'given';
  readonly scope: 'all' | 'marketing';
  /** In English, with the wire's code: the proof. */
  readonly evidence: string;
}

export type MessageEvent = MessageArrived | DeliveryReported | ConsentReported;

/** One attempt's worth of a message. The same id and bytes on every attempt. */
export interface OutgoingMessage {
  readonly id: MessageId;
  readonly conversationId: string;
  /** From 1. */
  readonly attempt: number;
  /** Ours: mail address, E.164 number, sender name, site. */
  readonly from: { readonly address: string; readonly name: string };
  /** Canonical. SMS and chat have one. */
  readonly to: readonly { readonly address: string; readonly name: string }[];
  readonly cc: readonly { readonly address: string; readonly name: string }[];
  readonly subject: string;
  readonly text: string;
  /** null = plain text only. */
  readonly html: string | null;
  readonly attachments: readonly OutgoingAttachment[];
  /** Message-IDs for In-Reply-To and References, oldest first, the last one is answered. */
  readonly references: readonly string[];
  /** `auto`: an automatic answer (RFC 3834); `bulk`: a mailing that must carry a way out (RFC 8058). */
  readonly nature: 'person' | 'auto' | 'notice' | 'bulk';
  /** Where a one-click unsubscription is taken; with `bulk` only. */
  readonly unsubscribeUrl: string | null;
  /** When the message was made; stands in its Date field, milliseconds since the epoch. */
  readonly createdAt: number;
  /** Parts that an earlier attempt got through: part number -> provider's id. */
  readonly partsDone: Readonly<Record<number, string>>;
}

export interface OutgoingAttachment {
  readonly name: string;
  readonly type: string;
  readonly contentId: string | null;
  readonly isInline: boolean;
  read(): Promise<Uint8Array>;
}

/** How one attempt ended. */
export type SendResult =
  /** The provider has it. `parts`: provider's ids, one for each segment of a long SMS. */
  | { readonly kind: 'accepted'; readonly providerId: string; readonly parts: readonly string[] }
  /** Not taken, and will not be. */
  | { readonly kind: 'rejected'; readonly problem: DeliveryProblem }
  /** Surely not taken; may work later. `throttled` costs no attempt. */
  | {
      readonly kind: 'retry' | 'throttled';
      readonly problem: DeliveryProblem;
      readonly afterMs?: number;
      /** `throttled` is about this message (its recipient's domain ...): the account goes on with others. */
      readonly isAlone?: boolean;
      /** Parts that got through all the same: the next attempt sends the others. */
      readonly partsDone?: Readonly<Record<number, string>>;
    }
  /** It may have been taken: asked about (`lookUp`), never blindly repeated. */
  | {
      readonly kind: 'unknown';
      readonly problem: DeliveryProblem;
      readonly partsDone?: Readonly<Record<number, string>>;
    }
  /** The account is refused (password, registration, money): nothing more is tried through it until somebody looks. */
  | { readonly kind: 'account_down'; readonly problem: DeliveryProblem };

/** What the provider says of a doubtful attempt. */
export type LookUpResult =
  | { readonly kind: 'found'; readonly providerId: string; readonly parts: readonly string[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'cannot_tell' };

/** How the account is, for screens and alarms. */
export interface AccountHealth {
  readonly state: 'off' | 'connecting' | 'up' | 'degraded' | 'down';
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** The last trouble in the wire's words; empty when there is none. */
  readonly problem: string;
  /** While old messages are fetched: how many of how many. */
  readonly catchUp: { readonly done: number; readonly total: number } | null;
}

export interface ChannelCapabilities {
  /** Longest text, characters. */
  readonly maxText: number;
  /** All attachments together, bytes; 0 = none. */
  readonly maxAttachmentBytes: number;
  readonly subject: boolean;
  readonly html: boolean;
  /** Whether we may write first. */
  readonly canInitiate: boolean;
  /** `lookup`: a doubtful attempt can be asked about. `same_id`: repeating with the same id is recognised by recipients. */
  readonly settles: 'lookup' | 'same_id' | 'none';
  /** Messages a second, and attempts at once. */
  readonly rate: { readonly perSecond: number; readonly concurrency: number };
}

/** A webhook's request, as it came. */
export interface WebhookRequest {
  readonly method: string;
  /** Path and query exactly as received, for signatures. A slow answer (a long poll) may take 30 s; `signal` says that nobody waits any more. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** At most `webhookBytes` of server/http/limits.ts. */
  readonly body: Buffer;
  readonly signal: AbortSignal;
}
export interface WebhookReply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Besides the type: what browsers of other sites ask for (CORS), how long it may be kept. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A channel for messages: one account of it. */
export interface MessageChannel extends ChannelAdapter {
  readonly channel: MessageChannelName;
  readonly accountId: AccountId;
  readonly capabilities: ChannelCapabilities;
  health(): AccountHealth;
  /** One attempt; never throws, never repeats. An aborted signal ends it as `unknown` or `retry`, whatever is true. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult>;
  /** Asks the provider about a doubtful attempt; absent where it cannot be asked. Never throws. */
  lookUp?(message: OutgoingMessage, startedAt: number): Promise<LookUpResult>;
  /** Under /channels/ACCOUNT-ID/NAME, without a session: the adapter checks signatures. 403 stores nothing. */
  readonly webhooks?: Readonly<Record<string, (request: WebhookRequest) => Promise<WebhookReply>>>;
  /** Who may call with this ticket, and which line of ours; the same ticket admits once. Null = nobody. */
  readonly admitCaller?: (ticket: string) => AdmittedCaller | null;
}

/** A visitor who has just been let in to call. */
export interface AdmittedCaller {
  /** The only number that he may call, E.164. */
  readonly line: string;
  readonly visitor: CallingVisitor;
}

/** Durable memory of an adapter, by key: bookkeeping of a mailbox, halves of long messages. JSON, at most 64 kB a key. */
export interface AdapterState {
  get<T>(key: string): Promise<T | null>;
  set(key: string, value: unknown): Promise<void>;
}
