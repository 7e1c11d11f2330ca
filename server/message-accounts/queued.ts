import { count, inArray } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { messageOutbox } from '../../db/schema/index.ts';
import type { AccountId } from '../kernel/ids.ts';

/** Messages that have not left yet, by account. */
export async function queuedByAccount({ orm }: Executor): Promise<ReadonlyMap<AccountId, number>> {
  const rows = await orm
    .select({ accountId: messageOutbox.accountId, queued: count() })
    .from(messageOutbox)
    .where(inArray(messageOutbox.state, ['held', 'queued', 'sending', 'unconfirmed']))
    .groupBy(messageOutbox.accountId);
  return new Map(rows.map(({ accountId, queued }) => [accountId, queued]));
}
