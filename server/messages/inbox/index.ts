import type { Receipt } from '../../../channels/channel.ts';
import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { ClientId, UserId } from '../../kernel/ids.ts';
import type { JournalEntry } from '../../kernel/journal.ts';
import { createRounds } from '../../kernel/rounds.ts';
import type { MessagesContext } from '../context.ts';
import type { Inbox } from '../rooms.ts';
import { ownAddressOf } from './arrival.ts';
import { storeConsent } from './consent.ts';
import { knownEvents, sourceKey } from './events.ts';
import type { InboxParts } from './parts.ts';
import { isPoison } from './poison.ts';
import { createInboxSetting } from './setting.ts';
import type { Outcome, Stored } from './store-arrivals.ts';
import { type Addressed, createTaking, type Incoming, threadKeys } from './take.ts';

export interface InboxPart extends Inbox {
  /** Rules, addresses, or days of silence are different. */
  settingChanged(): void;
}

/** Messages that are stored in one transaction, and how much of their texts at most, characters. */
const messagesAtOnce = 64;
const textAtOnce = 4_000_000;

/**
 * Takes messages in: whose they are, where they belong, what follows from them; stored once before it resolves. What arrives while
 * others are stored is stored together. Follows the journal: make it before the journal replays.
 */
export function createInbox(context: MessagesContext, parts: InboxParts): InboxPart {
  const { db, setup, journal } = context;
  const log = context.log.child({ room: 'messages' });
  const setting = createInboxSetting(db);
  const { incoming, takeAll } = createTaking({ ...context, log }, parts);

  function tell({ conversation, messageId, replyId, isOwed }: Stored): void {
    const alert = isOwed && conversation.state === 'assigned';
    void parts.conversations.changed({ id: conversation.id, messageId, alert, row: conversation });
    if (replyId === null) return;
    void parts.conversations.deliveriesChanged([replyId]);
    parts.outbox.wake();
  }

  const accepted = { status: 'fulfilled', value: { accepted: true } } as const;
  const refused = (reason: 'duplicate' | 'unknown_number') =>
    ({ status: 'fulfilled', value: { accepted: false, reason } }) as const;

  /** What is told to the wire of a message that was taken in, and to people. */
  function receiptOf(outcome: PromiseSettledResult<Outcome>): PromiseSettledResult<Receipt> {
    if (outcome.status === 'rejected') return outcome;
    if (outcome.value === 'duplicate') return refused('duplicate');
    if (outcome.value) tell(outcome.value);
    return accepted;
  }

  /** Those that were not stored before, and came to an address of ours. */
  async function receiveAll(messages: readonly Incoming[]): Promise<PromiseSettledResult<Receipt>[]> {
    const live = await setting.read();
    const known = await knownEvents(
      db,
      messages.map(({ event }) => event),
    );
    const receipts = new Map<MessageArrived, PromiseSettledResult<Receipt>>();
    const addressed: Addressed[] = [];
    for (const { event, kept } of messages) {
      const { channel, accountId } = event;
      const address = ownAddressOf(event, live.addresses, setup);
      if (known.has(sourceKey(event))) receipts.set(event, refused('duplicate'));
      else if (address) addressed.push({ event, kept, address });
      else {
        log.warn({ channel, accountId }, 'message to an account without addresses');
        receipts.set(event, refused('unknown_number'));
      }
    }
    const outcomes = await takeAll(addressed, live);
    for (const [index, outcome] of outcomes.entries()) {
      const event = addressed[index]?.event;
      if (event) receipts.set(event, receiptOf(outcome));
    }
    return messages.map(({ event }) => receipts.get(event) ?? accepted);
  }

  const rounds = createRounds<Incoming, Receipt>({
    atOnce: messagesAtOnce,
    capacity: textAtOnce,
    weightOf: ({ event: { text, html } }) => text.length + (html?.length ?? 0),
    // the messages of one person, or of one thread, come in one after another: they make one card and one conversation
    keysOf: ({ event }) => threadKeys(event),
    work: receiveAll,
  });

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
    receive: (event) => rounds.add(incoming(event)),
    noteConsent: (event) => storeConsent(context, parts.gate, event),
    settingChanged: setting.changed,
  };
}
