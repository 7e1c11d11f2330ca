import type { Executor } from '../../../db/client.ts';
import type { AccountId, AttachmentId, ConversationId, MessageId } from '../../kernel/ids.ts';
import { partsJson } from './store.ts';

/** One attempt that has begun: everything that goes on the wire. */
export interface ClaimedMessage {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly attempt: number;
  readonly startedAt: number;
  /** Somebody whom it goes to refused after it was written: it must not leave. */
  readonly isRefused: boolean;
  readonly nature: 'person' | 'auto' | 'notice' | 'bulk';
  readonly from: { readonly address: string; readonly name: string };
  readonly to: readonly { readonly address: string; readonly name: string }[];
  readonly cc: readonly { readonly address: string; readonly name: string }[];
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly references: readonly string[];
  readonly createdAt: number;
  readonly partsDone: Readonly<Record<number, string>>;
  readonly attachments: readonly ClaimedAttachment[];
}

export interface ClaimedAttachment {
  readonly id: AttachmentId;
  readonly name: string;
  readonly type: string;
  readonly sha256: string;
  readonly contentId: string | null;
  readonly isInline: boolean;
}

interface ClaimedColumns {
  readonly id: MessageId;
  readonly conversation_id: ConversationId;
  readonly attempts: number;
  readonly started_at: Date;
  readonly is_refused?: boolean;
  readonly nature: ClaimedMessage['nature'];
  readonly from_address: string;
  readonly from_name: string;
  readonly to: ClaimedMessage['to'];
  readonly cc: ClaimedMessage['cc'];
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly references: readonly string[];
  readonly at: Date;
  readonly parts: readonly { readonly part: number; readonly providerId: string }[] | null;
  readonly files: readonly ClaimedAttachment[] | null;
}

const claimedOf = (row: ClaimedColumns): ClaimedMessage => ({
  id: row.id,
  conversationId: row.conversation_id,
  attempt: row.attempts,
  startedAt: row.started_at.getTime(),
  isRefused: row.is_refused ?? false,
  nature: row.nature,
  from: { address: row.from_address, name: row.from_name },
  to: row.to,
  cc: row.cc,
  subject: row.subject,
  text: row.text,
  html: row.html,
  references: row.references,
  createdAt: row.at.getTime(),
  partsDone: Object.fromEntries((row.parts ?? []).map(({ part, providerId }) => [part, providerId])),
  attachments: row.files ?? [],
});

/** The message's own columns, for the wire. */
const wireColumns = `m.from_address, m.from_name, m."to", m.cc, m.subject, m.text, m.html, m."references", m.at, ${partsJson} AS parts,
  (SELECT json_agg(json_build_object('id', f.id, 'name', f.name, 'type', f.type, 'sha256', f.sha256, 'contentId', f.content_id,
      'isInline', f.is_inline) ORDER BY f.position, f.id) FROM attachments f WHERE f.message_id = o.id) AS files`;

/**
 * What goes before message `o` to the same client through the same account: one that is under way, an earlier one that is due or
 * is being tried again, an earlier one in doubt for as long as it may hold up others. An earlier mailing never holds up a
 * person's word, nor does what waits for its hour.
 */
const goesBefore = `SELECT 1 FROM message_outbox e
  WHERE e.client_id = o.client_id AND e.account_id = o.account_id AND e.state IN ('held', 'queued', 'sending', 'unconfirmed')
    AND (e.state = 'sending'
      OR (e.seq < o.seq AND e.priority <= o.priority
        AND ((e.state = 'unconfirmed' AND e.blocks_until > $2)
          OR (e.state IN ('held', 'queued') AND (e.attempts > 0 OR e.not_before <= $2 OR e.blocks_until > $2)
            AND (e.expires_at IS NULL OR e.expires_at > $2)))))`;

/**
 * Whether a word that came after message `m` of row `o` was written forbids it: a refusal that covers its channel and purpose,
 * of the person or of one of the recipients, and no later word that allows it again. The gate saw all earlier ones.
 */
const isRefused = `EXISTS (
  SELECT 1 FROM (
    SELECT 'client' AS kind, o.client_id::text AS value
    UNION ALL SELECT CASE m.channel WHEN 'sms' THEN 'phone' WHEN 'email' THEN 'email' ELSE 'visitor' END, r->>'address'
      FROM jsonb_array_elements(m."to" || m.cc) r
  ) his JOIN LATERAL (
    SELECT c.state FROM consents c
    WHERE c.kind = his.kind AND c.value = his.value AND c.at > o.created_at
      AND (c.channel IS NULL OR c.channel = m.channel) AND (c.purpose IS NULL OR c.purpose = m.purpose)
    ORDER BY c.at DESC, c.id DESC LIMIT 1
  ) word ON word.state = 'refused')`;

