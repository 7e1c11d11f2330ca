import type { Executor } from '../../../db/client.ts';
import type { ConversationState, MessageChannelName } from '../../contract/messages-words.ts';
import type { AddressId, ClientId, ConversationId, MessageId } from '../../kernel/ids.ts';
import {
  type JoiningMessage,
  type KnownConversation,
  type KnownConversations,
  nothingKnown,
  subjectDays,
} from '../join.ts';

interface KnownRow {
  by: 'token' | 'sent' | 'received' | 'subject' | 'pair';
  key: string;
  id: ConversationId;
  client_id: ClientId;
  address_id: AddressId;
  state: ConversationState;
  last_message_at: Date;
  closed_at: Date | null;
  participants: string[];
}

const knownText = `
  WITH RECURSIVE named AS (
    SELECT 'token' AS by, token.id AS key, token.id AS id FROM unnest($2::text[]) AS token (id)
    UNION ALL
    SELECT 'sent', m.id, m.conversation_id FROM messages m WHERE m.id = ANY($3::text[]) AND m.direction = 'out'
    UNION ALL
    SELECT 'received', m.provider_id, m.conversation_id FROM messages m
    WHERE m.provider_id = ANY($4::text[]) AND m.channel = $1
    UNION ALL
    (SELECT 'subject', '', k.id FROM conversations k
     WHERE k.subject_key = $5 AND k.last_message_at >= $6 AND k.channel = $1 AND k.joined_into_id IS NULL
       AND EXISTS (SELECT FROM conversation_participants p WHERE p.conversation_id = k.id AND p.address = $7)
     ORDER BY k.last_message_at DESC, k.id DESC LIMIT 1)
  ), resolved AS (
    SELECT by, key, id FROM named
    UNION
    SELECT r.by, r.key, k.joined_into_id FROM resolved r JOIN conversations k ON k.id = r.id
    WHERE k.joined_into_id IS NOT NULL
  )
  SELECT r.by, r.key, k.id, k.client_id, k.address_id, k.state, k.last_message_at, k.closed_at,
    ARRAY(SELECT p.address FROM conversation_participants p WHERE p.conversation_id = k.id) AS participants
  FROM resolved r JOIN conversations k ON k.id = r.id
  WHERE k.joined_into_id IS NULL AND k.channel = $1
  ORDER BY k.last_message_at DESC, k.id DESC`;

const pairText = `
  SELECT 'pair' AS by, '' AS key, k.id, k.client_id, k.address_id, k.state, k.last_message_at, k.closed_at, ARRAY[k.peer] AS participants
  FROM conversations k
  WHERE k.channel = $1 AND k.peer = $2 AND k.address_id = $3 AND k.client_id = $4 AND k.joined_into_id IS NULL
  ORDER BY k.last_message_at DESC, k.id DESC LIMIT 1`;

const knownOf = (row: KnownRow): KnownConversation => ({
  id: row.id,
  clientId: row.client_id,
  addressId: row.address_id,
  state: row.state,
  lastMessageAt: row.last_message_at,
  closedAt: row.closed_at,
  participants: new Set(row.participants),
});

const dayMs = 24 * 60 * 60_000;

/** What the evidence of a letter leads to, in one round trip. */
export async function readNamed(db: Executor, message: JoiningMessage): Promise<KnownConversations> {
  const { channel, senders, at, evidence } = message;
  const { conversationIds, sentIds, messageIds, subject } = evidence;
  if (conversationIds.length + sentIds.length + messageIds.length === 0 && subject === null) return nothingKnown;
  const since = new Date(at - subjectDays * dayMs);
  const values = [channel, conversationIds, sentIds, messageIds, subject, since, senders[0] ?? ''];
  const rows = await db.run<KnownRow>({ name: 'conversations_named', text: knownText, values });
  const by = (kind: KnownRow['by']): KnownRow[] => rows.filter((row) => row.by === kind);
  return {
    ...nothingKnown,
    byId: new Map(by('token').map((row) => [row.key, knownOf(row)])),
    ofSent: new Map(by('sent').map((row) => [row.key as MessageId, knownOf(row)])),
    ofReceived: new Map(
      [...Map.groupBy(by('received'), ({ key }) => key)].map(([key, found]) => [key, found.map(knownOf)]),
    ),
    sameSubject: by('subject').map(knownOf)[0] ?? null,
  };
}

/** The latest conversation of a client between two addresses. */
export async function readPair(
  db: Executor,
  pair: {
    readonly channel: MessageChannelName;
    readonly peer: string;
    readonly addressId: AddressId;
    readonly clientId: ClientId;
  },
): Promise<KnownConversations> {
  const values = [pair.channel, pair.peer, pair.addressId, pair.clientId];
  const [row] = await db.run<KnownRow>({ name: 'conversation_of_pair', text: pairText, values });
  return { ...nothingKnown, samePair: row ? knownOf(row) : null };
}
