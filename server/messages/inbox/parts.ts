import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { ConversationsPart } from '../conversations/index.ts';
import type { Gate, Outbox, RenderTemplate } from '../rooms.ts';
import type { OwnAddress, Peer } from './arrival.ts';

export interface InboxParts {
  readonly conversations: ConversationsPart;
  readonly outbox: Pick<Outbox, 'enqueue' | 'wake'>;
  readonly gate: Pick<Gate, 'mayAutoReply' | 'noteConsent' | 'refusal'>;
  readonly render: RenderTemplate;
}

/** What stays the same while one message is taken in. */
export interface Arrival {
  readonly event: MessageArrived;
  readonly address: OwnAddress;
  readonly peer: Peer;
}
