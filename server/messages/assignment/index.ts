import type { Routes } from '../../access/route.ts';
import type { ClientId, ConversationId, UserId } from '../../kernel/ids.ts';
import type { JournalEntry } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import type { ConversationRow } from '../conversation-store.ts';
import type { Conversations } from '../rooms.ts';
import { createBook } from './book.ts';
import { decide } from './decide.ts';
import { assignmentLimits } from './limits.ts';
import { createLine } from './line.ts';
import { createMoves } from './moves.ts';
import { type MessagesNow, messagesNow } from './now.ts';
import { assignmentRoutes, createAssignmentOperations } from './operations.ts';
import { createPeople } from './people.ts';
import { type OpenConversation, readAllOpen, readCapacity, readLastGiven, readOpen, readOpenOf } from './store.ts';
import { answerByTalk, isAnsweringTalk } from './talks.ts';

/** Says who has which conversation: gives, takes back, notes what is overdue. */
export interface Assignment {
  readonly routes: Routes;
  /** Who waits now, and who has how much to do. */
  now(): MessagesNow;
  /** Capacity, people, queues or members are different, and the setup says so already. */
  settingChanged(): void;
  /** Somebody's browser came or went: it would be noticed a little later anyway. */
  connectionChanged(): void;
  /** Reads who waits, gives what can be given, and watches. After the journal's replay. */
  start(): Promise<void>;
  /** Waits for what has begun. */
  idle(): Promise<void>;
  /** Waits for what has begun and stops. Idempotent. */
  close(): Promise<void>;
}

/** Events that this room writes itself: the book knows them already. */
const own = new Set(['conversation.assigned', 'conversation.unassigned', 'conversation.overdue']);

const changedFields = ({ data }: JournalEntry): readonly unknown[] => (data?.['fields'] ?? []) as readonly unknown[];