/**
 * Begins attempts: due messages of an account, most urgent first, at most one for each client. When this is committed, rows
 * say `sending` with a lease; only then may anything go out.
 */
export async function claimDue(
  db: Executor,
  account: AccountId,
  { now, leaseMs, limit }: { readonly now: number; readonly leaseMs: number; readonly limit: number },
): Promise<ClaimedMessage[]> {
  const rows = await db.run<ClaimedColumns>({
    name: 'outbox_claim',
    text: `WITH due AS (
             SELECT o.id FROM message_outbox o
             WHERE o.account_id = $1 AND o.state IN ('held', 'queued') AND o.not_before <= $2
               AND (o.expires_at IS NULL OR o.expires_at > $2) AND NOT EXISTS (${goesBefore})
             ORDER BY o.priority, o.not_before, o.seq LIMIT $4 FOR UPDATE OF o SKIP LOCKED
           ), o AS (
             UPDATE message_outbox o SET state = 'sending', attempts = o.attempts + 1, lease_until = $3, blocks_until = NULL
             FROM due WHERE o.id = due.id
             RETURNING o.id, o.seq, o.priority, o.conversation_id, o.client_id, o.created_at, o.attempts, o.nature
           ), attempted AS (
             INSERT INTO message_attempts (message_id, attempt, started_at) SELECT id, attempts, $2 FROM o
             ON CONFLICT (message_id, attempt) DO UPDATE
               SET started_at = excluded.started_at, ended_at = NULL, result = NULL, detail = ''
           )
           SELECT o.id, o.conversation_id, o.attempts, $2::timestamptz AS started_at, o.nature, ${isRefused} AS is_refused,
             ${wireColumns}
           FROM o JOIN messages m ON m.id = o.id ORDER BY o.priority, o.seq`,
    values: [account, new Date(now), new Date(now + leaseMs), limit],
  });
  return rows.map(claimedOf);
}

/**
 * Doubtful attempts whose settle time is over, to be asked about; `again` is when somebody else may, should this process die.
 */
export async function claimDoubtful(
  db: Executor,
  account: AccountId,
  { now, again, limit }: { readonly now: number; readonly again: number; readonly limit: number },
): Promise<ClaimedMessage[]> {
  const rows = await db.run<ClaimedColumns>({
    name: 'outbox_claim_doubtful',
    text: `WITH due AS (
             SELECT o.id FROM message_outbox o
             WHERE o.account_id = $1 AND o.state = 'unconfirmed' AND o.lease_until <= $2
             ORDER BY o.lease_until LIMIT $4 FOR UPDATE OF o SKIP LOCKED
           ), o AS (
             UPDATE message_outbox o SET lease_until = $3 FROM due WHERE o.id = due.id
             RETURNING o.id, o.seq, o.conversation_id, o.attempts, o.nature
           )
           SELECT o.id, o.conversation_id, o.attempts, coalesce(a.started_at, $2) AS started_at, o.nature, ${wireColumns}
           FROM o JOIN messages m ON m.id = o.id
           LEFT JOIN message_attempts a ON a.message_id = o.id AND a.attempt = o.attempts ORDER BY o.seq`,
    values: [account, new Date(now), new Date(again), limit],
  });
  return rows.map(claimedOf);
}

/** When something of this account falls due, milliseconds since the epoch; null = nothing is open. */
export interface NextDue {
  /** A message may leave. */
  readonly sendAt: number | null;
  /** A doubt, a dead attempt or a message past its time is to be looked after. */
  readonly sweepAt: number | null;
}

export async function nextDue(db: Executor, account: AccountId, now: number): Promise<NextDue> {
  const [row] = await db.run<{ send_at: Date | null; sweep_at: Date | null }>({
    name: 'outbox_next_due',
    text: `SELECT least(
             (SELECT min(not_before) FROM message_outbox
              WHERE account_id = $1 AND state IN ('held', 'queued') AND not_before > $2),
             (SELECT min(blocks_until) FROM message_outbox
              WHERE account_id = $1 AND state = 'unconfirmed' AND blocks_until > $2)) AS send_at,
           least(
             (SELECT min(expires_at) FROM message_outbox WHERE account_id = $1 AND state IN ('held', 'queued')),
             (SELECT min(lease_until) FROM message_outbox
              WHERE account_id = $1 AND state IN ('sending', 'unconfirmed'))) AS sweep_at`,
    values: [account, new Date(now)],
  });
  return { sendAt: row?.send_at?.getTime() ?? null, sweepAt: row?.sweep_at?.getTime() ?? null };
}
