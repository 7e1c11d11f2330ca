import type { Executor } from '../../../db/client.ts';
import type { AddressRef, ConsentView, SuppressionView } from '../../contract/messages-schemas.ts';
import type { ConsentState, MessageChannelName, MessagePurpose } from '../../contract/messages-words.ts';
import { AppError } from '../../kernel/errors.ts';
import type { AccountId, AddressId, AttachmentId, ClientId, ConversationId } from '../../kernel/ids.ts';
import type { ConsentNote } from '../rooms.ts';
import type { ConsentFact, SuppressionFact } from './facts.ts';

const dayMs = 24 * 60 * 60_000;
/** Words of one person that are looked at: the latest. */
const maxConsents = 500;

/** What the gate is asked about, as far as it is known before anything is read. */
export interface Question {
  readonly clientId: ClientId;
  readonly channel: MessageChannelName;
  readonly conversationId: ConversationId | null;
  readonly addressId: AddressId | null;
  readonly attachmentIds: readonly AttachmentId[];
  readonly now: number;
}

/** The setting and the client's side of the question. */
export interface Situation {
  readonly timeZone: string;
  /** Primary number or mail address of the card, by channel. */
  readonly primary: string | null;
  readonly region: string;
  readonly companyTimeZone: string;
  readonly peer: string | null;
  readonly from: (AddressRef & { readonly accountId: AccountId; readonly isOn: boolean }) | null;
  readonly attachmentBytes: number;
  readonly marketingThisWeek: number;
  readonly clientWroteAt: Date | null;
  readonly quietFrom: string;
  readonly quietTo: string;
  readonly marketingPerWeek: number;
  readonly consentRequired: boolean;
  readonly undoSeconds: number;
}

interface SituationColumns {
  readonly time_zone: string;
  readonly primary_value: string | null;
  readonly region: string;
  readonly company_time_zone: string;
  readonly peer: string | null;
  readonly address: (AddressRef & { readonly accountId: AccountId; readonly isOn: boolean }) | null;
  readonly attachment_bytes: number;
  readonly marketing: number;
  readonly client_wrote_at: Date | null;
  readonly quiet_from: string;
  readonly quiet_to: string;
  readonly marketing_per_week: number;
  readonly consent_required: boolean;
  readonly undo_seconds: number;
}

/** Our address that a message goes out from: the one that was asked for, the conversation's, the channel's default. */
const fromAddress = `
  SELECT json_build_object('id', a.id, 'channel', a.channel, 'value', a.value, 'name', a.name, 'accountId', a.account_id,
           'isOn', t.enabled)
  FROM channel_addresses a JOIN channel_accounts t ON t.id = a.account_id
  LEFT JOIN conversations k ON k.id = $3
  WHERE a.channel = $2 AND ($4::bigint IS NULL OR a.id = $4)
  ORDER BY a.id IS NOT DISTINCT FROM coalesce($4, k.address_id) DESC, t.enabled DESC, a.is_default DESC, a.id LIMIT 1`;

/** @throws AppError `not_found` */
export async function readSituation(db: Executor, question: Question): Promise<Situation> {
  const { now, channel } = question;
  const [row] = await db.run<SituationColumns>({
    name: 'gate_situation',
    text: `SELECT c.time_zone,
             (SELECT p.value FROM contact_points p WHERE p.client_id = c.id AND p.kind = $5
              ORDER BY p.is_primary DESC, p.id LIMIT 1) AS primary_value,
             f.region, f.time_zone AS company_time_zone,
             (SELECT k.peer FROM conversations k WHERE k.id = $3) AS peer,
             (${fromAddress}) AS address,
             (SELECT coalesce(sum(bytes), 0)::int FROM attachments WHERE id = ANY($6::text[])) AS attachment_bytes,
             (SELECT count(*)::int FROM message_outbox o JOIN messages m ON m.id = o.id
              JOIN conversations k ON k.id = m.conversation_id
              WHERE k.client_id = c.id AND m.purpose = 'marketing' AND m.at > $8
                AND o.state NOT IN ('undone', 'dead', 'failed')) AS marketing,
             (SELECT max(m.at) FROM conversations k JOIN messages m ON m.conversation_id = k.id
              WHERE k.client_id = c.id AND k.channel = $2 AND m.direction = 'in' AND m.origin = 'client'
                AND m.nature = 'human' AND m.at > $7) AS client_wrote_at,
             s.quiet_from, s.quiet_to, s.marketing_per_week, s.consent_required, s.undo_seconds
           FROM clients c CROSS JOIN company f CROSS JOIN message_settings s WHERE c.id = $1`,
    values: [
      question.clientId,
      channel,
      question.conversationId,
      question.addressId,
      channel === 'sms' ? 'phone' : 'email',
      question.attachmentIds,
      new Date(now - dayMs),
      new Date(now - 7 * dayMs),
    ],
  });
  if (!row) throw new AppError('not_found', `there is no card ${question.clientId}`);
  return {
    timeZone: row.time_zone,
    primary: row.primary_value,
    region: row.region,
    companyTimeZone: row.company_time_zone,
    peer: row.peer,
    from: row.address,
    attachmentBytes: row.attachment_bytes,
    marketingThisWeek: row.marketing,
    clientWroteAt: row.client_wrote_at,
    quietFrom: row.quiet_from,
    quietTo: row.quiet_to,
    marketingPerWeek: row.marketing_per_week,
    consentRequired: row.consent_required,
    undoSeconds: row.undo_seconds,
  };
}

interface ConsentColumns {
  readonly kind: ConsentFact['kind'];
  readonly value: string;
  readonly channel: ConsentFact['channel'];
  readonly purpose: MessagePurpose | null;
  readonly state: ConsentState;
  readonly at: Date;
  readonly evidence: string;
}

