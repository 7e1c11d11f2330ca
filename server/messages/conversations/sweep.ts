import type { ConversationId } from '../../kernel/ids.ts';
import type { MessagesContext } from '../context.ts';
import { closedEvents } from '../conversation-events.ts';
import { lockConversation, moveConversation } from '../conversation-store.ts';
import { isSilent } from '../join.ts';
import { deleteOldDraftFiles } from './attachment-store.ts';
import type { FileStore } from './file-store.ts';
import { closeAfterDays } from './open.ts';

const dayMs = 24 * 60 * 60_000;
/** Files of drafts are kept so long. */
const draftFileMs = 2 * dayMs;
/** Conversations that one round closes. */
const batch = 200;

export interface SweepOptions extends Pick<MessagesContext, 'db' | 'clock' | 'journal' | 'log'> {
  readonly files: FileStore;
}

/** Takes away files of drafts that nobody sent, and closes answered conversations that were silent for too long. */
export async function sweep(options: SweepOptions): Promise<void> {
  const { db, clock, files } = options;
  const before = clock.now() - draftFileMs;
  for (const sha256 of await deleteOldDraftFiles(db, new Date(before)))
    await files.removeOld('attachments', sha256, before);
  await closeSilent(options);
}

async function closeSilent({ db, clock, journal, log }: SweepOptions): Promise<void> {
  const days = await closeAfterDays(db);
  const now = clock.now();
  const found = await db.run<{ id: ConversationId }>({
    name: 'conversations_silent',
    text: `SELECT id FROM conversations WHERE state = 'answered' AND last_message_at < $1 ORDER BY last_message_at LIMIT $2`,
    values: [new Date(now - days * dayMs), batch],
  });
  for (const { id } of found) {
    const entries = await db.transaction(async (tx) => {
      const row = await lockConversation(tx, id);
      if (row.state !== 'answered' || !isSilent(row, now, days)) return [];
      await moveConversation(tx, row, 'close', { closedAt: new Date(now) });
      return journal.append(tx, closedEvents(row, { userId: null, at: now, because: 'silence' }));
    });
    journal.published(entries);
  }
  if (found.length > 0) log.info({ count: found.length }, 'conversations without a word were closed');
}
