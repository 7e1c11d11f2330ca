import type { Executor } from '../../../db/client.ts';
import type { SignedInUser } from '../../access/route.ts';
import { AppError } from '../../kernel/errors.ts';
import { type ClientId, type ConversationId, type MessageId, newId, type UserId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import { changedEvent, closedEvents, openedEvent, waitingEvent } from '../conversation-events.ts';
import {
  type ConversationRow,
  insertConversation,
  type NewConversation,
  readConversation,
  setStanding,
} from '../conversation-store.ts';
import { dueOf } from '../due.ts';
import { memoOf, standingsBefore } from './memo.ts';
import { refreshEntries } from './message-store.ts';
import {
  insertChange,
  lockChange,
  lockWithClients,
  type MovedMessage,
  markChangeUndone,
  moveMessages,
  readAsking,
  readChange,
  readMessages,
  renewParticipants,
  setAsked,
} from './move-store.ts';
import { blankConversation } from './open.ts';
import { partedStandings, type Standing } from './wait.ts';

/** What a change of conversations touched, for pushes. */
export interface Touched {
  /** Where the messages are now. */
  readonly toId: ConversationId;
  readonly fromId: ConversationId;
  /** Who had it before. */
  readonly fromOwnerId: UserId | null;
  readonly messageIds: readonly MessageId[];
}

const touchedBy = (from: ConversationRow, to: ConversationRow, messageIds: readonly MessageId[]): Touched => ({
  fromId: from.id,
  fromOwnerId: from.ownerId,
  toId: to.id,
  messageIds,
});

type ChangesContext = Pick<MessagesContext, 'db' | 'clock' | 'journal' | 'setup' | 'clients' | 'reading'>;

interface Moving {
  readonly kind: 'split' | 'join' | 'placed' | 'undone';
  readonly from: ConversationRow;
  readonly to: ConversationRow;
  readonly messageIds: readonly MessageId[];
  readonly user: SignedInUser;
  /** Of an undo: how the two stood before what is taken back, when nothing has happened to them since. */
  readonly back?: { readonly from: Partial<Standing>; readonly to: Partial<Standing> } | null;
}

/** Splits, joins and answers to questions about strangers, each of which can be taken back with exactly what it moved. */
export function createChanges(context: ChangesContext) {
  const { db, clock, journal, setup, clients, reading } = context;

  /** @throws AppError `not_found`, also for a client whom he may not see */
  async function visible(id: ConversationId, user: SignedInUser): Promise<ConversationRow> {
    const row = await readConversation(db, id);
    if (!row) throw new AppError('not_found', `there is no conversation ${id}`);
    await clients.requireVisible(row.clientId, user);
    return row;
  }

  async function committed(work: (tx: Executor) => Promise<{ touched: Touched; events: JournalEvent[] }>) {
    const { touched, entries } = await db.transaction(async (tx) => {
      const done = await work(tx);
      return { touched: done.touched, entries: await journal.append(tx, done.events) };
    });
    journal.published(entries);
    return touched;
  }

  /** Moves messages between two locked conversations; who waits goes on waiting where his words are. */
  async function move(tx: Executor, { kind, from, to, messageIds, user, back }: Moving) {
    const now = clock.now();
    const fromMessages = await readMessages(tx, from.id);
    const chosen = new Set(messageIds);
    const moved = fromMessages.filter(({ id }) => chosen.has(id));
    if (moved.length !== chosen.size) throw new AppError('conflict', 'not all of these messages are there any more');
    const toMessages = await readMessages(tx, to.id);
    const due = (row: Pick<ConversationRow, 'queueId'>, since: Date) => dueOf(setup, row.queueId, since);
    const standings = partedStandings({ moved, from, fromMessages, to, toMessages, dueOf: due });
    await moveMessages(tx, messageIds, to);
    const isEmpty = moved.length === fromMessages.length;
    const emptied = { state: 'closed' as const, joinedIntoId: to.id };
    const fromNow = await setStanding(tx, from, { ...standings.from, ...back?.to, ...(isEmpty ? emptied : {}) });
    const toNow = await setStanding(tx, to, { ...standings.to, joinedIntoId: null, ...back?.from });
    if (from.channel === 'email') await renewParticipants(tx, [from.id, to.id]);
    await refreshEntries(tx, messageIds);
    const events = [changedEvent(fromNow, { because: kind }, user.id), changedEvent(toNow, { because: kind }, user.id)];
    const ended = from.waitingSince !== null && fromNow.waitingSince === null;
    if (ended) events.push(...closedEvents(from, { userId: user.id, at: now, because: 'joined' }));
    if (to.waitingSince === null && toNow.waitingSince !== null) events.push(waitingEvent(toNow));
    const before = memoOf({ from, to }, { from: fromNow, to: toNow });
    return { events, before };
  }

  /** The same, kept so that it can be taken back. */
  async function change(
    tx: Executor,
    moving: Omit<Moving, 'kind'> & { readonly kind: 'split' | 'join' | 'placed' },
  ): Promise<JournalEvent[]> {
    const { kind, from, to, messageIds, user } = moving;
    const { events, before } = await move(tx, moving);
    const at = new Date(clock.now());
    await insertChange(tx, {
      kind,
      fromId: from.id,
      toId: to.id,
      messageIds: [...messageIds],
      before,
      userId: user.id,
      at,
    });
    return events;
  }

  const pair = async (tx: Executor, fromId: ConversationId, toId: ConversationId) => {
    const rows = await lockWithClients(tx, [fromId, toId], []);
    return { from: rows.get(fromId) as ConversationRow, to: rows.get(toId) as ConversationRow };
  };

  function splitOff(from: ConversationRow, moved: readonly MovedMessage[], clientId: ClientId): NewConversation {
    const first = moved[0];
    const written = moved.find(({ direction }) => direction === 'in')?.fromAddress;
    const { channel, addressId, queueId } = from;
    const peer = written ?? first?.to[0]?.address ?? from.peer;
    const at = first?.at.getTime() ?? clock.now();
    const subject = first?.subject ?? '';
    return {
      ...blankConversation({ channel, clientId, addressId, queueId, peer, at }),
      id: newId<ConversationId>(),
      subject,
      subjectKey: channel === 'email' ? reading.subjectKey(subject) : null,
    };
  }

  return {
    /** @throws AppError `not_found`, `bad_request` when nothing would be left, `conflict` when messages went elsewhere */
    async split(id: ConversationId, wanted: { messageIds: MessageId[]; clientId?: ClientId }, user: SignedInUser) {
      const seen = await visible(id, user);
      const card = wanted.clientId === undefined ? null : await clients.requireVisible(wanted.clientId, user);
      const messageIds = [...new Set(wanted.messageIds)];
      return committed(async (tx) => {
        const locked = await lockWithClients(tx, [seen.id], card ? [card.id] : []);
        const from = locked.get(seen.id) as ConversationRow;
        const all = await readMessages(tx, from.id);
        const chosen = all.filter((message) => messageIds.includes(message.id));
        const clientId = card?.id ?? from.clientId;
        if (chosen.length === all.length && clientId === from.clientId)
          throw new AppError('bad_request', 'nothing would be left of the conversation');
        const to = await insertConversation(tx, splitOff(from, chosen, clientId));
        const events = await change(tx, { kind: 'split', from, to, messageIds, user });
        return { touched: touchedBy(from, to, messageIds), events: [openedEvent(to, user.id), ...events] };
      });
    },

    /** @throws AppError `not_found`, `bad_request` for another client's or channel's, or itself */
    async join(id: ConversationId, intoId: ConversationId, user: SignedInUser) {
      const seen = await visible(id, user);
      const into = await visible(intoId, user);
      if (seen.id === into.id) throw new AppError('bad_request', 'these are one conversation already');
      return committed(async (tx) => {
        const { from, to } = await pair(tx, seen.id, into.id);
        if (from.joinedIntoId !== null || to.joinedIntoId !== null)
          throw new AppError('conflict', 'one of the two was joined meanwhile');
        if (from.clientId !== to.clientId || from.channel !== to.channel)
          throw new AppError('bad_request', 'only conversations of one client on one channel are joined');
        const messageIds = (await readMessages(tx, from.id)).map((message) => message.id);
        const events = await change(tx, { kind: 'join', from, to, messageIds, user });
        return { touched: touchedBy(from, to, messageIds), events };
      });
    },

    /** A stranger's messages go where they ask to. @throws AppError `not_found`, `conflict` */
    async place(asking: { conversationId: ConversationId; askedFor: ConversationId }, user: SignedInUser) {
      const seen = await visible(asking.conversationId, user);
      const target = await visible(asking.askedFor, user);
      return committed(async (tx) => {
        const { from, to } = await pair(tx, seen.id, target.id);
        const found = await readAsking(tx, from.id, asking.askedFor);
        if (found.length === 0) throw new AppError('conflict', 'this question was answered meanwhile');
        const messageIds = found.map(({ id }) => id);
        await setAsked(tx, messageIds, null);
        const events = await change(tx, { kind: 'placed', from, to, messageIds, user });
        return { touched: touchedBy(from, to, messageIds), events };
      });
    },

    /** @throws AppError `not_found`, `conflict` when it was undone, or its messages have gone on from there */
    async undo(changeId: number, user: SignedInUser) {
      const before = await readChange(db, changeId);
      for (const id of [before.fromId, before.toId]) await visible(id, user);
      return committed(async (tx) => {
        const change = await lockChange(tx, changeId);
        if (change.undoneAt !== null) throw new AppError('conflict', 'this was taken back already');
        const { from: target, to: holder } = await pair(tx, change.fromId, change.toId);
        const { messageIds } = change;
        if (change.kind === 'placed') await setAsked(tx, messageIds, change.toId);
        const back = standingsBefore(change.before, { from: target, to: holder });
        const { events } = await move(tx, { kind: 'undone', from: holder, to: target, messageIds, user, back });
        await markChangeUndone(tx, changeId, user.id, new Date(clock.now()));
        return { touched: touchedBy(holder, target, messageIds), events };
      });
    },
  };
}
