import type { Executor } from '../../../db/client.ts';
import type { AccountId, MessageId } from '../../kernel/ids.ts';

/** What waits for accounts that nobody runs. */

/** Accounts that have messages whose time has come: for those that nobody runs. */
export async function accountsOverdue(db: Executor, now: number): Promise<AccountId[]> {
  const rows = await db.run<{ account_id: AccountId }>({
    name: 'outbox_accounts_overdue',
    text: `SELECT account_id FROM message_outbox WHERE state IN ('held', 'queued') AND expires_at <= $1
           UNION SELECT account_id FROM message_outbox WHERE state = 'sending' AND lease_until <= $1`,
    values: [new Date(now)],
  });
  return rows.map(({ account_id }) => account_id);
}

/** Open messages of an account whose entries do not say yet that it was switched off, or still say so. */
export async function staleDeliveries(
  db: Executor,
  account: AccountId,
  { after, limit }: { readonly after: MessageId | null; readonly limit: number },
): Promise<MessageId[]> {
  const rows = await db.run<{ id: MessageId }>({
    name: 'outbox_stale_deliveries',
    text: `SELECT o.id FROM message_outbox o JOIN channel_accounts t ON t.id = o.account_id
             JOIN timeline_entries e ON e.id = o.id
           WHERE o.account_id = $1 AND o.state IN ('held', 'queued') AND o.id > coalesce($3, '')
             AND (e.data #>> '{message,delivery,waitsFor}') IS DISTINCT FROM CASE WHEN NOT t.enabled THEN t.name END
           ORDER BY o.id LIMIT $2`,
    values: [account, limit, after],
  });
  return rows.map(({ id }) => id);
}
