import type { Executor } from '../../../db/client.ts';
import type { SignedInUser } from '../../access/route.ts';
import type { FailedMessage, MessageInput } from '../../contract/messages-schemas.ts';
import type { OutboxState } from '../../contract/messages-words.ts';
import type { TimelineEntry } from '../../contract/schemas.ts';
import { AppError } from '../../kernel/errors.ts';
import { type AttachmentId, type EntryId, type MessageId, newId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import { transition } from '../../kernel/transition.ts';
import type { MessagesContext } from '../context.ts';
import { closedEvents, waitingEvent } from '../conversation-events.ts';
import { changeConversation, lockConversation, moveConversation } from '../conversation-store.ts';
import { dueAfter } from '../due.ts';
import { type OutboxInput, outboxTransitions } from '../outbox/state.ts';
import {
  copyFiles,
  readFailed,
  readLetter,
  returnFiles,
  type StoredLetter,
  setResolved,
  setUndone,
  waitsSince,
} from './store.ts';
import { type ComposeParts, forbidden, lifeMs } from './write.ts';

const isSupervisor = ({ role }: SignedInUser): boolean => role !== 'agent';

const modes = ['new', 'reply', 'reply_all', 'forward'] as const;
const modeOf = (written: string | undefined): MessageInput['mode'] => modes.find((mode) => mode === written) ?? 'new';

/** What people do with messages that are on their way, or did not get there. */
export function createPeopleActs(context: MessagesContext, { conversations, outbox, gate }: ComposeParts) {
  const { db, clock, clients, journal, setup } = context;

  /** Locked; its writer's, or anybody's for those who lead. @throws AppError `not_found`, `forbidden` */
  async function lock(tx: Executor, id: string, user: SignedInUser): Promise<StoredLetter> {
    const letter = await readLetter(tx, id as MessageId, true);
    if (!letter || letter.state === null) throw new AppError('not_found', `there is no outgoing message ${id}`);
    if (letter.userId !== user.id && !isSupervisor(user))
      throw new AppError('forbidden', 'this message is somebody else’s');
    return letter;
  }

  /** Before any transaction: seeing is decided by other rooms. */
  async function checkSight(id: string, user: SignedInUser): Promise<void> {
    const letter = await readLetter(db, id as MessageId);
    if (!letter) throw new AppError('not_found', `there is no message ${id}`);
    await clients.requireVisible(letter.clientId, user);
  }

  /** The client waits again, for whoever took the answer back; a conversation in which nothing is left is over. */
  async function takeBackAnswer(tx: Executor, letter: StoredLetter, user: SignedInUser): Promise<JournalEvent[]> {
    const row = await lockConversation(tx, letter.conversationId);
    const counted = await changeConversation(tx, row, { messages: Math.max(0, row.messages - 1) });
    const at = clock.now();
    if (counted.messages === 0) {
      await moveConversation(tx, counted, 'close', { closedAt: new Date(at) });
      return closedEvents(counted, { userId: user.id, at });
    }
    const since = counted.state === 'answered' ? await waitsSince(tx, counted.id) : null;
    if (since === null) return [];
    const queue = setup.queues.find(({ id }) => id === counted.queueId);
    const due = queue ? dueAfter(setup, queue.id, since.getTime(), queue.responseMinutes) : null;
    const waiting = await moveConversation(tx, counted, 'reopen', {
      ownerId: user.id,
      waitingSince: since,
      dueAt: due === null ? null : new Date(due),
      lastDirection: 'in',
    });
    return [waitingEvent(waiting)];
  }

  /** What was written, for the composer. */
  const inputOf = (letter: StoredLetter, attachmentIds: AttachmentId[]): MessageInput => ({
    clientId: letter.clientId,
    channel: letter.channel,
    conversationId: letter.conversationId,
    ...(letter.answersId === null ? {} : { answersId: letter.answersId }),
    mode: modeOf(letter.facts['mode']),
    ...(letter.addressId === null ? {} : { addressId: letter.addressId }),
    to: [...letter.to],
    cc: [...letter.cc],
    subject: letter.subject,
    text: letter.writtenText,
    attachmentIds,
    ...(letter.templateId === null ? {} : { templateId: letter.templateId }),
    purpose: letter.purpose,
  });

  /** The same again: same words, same people, another id. */
  async function repeat(tx: Executor, letter: StoredLetter, user: SignedInUser) {
    const conversation = await lockConversation(tx, letter.conversationId);
    const now = clock.now();
    const id = newId<MessageId>();
    const { from, to, cc, subject, text, writtenText, html, purpose, templateId, answersId, references } = letter;
    const attachmentIds = await copyFiles(tx, letter.id, newId<AttachmentId>, new Date(now));
    const queued = await outbox.enqueue(tx, {
      idempotencyKey: `again ${letter.id}`,
      conversation,
      row: {
        ...{ id, to, cc, subject, text, writtenText, html, purpose, templateId, answersId },
        at: new Date(now),
        userId: user.id,
        origin: 'agent',
        fromAddress: from.address,
        fromName: from.name,
        references: [...references],
        facts: letter.facts,
      },
      attachmentIds,
      nature: letter.nature ?? 'person',
      priority: letter.priority ?? 1,
      notBefore: now,
      expiresAt: now + lifeMs[conversation.channel],
      isHeld: false,
      againOfId: letter.id,
    });
    await setResolved(tx, letter.id, user.id, new Date(now));
    await conversations.refreshEntries(tx, [letter.id]);
    return { id: queued.id, events: queued.events };
  }

  const isFailed = ({ state }: StoredLetter): boolean =>
    state === 'failed' || state === 'dead' || state === 'unconfirmed';

  return {
    /** @throws AppError `illegal_transition` when it has left */
    async undo(id: string, user: SignedInUser): Promise<MessageInput> {
      await checkSight(id, user);
      const { letter, files, entries } = await db.transaction(async (tx) => {
        const letter = await lock(tx, id, user);
        if (letter.state !== null) transition<OutboxState, OutboxInput>(outboxTransitions, letter.state, 'undo');
        const files = await returnFiles(tx, letter.id);
        await setUndone(tx, letter.id, new Date(clock.now()));
        await conversations.refreshEntries(tx, [letter.id]);
        const data = { messageId: letter.id, channel: letter.channel, state: 'undone' };
        const event = { type: 'message.delivery', clientId: letter.clientId, userId: user.id, data };
        const events = [event, ...(await takeBackAnswer(tx, letter, user))];
        return { letter, files, entries: await journal.append(tx, events) };
      });
      journal.published(entries);
      await conversations.changed({ id: letter.conversationId, messageId: letter.id, alert: false });
      return inputOf(letter, files);
    },

    /** Twice is once. @throws AppError `illegal_transition` when it has not failed, `conflict` when the gate forbids it */
    async sendAgain(id: string, user: SignedInUser): Promise<TimelineEntry> {
      await checkSight(id, user);
      const before = await readLetter(db, id as MessageId);
      if (before && isFailed(before)) {
        const { clientId, channel, conversationId, to, cc, text, subject, purpose } = before;
        const question = { clientId, channel, conversationId, to: [...to], cc: [...cc], text, subject, purpose };
        const answer = await gate.ask(question, user);
        if (!answer.allowed) throw forbidden(answer, 'blocked');
      }
      const { again, letter, entries } = await db.transaction(async (tx) => {
        const letter = await lock(tx, id, user);
        if (!isFailed(letter)) throw new AppError('illegal_transition', 'this message has not failed');
        const again = await repeat(tx, letter, user);
        return { again, letter, entries: await journal.append(tx, again.events) };
      });
      journal.published(entries);
      outbox.wake();
      await conversations.changed({ id: letter.conversationId, messageId: again.id, alert: false });
      await conversations.deliveriesChanged([letter.id]);
      return context.timeline.entryView(again.id as string as EntryId);
    },

    /** @throws AppError `illegal_transition` when it has not failed */
    async resolve(id: string, user: SignedInUser): Promise<{ ok: true }> {
      await checkSight(id, user);
      const letter = await db.transaction(async (tx) => {
        const letter = await lock(tx, id, user);
        if (!isFailed(letter)) throw new AppError('illegal_transition', 'this message has not failed');
        await setResolved(tx, letter.id, user.id, new Date(clock.now()));
        await conversations.refreshDeliveries(tx, [letter.id]);
        return letter;
      });
      await conversations.changed({ id: letter.conversationId, messageId: letter.id, alert: false });
      return { ok: true };
    },

    /** Agents see their own; those who lead see all, of cards that they may see. */
    async failed(user: SignedInUser, limit: number): Promise<{ items: FailedMessage[]; total: number }> {
      const scope = await clients.visibility.scopeOf(db, user);
      return readFailed(db, { userId: isSupervisor(user) ? null : user.id, scope }, { now: clock.now(), limit });
    },
  };
}
