import type { ConversationId } from '../../kernel/ids.ts';
import type { JournalEntry } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import type { Conversations } from '../rooms.ts';
import { assignmentLimits } from './limits.ts';

type Options = Pick<MessagesContext, 'db' | 'clock' | 'journal'> & { readonly conversations: Conversations };

interface Talk {
  readonly clientId: number;
  readonly endedAt: number;
}

/** A talk that counts as an answer: with whom, and until when. */
const talkText = `
  SELECT client_id AS "clientId", (extract(epoch FROM coalesce(ended_at, $2)) * 1000)::float8 AS "endedAt"
  FROM interactions WHERE id = $1 AND answered_at IS NOT NULL`;

const waitingText = `
  SELECT id FROM conversations
  WHERE client_id = $1 AND state IN ('waiting', 'assigned') AND joined_into_id IS NULL AND waiting_since <= $2
  ORDER BY id`;

/** Whether this is the end of a talk that was long enough to be an answer. */
export function isAnsweringTalk({ type, data }: JournalEntry): boolean {
  const talkMs = data?.['talkMs'];
  return type === 'interaction.ended' && typeof talkMs === 'number' && talkMs >= assignmentLimits.talkMs;
}

/**
 * Who was talked to waits no more, whatever he had written before the talk was over, on every channel: the ball is in his
 * court. A wait that is over already is left alone, so a talk may be told twice.
 */
export async function answerByTalk(options: Options, { interactionId, userId }: JournalEntry): Promise<void> {
  const { db, clock, journal, conversations } = options;
  const [talk] = await db.run<Talk>({
    name: 'talk_of_interaction',
    text: talkText,
    values: [interactionId ?? null, new Date(clock.now())],
  });
  if (!talk) return;
  const until = Math.min(talk.endedAt, clock.now());
  const values = [talk.clientId, new Date(until)];
  const rows = await db.run<{ id: ConversationId }>({ name: 'waiting_of_client', text: waitingText, values });
  for (const { id } of rows) {
    const by = { userId: userId ?? null, messageId: null, at: until };
    const entries = await db.transaction(async (tx) => journal.append(tx, await conversations.answered(tx, id, by)));
    journal.published(entries);
    await conversations.changed({ id, alert: false });
  }
}
