import { eq } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import { timelineEntries } from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../access/route.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConversationId, DispositionId, EntryId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import { assignedEvent, closedEvents, waitingEvent } from '../conversation-events.ts';
import {
  type ConversationRow,
  changeConversation,
  lockConversation,
  moveConversation,
  readConversation,
} from '../conversation-store.ts';
import { dueOf } from '../due.ts';

type OperationsContext = Pick<MessagesContext, 'db' | 'clock' | 'journal' | 'setup' | 'clients'>;

/** @throws AppError `not_found`, also for a client whom this user may not see */
export async function visibleConversation(
  { db, clients }: Pick<MessagesContext, 'db' | 'clients'>,
  id: ConversationId,
  user: SignedInUser,
): Promise<ConversationRow> {
  const row = await readConversation(db, id);
  if (!row) throw new AppError('not_found', `there is no conversation ${id}`);
  await clients.requireVisible(row.clientId, user);
  return row;
}

/** What people do with a conversation besides writing in it and saying who has it. Each answers the row as it is then. */
export function createConversationOperations(context: OperationsContext) {
  const { db, clock, journal, setup } = context;

  async function change(
    id: ConversationId,
    work: (tx: Executor, row: ConversationRow) => Promise<{ row: ConversationRow; events: readonly JournalEvent[] }>,
  ): Promise<ConversationRow> {
    const { row, entries } = await db.transaction(async (tx) => {
      const done = await work(tx, await lockConversation(tx, id));
      return { row: done.row, entries: await journal.append(tx, done.events) };
    });
    journal.published(entries);
    return row;
  }

  return {
    /**
     * Closed before, it stays as it is.
     * @throws AppError `not_found`, `forbidden` when it is somebody else's, `bad_request` for an outcome that there is not
     */
    async close(id: ConversationId, dispositionId: number | null, user: SignedInUser): Promise<ConversationRow> {
      const seen = await visibleConversation(context, id, user);
      if (dispositionId !== null && !setup.dispositions.some((row) => row.id === dispositionId))
        throw new AppError('bad_request', `there is no outcome ${dispositionId}`);
      return change(seen.id, async (tx, before) => {
        const isOthers = before.state === 'assigned' && before.ownerId !== user.id;
        if (isOthers && user.role === 'agent') throw new AppError('forbidden', 'somebody else has this conversation');
        if (dispositionId !== null) await noteOutcome(tx, before.id, dispositionId);
        if (before.state === 'closed') return { row: before, events: [] };
        const at = clock.now();
        const ended = { waitingSince: null, dueAt: null, unread: 0, closedAt: new Date(at) };
        const row = await moveConversation(tx, before, 'close', ended);
        return { row, events: closedEvents(before, { userId: user.id, at }) };
      });
    },

    /** @throws AppError `not_found`, `illegal_transition` when the client waits in it anyway */
    async reopen(id: ConversationId, user: SignedInUser): Promise<ConversationRow> {
      const seen = await visibleConversation(context, id, user);
      return change(seen.id, async (tx, before) => {
        const now = new Date(clock.now());
        const row = await moveConversation(tx, before, 'reopen', {
          waitingSince: now,
          dueAt: dueOf(setup, before.queueId, now),
          closedAt: null,
          ownerId: user.id,
          assignedAt: now,
          assignedBecause: 'taken',
        });
        const by = { because: 'taken', from: null, by: user.id } as const;
        return { row, events: [waitingEvent(row), assignedEvent(row, by)] };
      });
    },

    /** @throws AppError `not_found` */
    async read(id: ConversationId, user: SignedInUser): Promise<ConversationRow> {
      const seen = await visibleConversation(context, id, user);
      return change(seen.id, async (tx, before) => {
        const row = before.unread === 0 ? before : await changeConversation(tx, before, { unread: 0 });
        return { row, events: [] };
      });
    },
  };
}

/** The outcome stands with the last message, as it stands with a call. */
async function noteOutcome(tx: Executor, id: ConversationId, dispositionId: number): Promise<void> {
  const [last] = await tx.run<{ id: EntryId }>({
    name: 'conversation_last_message',
    text: 'SELECT id FROM messages WHERE conversation_id = $1 ORDER BY at DESC, id DESC LIMIT 1',
    values: [id],
  });
  if (!last) return;
  const set = { dispositionId: dispositionId as DispositionId };
  await tx.orm.update(timelineEntries).set(set).where(eq(timelineEntries.id, last.id));
}