/** Wires it to the journal and the roster: make it before the journal replays. */
export function createAssignment(context: MessagesContext, conversations: Conversations): Assignment {
  const { db, clock, journal, roster } = context;
  const log = context.log.child({ room: 'assignment' });
  const book = createBook({ points: 0, weights: { email: 1, sms: 1, chat: 1 } });
  const people = createPeople({ ...context, book });
  const moves = createMoves({ ...context, log, conversations });
  const line = createLine({ clock, log });
  /** Whose room somebody waits for who came before. */
  let reserved = new Set<UserId>();
  /** Begun to wait and not looked at since: why nobody has them stands in their rows from an earlier wait, if at all. */
  const fresh = new Set<ConversationId>();
  let isRunning = false;

  /** The row was written here: the book follows at once. */
  function note(conversation: OpenConversation, row: ConversationRow | null): void {
    if (!row) return;
    const { id, state, ownerId, assignedAt, assignedBecause } = row;
    if (state !== 'waiting' && state !== 'assigned') book.remove(id);
    else
      book.put({
        ...conversation,
        state,
        ownerId,
        assignedAt: assignedAt?.getTime() ?? null,
        because: assignedBecause,
      });
  }

  /** Reads one anew, whatever happened to it. */
  async function refresh(id: ConversationId): Promise<OpenConversation | null> {
    const found = await readOpen(db, id);
    if (found) book.put(found);
    else book.remove(id);
    return found;
  }

  /** Gives it to whoever is to have it, or writes down why nobody is. */
  async function place(conversation: OpenConversation): Promise<void> {
    const decision = decide(people.question(conversation, reserved));
    const { id, queueId } = conversation;
    const because = fresh.delete(id) ? null : conversation.because;
    if (decision.kind === 'give') {
      const { userId, because: reason, candidates } = decision;
      const isStill = (row: ConversationRow) => row.state === 'waiting' && row.queueId === queueId;
      const row = await moves.give(id, { userId, because: reason, candidates }, isStill);
      if (row) note(conversation, row);
      else await refresh(id);
      return;
    }
    for (const [userId, why] of decision.candidates) if (why === 'no_room') reserved.add(userId);
    if (because !== decision.because) note(conversation, await moves.explain(id, decision.because));
  }

  async function placeAll(): Promise<void> {
    reserved = new Set();
    for (const conversation of book.waiting()) {
      if (!isRunning) return;
      await place(conversation);
    }
  }

  async function takeBack(): Promise<void> {
    for (const conversation of book.assigned()) {
      if (!isRunning) return;
      if (!people.isLost(conversation)) continue;
      const { id, ownerId } = conversation;
      const why = { because: 'shift_ended', keepsFormer: true } as const;
      const row = await moves.release(id, why, (now) => now.ownerId === ownerId);
      if (row) note(conversation, row);
      else await refresh(id);
    }
  }

  /** Everything at once: who lost what he had, who gets what waits. Many causes are one round. */
  const round = line.once(async () => {
    people.look();
    await takeBack();
    await placeAll();
  });

  async function noteOverdue(): Promise<void> {
    const now = clock.now();
    for (const conversation of book.all()) {
      if (!isRunning) return;
      if (conversation.dueAt > now || conversation.isNotedOverdue) continue;
      if (await moves.overdue(conversation.id)) book.put({ ...conversation, isNotedOverdue: true });
      else await refresh(conversation.id);
    }
  }

  async function follow(entry: JournalEntry): Promise<void> {
    const id = entry.data?.['conversationId'] as ConversationId | undefined;
    if (id === undefined) return followClient(entry);
    if (entry.type === 'conversation.answered' && entry.userId && entry.data?.['messageId'])
      await moves.wroteFirst(id, entry.userId);
    if (entry.type === 'conversation.waiting') fresh.add(id);
    const before = book.get(id);
    const found = await refresh(id);
    if (found?.state !== 'waiting') fresh.delete(id);
    if (!isRunning) return;
    if (found?.state === 'waiting') await place(found);
    // who has less to do now, or whose room was kept for this one, may have something else
    if (before && found?.state !== before.state) void round();
    if (found && !found.isNotedOverdue) overdues.by(found.dueAt);
  }

  async function followClient({ clientId, data }: JournalEntry): Promise<void> {
    const ids = new Set([clientId, data?.['to'], data?.['from']].filter((id) => typeof id === 'number'));
    const known = [...book.all()].filter((conversation) => ids.has(conversation.clientId));
    for (const { id } of known) await refresh(id);
    for (const id of ids) for (const found of await readOpenOf(db, id as ClientId)) book.put(found);
    if (ids.size > 0) void round();
  }

  /** What a person does with it, in the line. */
  const change = (id: ConversationId, work: () => Promise<ConversationRow | null>): Promise<void> =>
    line.run(async () => {
      const before = book.get(id);
      try {
        await work();
      } finally {
        const found = await refresh(id);
        if (before?.state === 'assigned' || found?.state === 'waiting') void round();
      }
    });

  const operations = createAssignmentOperations({
    context,
    conversations,
    moves,
    isOnShift: people.isOnShift,
    change,
  });

  function concerns(entry: JournalEntry): boolean {
    const { type } = entry;
    if (type.startsWith('conversation.')) return !own.has(type);
    if (type === 'client.changed') return changedFields(entry).includes('responsibleId');
    return type === 'client.merged' || type === 'client.restored';
  }

  const overdues = line.timer(() => {
    let first = Number.POSITIVE_INFINITY;
    for (const { dueAt, isNotedOverdue } of book.all()) if (!isNotedOverdue) first = Math.min(first, dueAt);
    return first;
  }, noteOverdue);
  const looks = line.timer(
    () => clock.now() + assignmentLimits.lookMs,
    async () => {
      const isDifferent = people.look();
      // it waits for its own turn in the line
      if (isDifferent || book.assigned().some(people.isLost)) void round();
    },
  );

  journal.subscribe(async (entry) => {
    if (concerns(entry))
      await line
        .run(() => follow(entry))
        .catch((error: unknown) => {
          // the journal tells it again at the next start only; nobody shall wait that long
          void line.tried(() => follow(entry));
          throw error;
        });
    else if (isAnsweringTalk(entry)) await line.run(() => answerByTalk({ db, clock, journal, conversations }, entry));
  });
  roster.subscribe(() => {
    if (isRunning) void round();
  });

  return {
    routes: assignmentRoutes(operations),
    now: () => messagesNow(book, clock.now()),
    settingChanged() {
      if (!isRunning) return;
      void line.tried(async () => {
        book.capacity = await readCapacity(db);
      });
      void round();
    },
    connectionChanged() {
      if (isRunning) void round();
    },
    async start() {
      await line.run(async () => {
        book.capacity = await readCapacity(db);
        book.replaceAll(await readAllOpen(db), await readLastGiven(db));
        isRunning = true;
      });
      await round();
      overdues.set();
      looks.set();
    },
    idle: line.idle,
    async close() {
      isRunning = false;
      await line.close();
    },
  };
}
