import type { Executor } from '../../../db/client.ts';
import type { OwedClient } from '../../contract/schemas.ts';
import type { OwedRow } from '../../contract/tasks-schemas.ts';
import type { OwedChannel, OwedClosing, OwedKind, OwnerReason } from '../../contract/tasks-words.ts';
import type { ClientId, UserId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';

interface Row {
  id: number;
  version: number;
  client: OwedRow['client'];
  kind: OwedKind;
  number: string;
  line_name: string;
  first_at: Date;
  last_at: Date;
  times: number;
  due_at: Date;
  owner: OwedRow['owner'];
  owner_reason: OwnerReason | null;
  interaction_ids: string[];
  conversation_ids: string[];
  channels: OwedChannel[];
  closed_at: Date | null;
  closed_because: OwedClosing | null;
  closed_by_interaction_id: string | null;
  closer: OwedRow['owner'];
  closed_note: string;
}

const viewText = `
  SELECT o.id, o.version, o.kind, o.number, o.line_name, o.first_at, o.last_at, o.times, o.due_at, o.owner_reason,
         o.interaction_ids, o.conversation_ids, o.channels, o.closed_at, o.closed_because, o.closed_by_interaction_id, o.closed_note,
         json_build_object('id', c.id, 'name', c.name, 'company', c.company) AS client,
         CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS owner,
         CASE WHEN k.id IS NOT NULL THEN json_build_object('id', k.id, 'name', k.name) END AS closer
  FROM owed o JOIN clients c ON c.id = o.client_id
  LEFT JOIN users u ON u.id = o.owner_id LEFT JOIN users k ON k.id = o.closed_by_id`;

const viewOf = (row: Row): OwedRow => ({
  id: row.id,
  version: row.version,
  client: row.client,
  kind: row.kind,
  channels: row.channels,
  number: row.number,
  lineName: row.line_name,
  firstAt: row.first_at.toISOString(),
  lastAt: row.last_at.toISOString(),
  times: row.times,
  dueAt: row.due_at.toISOString(),
  owner: row.owner,
  ownerReason: row.owner_reason,
  interactionIds: row.interaction_ids,
  conversationIds: row.conversation_ids,
  closed:
    row.closed_at && row.closed_because
      ? {
          at: row.closed_at.toISOString(),
          because: row.closed_because,
          interactionId: row.closed_by_interaction_id,
          user: row.closer,
          note: row.closed_note,
        }
      : null,
});

export async function readRow(db: Executor, id: number): Promise<OwedRow | null> {
  const [row] = await db.run<Row>({ name: 'owed_row', text: `${viewText} WHERE o.id = $1`, values: [id] });
  return row ? viewOf(row) : null;
}

/** What we owe a client and owed before, the newest first. */
export async function readOfClient(db: Executor, clientId: ClientId): Promise<OwedRow[]> {
  const text = `${viewText} WHERE o.client_id = $1 ORDER BY o.opened_at DESC, o.id DESC LIMIT $2`;
  const rows = await db.run<Row>({ name: 'owed_of_client', text, values: [clientId, owedLimits.history] });
  return rows.map(viewOf);
}

/** Whose rows a list shows; `null` = all. Rows without an owner are in every list. */
export type Owners = readonly number[] | null;

const ofOwners = `o.closed_at IS NULL AND ($1::bigint[] IS NULL OR o.owner_id IS NULL OR o.owner_id = ANY($1))`;

/** Open rows, the least time left first. */
export async function readPage(
  db: Executor,
  page: { owners: Owners; after: { at: Date; id: number } | null; limit: number },
): Promise<OwedRow[]> {
  const { owners, after, limit } = page;
  const rows = await db.run<Row>({
    name: 'owed_page',
    text: `${viewText} WHERE ${ofOwners} AND ($2::timestamptz IS NULL OR (o.due_at, o.id) > ($2, $3::bigint))
           ORDER BY o.due_at, o.id LIMIT $4`,
    values: [owners, after?.at ?? null, after?.id ?? 0, limit],
  });
  return rows.map(viewOf);
}

export async function countOpen(db: Executor, owners: Owners, now: number): Promise<{ open: number; overdue: number }> {
  const [row] = await db.run<{ open: number; overdue: number }>({
    name: 'owed_count',
    text: `SELECT count(*)::int AS open, (count(*) FILTER (WHERE o.due_at < $2))::int AS overdue
           FROM owed o WHERE ${ofOwners}`,
    values: [owners, new Date(now)],
  });
  return row ?? { open: 0, overdue: 0 };
}

/** What the whole house owes: open rows, those past their time, those that nobody has. */
export async function countAll(db: Executor, now: number): Promise<{ open: number; overdue: number; unowned: number }> {
  const [row] = await db.run<{ open: number; overdue: number; unowned: number }>({
    name: 'owed_count_all',
    text: `SELECT count(*)::int AS open, (count(*) FILTER (WHERE due_at < $1))::int AS overdue,
             (count(*) FILTER (WHERE owner_id IS NULL))::int AS unowned
           FROM owed WHERE closed_at IS NULL`,
    values: [new Date(now)],
  });
  return row ?? { open: 0, overdue: 0, unowned: 0 };
}

/** A user's own share as workspaces show it. */
export async function readMine(db: Executor, userId: UserId): Promise<OwedClient[]> {
  const rows = await readPage(db, { owners: [userId], after: null, limit: owedLimits.mine });
  return rows.map(({ id, client, number, lastAt, times, kind, channels, dueAt, owner }) => ({
    client,
    number,
    missedAt: lastAt,
    times,
    id,
    kind,
    channels,
    dueAt,
    ownerId: owner?.id ?? null,
  }));
}
