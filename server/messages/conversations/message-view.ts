import type { Executor } from '../../../db/client.ts';
import type { AttachmentView, DeliveryView, MailAddress, MessageView } from '../../contract/messages-schemas.ts';
import type { MessageChannelName } from '../../contract/messages-words.ts';
import type { ClientId, ConversationId, MessageId } from '../../kernel/ids.ts';
import type { MailReading } from '../context.ts';
import { attachmentsOf, deliveryJson } from './message-store.ts';

/** A message with everything that its pages and files need. */
export interface StoredMessage {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly clientId: ClientId;
  readonly channel: MessageChannelName;
  readonly direction: 'in' | 'out';
  readonly at: Date;
  readonly user: MessageView['user'];
  readonly fromAddress: string;
  readonly fromName: string;
  readonly to: MailAddress[];
  readonly cc: MailAddress[];
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly rawSha256: string | null;
  readonly askConversationId: ConversationId | null;
  readonly facts: Record<string, string>;
  readonly attachments: AttachmentView[];
  readonly delivery: DeliveryView | null;
}

const messageText = `
  SELECT m.id, m.conversation_id AS "conversationId", c.client_id AS "clientId", m.channel, m.direction, m.at,
    CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS "user",
    m.from_address AS "fromAddress", m.from_name AS "fromName", m."to", m.cc, m.subject, m.text, m.html,
    m.raw_sha256 AS "rawSha256", m.ask_conversation_id AS "askConversationId", m.facts,
    ${attachmentsOf('m.id')} AS attachments, ${deliveryJson} AS delivery
  FROM messages m JOIN conversations c ON c.id = m.conversation_id LEFT JOIN users u ON u.id = m.user_id
  LEFT JOIN message_outbox o ON o.id = m.id
  WHERE m.id = $1`;

/** A message, or null. */
export async function readMessage(db: Executor, id: MessageId): Promise<StoredMessage | null> {
  const [row] = await db.run<StoredMessage>({ name: 'message_opened', text: messageText, values: [id] });
  return row ?? null;
}

type AttemptRow = Omit<MessageView['attempts'][number], 'startedAt' | 'endedAt'> & {
  startedAt: Date;
  endedAt: Date | null;
};

/** Attempts to send a message, in order. */
export async function readAttempts(db: Executor, id: MessageId): Promise<MessageView['attempts']> {
  const rows = await db.run<AttemptRow>({
    name: 'message_attempts_of',
    text: `SELECT attempt, started_at AS "startedAt", ended_at AS "endedAt", result, detail FROM message_attempts
           WHERE message_id = $1 ORDER BY attempt`,
    values: [id],
  });
  return rows.map(({ startedAt, endedAt, ...same }) => ({
    ...same,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  }));
}

/** The message opened. */
export function messageView(
  message: StoredMessage,
  attempts: MessageView['attempts'],
  reading: MailReading,
): MessageView {
  const { fromAddress, fromName, text, html, rawSha256, at, askConversationId: _, ...same } = message;
  const nothing = { cidUrl: () => null, pictures: false };
  return {
    ...same,
    at: at.toISOString(),
    from: { address: fromAddress, name: fromName },
    parts: [...reading.parts(text)],
    hasHtml: html !== null,
    blockedPictures: html === null ? 0 : reading.safeHtml(html, nothing).blockedPictures,
    hasRaw: rawSha256 !== null,
    attempts,
  };
}
