import type { AssignmentReason } from '../../contract/messages-words.ts';
import type { ConversationId, UserId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import { assignedEvent, isNotedOverdue, overdueEvent, unassignedEvent } from '../conversation-events.ts';
import {
  type ConversationRow,
  changeConversation,
  lockConversation,
  lockConversations,
  moveConversation,
  moveConversations,
} from '../conversation-store.ts';
import type { Conversations } from '../rooms.ts';
import { assignmentLimits } from './limits.ts';
import { noteOverdue } from './store.ts';

/** What changes hands is written here and nowhere else: under the row's lock, with the journal, told after the commit. */
export interface Moves {
  /** @returns the row as it is now, or null when `isStill` said no */
  give(
    id: ConversationId,
    to: {
      readonly userId: UserId;
      readonly because: AssignmentReason;
      readonly by?: UserId;
      readonly candidates?: readonly (readonly [UserId, string])[];
    },
    isStill: (row: ConversationRow) => boolean,
  ): Promise<ConversationRow | null>;
  /** Nobody has it any more. @param keepsFormer he is asked first when it is given again */
  release(
    id: ConversationId,
    why: { readonly because: AssignmentReason; readonly keepsFormer: boolean; readonly by?: UserId },
    isStill: (row: ConversationRow) => boolean,
  ): Promise<ConversationRow | null>;
  /** Why nobody has them is different, or it is another wait. @returns the rows of those that nobody has */
  explain(
    reasons: ReadonlyMap<ConversationId, AssignmentReason>,
  ): Promise<ReadonlyMap<ConversationId, ConversationRow>>;
  /** Their time is over; once for each wait. @returns those of which it was noted now */
  overdue(ids: readonly ConversationId[]): Promise<ReadonlySet<ConversationId>>;
  /** Somebody else answered first: he is asked first from now on. */
  wroteFirst(id: ConversationId, userId: UserId): Promise<ConversationRow | null>;
}

interface Change {
  readonly row: ConversationRow;
  readonly events: readonly JournalEvent[];
  /** What others are told of it; null = nothing that they see is different. */
  readonly news: { readonly formerOwnerId: UserId | null; readonly alert: boolean } | null;
}

type Options = Pick<MessagesContext, 'db' | 'clock' | 'journal' | 'log'> & { readonly conversations: Conversations };

export function createMoves({ db, clock, journal, log, conversations }: Options): Moves {
  type Work = (tx: Parameters<typeof lockConversation>[0], row: ConversationRow) => Promise<Change | null>;

  async function change(id: ConversationId, work: Work): Promise<ConversationRow | null> {
    const done = await db.transaction(async (tx) => {
      const made = await work(tx, await lockConversation(tx, id));
      return made && { ...made, entries: await journal.append(tx, made.events) };
    });
    if (!done) return null;
    journal.published(done.entries);
    // it has happened: a screen that does not hear of it reads it later
    if (done.news) await tell(done.row, done.news);
    return done.row;
  }

  const tell = (row: ConversationRow, news: NonNullable<Change['news']>): Promise<void> =>
    conversations
      .changed({ id: row.id, row, ...news })
      .catch((error: unknown) =>
        log.warn({ err: error, conversationId: row.id }, 'a conversation could not be pushed'),
      );

  async function explainSome(
    ids: readonly ConversationId[],
    reasons: ReadonlyMap<ConversationId, AssignmentReason>,
  ): Promise<ConversationRow[]> {
    const reasonOf = ({ id }: ConversationRow): AssignmentReason | null => reasons.get(id) ?? null;
    const { same, changed, entries } = await db.transaction(async (tx) => {
      const locked = [...(await lockConversations(tx, ids)).values()];
      const waiting = locked.filter(({ state, joinedIntoId }) => state === 'waiting' && joinedIntoId === null);
      const kept = waiting.filter((row) => row.assignedBecause === reasonOf(row));
      const moves = waiting
        .filter((row) => !kept.includes(row))
        .map((row) => ({ row, input: null, changes: { assignedBecause: reasonOf(row) } }));
      const written = await moveConversations(tx, moves);
      // who is owed an answer changes by this one only
      const lonely = [...kept, ...written].filter((row) => row.assignedBecause === 'nobody_on_shift');
      const events = lonely.map((row) => unassignedEvent(row, { because: 'nobody_on_shift', from: null }));
      return { same: kept, changed: written, entries: await journal.append(tx, events) };
    });
    journal.published(entries);
    for (const row of changed) await tell(row, { formerOwnerId: null, alert: false });
    return [...same, ...changed];
  }

  const at = (): Date => new Date(clock.now());

  return {
    give: (id, { userId, because, by, candidates }, isStill) =>
      change(id, async (tx, before) => {
        if (!isStill(before)) return null;
        const from = before.state === 'assigned' ? before.ownerId : null;
        const changes = { ownerId: userId, assignedAt: at(), assignedBecause: because };
        const row = await moveConversation(tx, before, 'assign', changes);
        const event = assignedEvent(row, { because, from, ...(by === undefined ? {} : { by }) });
        const reasons = candidates ? { candidates: candidates.slice(0, assignmentLimits.candidates) } : {};
        return {
          row,
          events: [{ ...event, data: { ...event.data, ...reasons } }],
          news: { formerOwnerId: before.ownerId, alert: by !== userId },
        };
      }),
    release: (id, { because, keepsFormer, by }, isStill) =>
      change(id, async (tx, before) => {
        if (before.state !== 'assigned' || !isStill(before)) return null;
        const changes = { assignedAt: null, assignedBecause: because, ...(keepsFormer ? {} : { ownerId: null }) };
        const row = await moveConversation(tx, before, 'release', changes);
        const from = before.ownerId;
        const events = [unassignedEvent(row, { because, from, ...(by === undefined ? {} : { by }) })];
        return { row, events, news: { formerOwnerId: from, alert: false } };
      }),
    async explain(reasons) {
      const rows = new Map<ConversationId, ConversationRow>();
      const ids = [...reasons.keys()];
      while (ids.length > 0)
        for (const row of await explainSome(ids.splice(0, assignmentLimits.writtenAtOnce), reasons))
          rows.set(row.id, row);
      return rows;
    },
    async overdue(ids) {
      const { over, entries } = await db.transaction(async (tx) => {
        const locked = [...(await lockConversations(tx, ids)).values()];
        const isOver = ({ waitingSince, dueAt }: ConversationRow): boolean =>
          waitingSince !== null && dueAt !== null && dueAt <= at();
        const over = locked.filter((row) => row.joinedIntoId === null && isOver(row) && !isNotedOverdue(row));
        const overIds = over.map(({ id }) => id);
        if (over.length > 0) await noteOverdue(tx, overIds, clock.now());
        return { over: overIds, entries: await journal.append(tx, over.map(overdueEvent)) };
      });
      journal.published(entries);
      return new Set(over);
    },
    wroteFirst: (id, userId) =>
      change(id, async (tx, before) => {
        if (before.state !== 'answered' || before.ownerId === userId) return null;
        const row = await changeConversation(tx, before, { ownerId: userId, assignedBecause: 'wrote_first' });
        return { row, events: [], news: { formerOwnerId: before.ownerId, alert: false } };
      }),
  };
}
