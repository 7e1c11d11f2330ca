import type { Routes } from '../../access/route.ts';
import type { AssignmentReason } from '../../contract/messages-words.ts';
import type { ClientId, ConversationId, UserId } from '../../kernel/ids.ts';
import type { JournalEntry } from '../../kernel/journal.ts';
import { createRounds } from '../../kernel/rounds.ts';
import type { MessagesContext } from '../context.ts';
import type { ConversationRow } from '../conversation-store.ts';
import type { Conversations } from '../rooms.ts';
import { createBook } from './book.ts';
import { type AssignmentDecision, decide } from './decide.ts';
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
  /** Who gave one back, until when it is offered to others only. Forgotten at a restart: then he is asked once more. */
  const gaveBack = new Map<ConversationId, { readonly userId: UserId; readonly until: number }>();
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

  /** Reads some anew, whatever happened to them. @returns those in which somebody waits */
  async function refreshAll(ids: readonly ConversationId[]): Promise<Map<ConversationId, OpenConversation>> {
    const found = new Map((await readOpen(db, ids)).map((conversation) => [conversation.id, conversation]));
    for (const id of ids) {
      const conversation = found.get(id);
      if (conversation) book.put(conversation);
      else book.remove(id);
    }
    return found;
  }

  /** Who shall not be given it just now. */
  function barredFrom(id: ConversationId): UserId | null {
    const back = gaveBack.get(id);
    if (back && back.until > clock.now() && book.get(id)?.state === 'waiting') return back.userId;
    gaveBack.delete(id);
    return null;
  }

  const refresh = async (id: ConversationId): Promise<OpenConversation | null> =>
    (await refreshAll([id])).get(id) ?? null;

  /** Gives these to whoever is to have them, one after another, and writes down why nobody has the others. */
  async function place(waiting: Iterable<OpenConversation>): Promise<void> {
    const reasons = new Map<ConversationId, AssignmentReason>();
    const placed = [...waiting];
    for (const conversation of placed) {
      if (!isRunning) break;
      const decision = decide({ ...people.question(conversation, reserved), gaveBackId: barredFrom(conversation.id) });
      const because = fresh.delete(conversation.id) ? null : conversation.because;
      if (decision.kind === 'give') {
        await give(conversation, decision);
        continue;
      }
      for (const [userId, why] of decision.candidates) if (why === 'no_room') reserved.add(userId);
      if (because !== decision.because) reasons.set(conversation.id, decision.because);
    }
    const explained = await moves.explain(reasons);
    for (const conversation of placed) note(conversation, explained.get(conversation.id) ?? null);
  }

  async function give(
    conversation: OpenConversation,
    { userId, because, candidates }: Extract<AssignmentDecision, { kind: 'give' }>,
  ): Promise<void> {
    const { id, queueId } = conversation;
    const isStill = (row: ConversationRow) => row.state === 'waiting' && row.queueId === queueId;
    const row = await moves.give(id, { userId, because, candidates }, isStill);
    if (row) note(conversation, row);
    else await refresh(id);
  }

  async function placeAll(): Promise<void> {
    reserved = new Set();
    await place(book.waiting());
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
    const over = [...book.all()].filter(({ dueAt, isNotedOverdue }) => dueAt <= now && !isNotedOverdue);
    while (over.length > 0 && isRunning) {
      const some = over.splice(0, assignmentLimits.writtenAtOnce);
      const noted = await moves.overdue(some.map(({ id }) => id));
      for (const conversation of some)
        if (noted.has(conversation.id)) book.put({ ...conversation, isNotedOverdue: true });
      const others = some.filter(({ id }) => !noted.has(id));
      if (others.length > 0) await refreshAll(others.map(({ id }) => id));
    }
  }

  async function follow(entries: readonly JournalEntry[]): Promise<void> {
    const ids = new Set<ConversationId>();
    for (const entry of entries) {
      const id = entry.data?.['conversationId'] as ConversationId | undefined;
      if (id === undefined) await followClient(entry);
      else {
        if (entry.type === 'conversation.answered' && entry.userId && entry.data?.['messageId'])
          await moves.wroteFirst(id, entry.userId);
        if (entry.type === 'conversation.waiting') fresh.add(id);
        ids.add(id);
      }
    }
    if (ids.size > 0) await look([...ids]);
  }

  /** Something happened to these. */
  async function look(ids: readonly ConversationId[]): Promise<void> {
    const before = new Map(ids.map((id) => [id, book.get(id)]));
    const found = await refreshAll(ids);
    for (const id of ids) if (found.get(id)?.state !== 'waiting') fresh.delete(id);
    if (!isRunning) return;
    const open = ids.flatMap((id) => found.get(id) ?? []);
    await place(open.filter(({ state }) => state === 'waiting'));
    // who has less to do now, or whose room was kept for this one, may have something else
    if (ids.some((id) => before.get(id) && before.get(id)?.state !== found.get(id)?.state)) void round();
    for (const { isNotedOverdue, dueAt } of open) if (!isNotedOverdue) overdues.by(dueAt);
  }

  async function followClient({ clientId, data }: JournalEntry): Promise<void> {
    const ids = new Set([clientId, data?.['to'], data?.['from']].filter((id) => typeof id === 'number'));
    const known = [...book.all()].filter((conversation) => ids.has(conversation.clientId));
    await refreshAll(known.map(({ id }) => id));
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
    onGivenBack: (id, userId) => gaveBack.set(id, { userId, until: clock.now() + assignmentLimits.notBackMs }),
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
      const isAskedAgain = [...gaveBack.values()].some(({ until }) => until <= clock.now());
      // it waits for its own turn in the line
      if (isDifferent || isAskedAgain || book.assigned().some(people.isLost)) void round();
    },
  );

  const told = { status: 'fulfilled', value: undefined } as const;
  /** What is told while others are looked at is looked at together. */
  const followed = createRounds<JournalEntry, void>({
    atOnce: assignmentLimits.followedAtOnce,
    inTurn: line.run,
    async work(entries) {
      try {
        await follow(entries);
        return entries.map(() => told);
      } catch (error) {
        // the journal tells them again at the next start only; nobody shall wait that long
        for (const entry of entries) void line.tried(() => follow([entry]));
        throw error;
      }
    },
  });

  journal.subscribe(async (entry) => {
    if (concerns(entry)) await followed.add(entry);
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
    async idle() {
      await followed.idle();
      await line.idle();
    },
    async close() {
      isRunning = false;
      await followed.idle();
      await line.close();
    },
  };
}
