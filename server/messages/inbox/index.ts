import type { Receipt } from '../../../channels/channel.ts';
import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { ClientId, UserId } from '../../kernel/ids.ts';
import type { JournalEntry } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import type { Inbox } from '../rooms.ts';
import { type OwnAddress, ownAddressOf, peerOf } from './arrival.ts';
import { storeConsent } from './consent.ts';
import { claimEvent, isKnownEvent } from './events.ts';
import { keepFiles } from './kept-files.ts';
import type { InboxParts } from './parts.ts';
import { isPoison, stubOf } from './poison.ts';
import { createInboxSetting } from './setting.ts';
import { type Stored, storeArrival } from './store-arrival.ts';
import { createTurns } from './turns.ts';

export interface InboxPart extends Inbox {
  /** Rules, or days of silence, are different. */
  settingChanged(): void;
}

/**
 * Takes messages in: whose they are, where they belong, what follows from them; stored once before it resolves. Follows the
 * journal: make it before the journal replays.
 */
export function createInbox(context: MessagesContext, parts: InboxParts): InboxPart {
  const { db, setup, journal } = context;
  const log = context.log.child({ room: 'messages' });
  const turns = createTurns();
  const setting = createInboxSetting(db);

  /** @throws whatever keeps it from being stored */
  async function take(event: MessageArrived, address: OwnAddress): Promise<Stored | 'duplicate' | null> {
    const peer = peerOf(event, address, setup);
    const kept = await keepFiles(parts.conversations.files, event);
    const storing = { arrival: { event, address, peer }, kept, setting: await setting.read() };
    // the messages of one person come in one after another: they make one card and one conversation
    return turns.take(`${event.channel} ${peer.value}`, () => storeArrival(context, parts, storing));
  }

  /** A message that cannot be taken in as it is holds up nothing: its original is kept, with whatever can be said of it. */
  async function takeAnyhow(event: MessageArrived, address: OwnAddress): Promise<Stored | 'duplicate' | null> {
    const nobody = { ...event.from, value: '', displayName: '' };
    for (const attempt of [event, stubOf(event, event.from), stubOf(event, nobody)]) {
      try {
        return await take(attempt, address);
      } catch (error) {
        if (!isPoison(error)) throw error;
        const { channel, sourceId } = event;
        log.error({ err: error, channel, sourceId }, 'a message could not be taken in as it is');
      }
    }
    return (await claimEvent(db, event, { unreadable: true })) ? null : 'duplicate';
  }

  async function tell({ conversation, messageId, replyId, isOwed }: Stored): Promise<void> {
    const alert = isOwed && conversation.state === 'assigned';
    await parts.conversations.changed({ id: conversation.id, messageId, alert });
    if (replyId === null) return;
    await parts.conversations.deliveriesChanged([replyId]);
    parts.outbox.wake();
  }

  async function receive(event: MessageArrived): Promise<Receipt> {
    const { channel, accountId } = event;
    if (await isKnownEvent(db, event)) return { accepted: false, reason: 'duplicate' };
    const address = await ownAddressOf(db, event, setup);
    if (!address) {
      log.warn({ channel, accountId }, 'message to an account without addresses');
      return { accepted: false, reason: 'unknown_number' };
    }
    const stored = await takeAnyhow(event, address);
    if (stored === 'duplicate') return { accepted: false, reason: 'duplicate' };
    if (stored) await tell(stored);
    return { accepted: true };
  }

  /** A rule's task is made when the journal tells of it: again after a crash, never not at all. */
  async function makeTask({ clientId, data }: JournalEntry): Promise<void> {
    const { title, note, assigneeId } = data as { title: string; note: string; assigneeId: UserId };
    try {
      await context.createTask({ clientId: clientId as ClientId, title, note, assigneeId });
    } catch (error) {
      if (!isPoison(error)) throw error;
      log.warn({ err: error, assigneeId }, 'a rule’s task could not be made');
    }
  }

  journal.subscribe((entry) => (entry.type === 'rule.task' ? makeTask(entry) : undefined));

  return {
    receive,
    noteConsent: (event) => storeConsent(context, parts.gate, event),
    settingChanged: setting.changed,
  };
}