/** Ids of a card and of those that were emptied into it, as consents name them: what was said of him there is said of him. */
const cardsOf = (card: string): string => `WITH RECURSIVE card AS (
  SELECT ${card}::bigint AS id UNION SELECT e.id FROM clients e JOIN card ON e.merged_into_id = card.id
) SELECT id::text FROM card`;

/** What was said of these addresses, and of the person; the latest first. */
export async function readConsents(
  db: Executor,
  kind: ConsentFact['kind'],
  values: readonly string[],
  clientId: ClientId | null,
): Promise<ConsentFact[]> {
  return db.run<ConsentColumns>({
    name: 'gate_consents',
    text: `SELECT kind, value, channel, purpose, state, at, evidence FROM consents
           WHERE (kind = $1 AND value = ANY($2::text[])) OR (kind = 'client' AND value = ANY(ARRAY(${cardsOf('$3')})))
           ORDER BY at DESC, id DESC LIMIT ${maxConsents}`,
    values: [kind, values, clientId],
  });
}

export async function readSuppressions(
  db: Executor,
  channel: MessageChannelName,
  values: readonly string[],
): Promise<SuppressionFact[]> {
  return db.run<SuppressionFact>({
    name: 'gate_suppressions',
    text: `SELECT value, reason, evidence, at, until, failures FROM suppressions
           WHERE channel = $1 AND value = ANY($2::text[])`,
    values: [channel, values],
  });
}

export async function insertConsent(tx: Executor, note: ConsentNote, at: Date): Promise<void> {
  await tx.run({
    name: 'gate_note_consent',
    text: `INSERT INTO consents (at, kind, value, channel, purpose, state, source, evidence, message_id, user_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      at,
      note.kind,
      note.value,
      note.channel,
      note.purpose,
      note.state,
      note.source,
      note.evidence,
      note.messageId,
      note.userId,
    ],
  });
}

interface ViewColumns extends ConsentColumns {
  readonly id: number;
  readonly source: ConsentView['source'];
  readonly message_id: string | null;
  readonly user: ConsentView['user'];
}

const valuesOfClient = `SELECT p.kind, p.value FROM contact_points p WHERE p.client_id = $1
  UNION SELECT 'client', known.id FROM (${cardsOf('$1')}) known (id)
  UNION SELECT CASE k.channel WHEN 'sms' THEN 'phone' WHEN 'email' THEN 'email' ELSE 'visitor' END, k.peer
    FROM conversations k WHERE k.client_id = $1`;

/** Everything that a client said, by any of his addresses, the latest first. */
export async function readConsentViews(db: Executor, clientId: ClientId): Promise<ConsentView[]> {
  const rows = await db.run<ViewColumns>({
    name: 'gate_consent_views',
    text: `WITH his AS (${valuesOfClient})
           SELECT s.id, s.at, s.kind, s.value, s.channel, s.purpose, s.state, s.source, s.evidence, s.message_id,
             CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS "user"
           FROM consents s JOIN his ON his.kind = s.kind AND his.value = s.value LEFT JOIN users u ON u.id = s.user_id
           ORDER BY s.at DESC, s.id DESC LIMIT ${maxConsents}`,
    values: [clientId],
  });
  return rows.map(({ at, message_id, ...row }) => ({ ...row, at: at.toISOString(), messageId: message_id }));
}

interface SuppressionColumns {
  readonly channel: MessageChannelName;
  readonly value: string;
  readonly reason: SuppressionFact['reason'];
  readonly evidence: string;
  readonly at: Date;
  readonly until: Date | null;
}

/** Addresses of a client that are closed. Those whose failures are still being counted are not. */
export async function readSuppressionViews(
  db: Executor,
  clientId: ClientId,
  softFailures: number,
): Promise<SuppressionView[]> {
  const rows = await db.run<SuppressionColumns>({
    name: 'gate_suppression_views',
    text: `WITH his AS (${valuesOfClient})
           SELECT DISTINCT s.channel, s.value, s.reason, s.evidence, s.at, s.until FROM suppressions s
           JOIN his ON his.value = s.value
             AND his.kind = CASE s.channel WHEN 'sms' THEN 'phone' WHEN 'email' THEN 'email' ELSE 'visitor' END
           WHERE s.reason <> 'unreachable' OR s.failures >= $2 ORDER BY s.at DESC`,
    values: [clientId, softFailures],
  });
  return rows.map((row) => ({ ...row, at: row.at.toISOString(), until: row.until?.toISOString() ?? null }));
}

/** @returns whether there was one */
export async function deleteSuppression(tx: Executor, channel: MessageChannelName, value: string): Promise<boolean> {
  const rows = await tx.run<{ value: string }>({
    name: 'gate_lift',
    text: 'DELETE FROM suppressions WHERE channel = $1 AND value = $2 RETURNING value',
    values: [channel, value],
  });
  return rows.length > 0;
}

/** Whether an address is one of ours, or had an automatic answer lately. */
export async function hadAutoReply(
  tx: Executor,
  { channel, address, now }: { readonly channel: MessageChannelName; readonly address: string; readonly now: number },
): Promise<boolean> {
  const [row] = await tx.run<{ found: boolean }>({
    name: 'gate_had_auto_reply',
    text: `SELECT EXISTS (SELECT 1 FROM channel_addresses WHERE channel = $1 AND value = $2)
             OR EXISTS (SELECT 1 FROM conversations k JOIN messages m ON m.conversation_id = k.id AND m.at > $3
                        WHERE k.channel = $1 AND k.peer = $2 AND m.direction = 'out' AND m.origin = 'rule') AS found`,
    values: [channel, address, new Date(now - dayMs)],
  });
  return row?.found ?? false;
}
