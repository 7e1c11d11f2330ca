import type { Receipt } from '../../../channels/channel.ts';
import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { MessagesContext } from '../context.ts';
import type { ConversationsPart } from '../conversations/index.ts';
import type { Gate, Inbox, Outbox } from '../rooms.ts';
import { type OwnAddress, ownAddressOf, type Peer, peerOf } from './arrival.ts';
import { storeConsent } from './consent.ts';
import { isKnownEvent, storeArrival } from './store-arrival.ts';
import { createTurns } from './turns.ts';

export interface InboxParts {
  readonly conversations: ConversationsPart;
  readonly outbox: Outbox;
  readonly gate: Gate;
}

/** What stays the same while one message is taken in. */
export interface Arrival {
  readonly event: MessageArrived;
  readonly address: OwnAddress;
  readonly peer: Peer;
}

/** Takes messages in: whose they are, where they belong, what follows from them; stored once before it resolves. */
export function createInbox(context: MessagesContext, parts: InboxParts): Inbox {
  const { db, setup } = context;
  const log = context.log.child({ room: 'messages' });
  const turns = createTurns();

  async function receive(event: MessageArrived): Promise<Receipt> {
    const { channel, accountId } = event;
    if (await isKnownEvent(db, event)) return { accepted: false, reason: 'duplicate' };
    const address = await ownAddressOf(db, event, setup);
    if (!address) {
      log.warn({ channel, accountId }, 'message to an account without addresses');
      return { accepted: false, reason: 'unknown_number' };
    }
    const peer = peerOf(event, address, setup);
    // the messages of one person come in one after another: they make one card and one conversation
    return turns.take(`${channel} ${peer.value}`, () => storeArrival(context, parts, { event, address, peer }));
  }

  return { receive, noteConsent: (event) => storeConsent(context, parts.gate, event) };
}
