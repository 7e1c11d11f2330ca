import type { Executor } from '../../db/client.ts';
import type { AccountId, MessageId } from '../kernel/ids.ts';

/** Whose a provider's id is, as far as it is stored: of a whole message, or of one of its parts. */
export async function ownerOfProviderId(
  db: Executor,
  accountId: AccountId,
  providerId: string,
): Promise<MessageId | null> {
  const [row] = await db.run<{ id: MessageId }>({
    name: 'message_of_provider_id',
    text: `SELECT id FROM message_outbox WHERE account_id = $1 AND provider_id = $2
           UNION ALL SELECT message_id FROM message_parts WHERE account_id = $1 AND provider_id = $2 LIMIT 1`,
    values: [accountId, providerId],
  });
  return row?.id ?? null;
}
