import type { DeliveryProblem } from '../../../channels/message-channel.ts';
import type { MessageChannelName, OutboxState } from '../../contract/messages-words.ts';
import type { AccountId, AddressId, ClientId, ConversationId, MessageId } from '../../kernel/ids.ts';
import type { PartStep } from './state.ts';

export interface StoredPart {
  readonly providerId: string;
  readonly step: PartStep;
  /** Milliseconds since the epoch. */
  readonly stepAt: number;
  readonly error: string;
}

/** A message of the outbox with what decides its fate. Times in milliseconds since the epoch. */
export interface StoredMessage {
  readonly id: MessageId;
  readonly accountId: AccountId;
  readonly addressId: AddressId;
  readonly clientId: ClientId;
  readonly conversationId: ConversationId;
  readonly channel: MessageChannelName;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly notBefore: number;
  readonly expiresAt: number | null;
  readonly leaseUntil: number | null;
  readonly blocksUntil: number | null;
  readonly providerId: string | null;
  readonly segments: number | null;
  readonly lastError: string;
  readonly lastErrorKind: string | null;
  readonly acceptedAt: number | null;
  readonly doneAt: number | null;
  readonly parts: ReadonlyMap<number, StoredPart>;
  /** The one whom it goes to; null when there are several: then a problem does not say of which. */
  readonly recipient: string | null;
}

/** How an attempt ended, for its row. */
export interface AttemptEnd {
  readonly attempt: number;
  readonly endedAt: number;
  readonly result: string;
  readonly detail: string;
}

/** What a provider's word means beyond its message. */
export type Consequence =
  | { readonly kind: 'gone' | 'unreachable' | 'opted_out'; readonly problem: DeliveryProblem }
  | { readonly kind: 'complained'; readonly problem: DeliveryProblem | null };

/** A message before and after something happened to it. */
export interface Change {
  readonly message: StoredMessage;
  readonly attempt: AttemptEnd | null;
  readonly consequences: readonly Consequence[];
}
