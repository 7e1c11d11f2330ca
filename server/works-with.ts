import type { Executor } from '../db/client.ts';
import type { Clock } from './kernel/clock.ts';
import type { ClientId, UserId } from './kernel/ids.ts';

/**
 * After a call or a message its client stays visible for this long: the wrap-up, a note, what was promised, also when a shift
 * goes over midnight.
 */
const afterCallMs = 24 * 60 * 60_000;

export interface WorksWithOptions {
  readonly clock: Clock;
  /** Clients whose calls ring this user or are in his hands now, the wrap-up included. From memory. */
  readonly inHand: (userId: UserId) => readonly ClientId[];
}

/** Emptied cards are answered for by those that they were emptied into. */
const worksWithText = `
  WITH RECURSIVE work AS (
    SELECT client_id FROM timeline_entries WHERE user_id = $1 AND kind = 'call' AND at >= $2
    UNION SELECT client_id FROM tasks WHERE assignee_id = $1 AND state IN ('open', 'missed')
    UNION SELECT client_id FROM owed WHERE closed_at IS NULL AND (owner_id = $1 OR owner_id IS NULL)
    UNION SELECT client_id FROM conversations WHERE owner_id = $1 AND state = 'assigned'
    UNION SELECT client_id FROM conversations WHERE owner_id = $1 AND last_message_at >= $2
    UNION SELECT unnest($3::bigint[])
  ), card AS (
    SELECT c.id, c.merged_into_id FROM work JOIN clients c ON c.id = work.client_id
    UNION
    SELECT n.id, n.merged_into_id FROM card JOIN clients n ON n.id = card.merged_into_id
  )
  SELECT id FROM card WHERE merged_into_id IS NULL`;

/**
 * Whom somebody works with, and therefore sees, whoever is responsible: clients whose call rings him or is in his hands,
 * with whom he had a call within a day, whose conversation he has or had within a day, for whom he has something to do, or whom he owes an answer (what nobody owns in
 * that ledger is everybody's: it stands in his list with the request to call).
 */
export function createWorksWith({ clock, inHand }: WorksWithOptions) {
  return async (db: Executor, userId: UserId): Promise<ReadonlySet<ClientId>> => {
    const rows = await db.run<{ id: ClientId }>({
      name: 'works_with',
      text: worksWithText,
      values: [userId, new Date(clock.now() - afterCallMs), inHand(userId)],
    });
    return new Set(rows.map(({ id }) => id));
  };
}
