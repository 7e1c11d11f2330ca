import type { Database } from '../../db/client.ts';
import type { SignedInUser } from '../access/route.ts';
import type { Candidate, OfferView, UserRef } from '../contract/schemas.ts';
import type { CandidateReason, OfferResult } from '../contract/words.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId, UserId } from '../kernel/ids.ts';
import type { Roster } from '../routing/roster.ts';
import type { CandidateRow } from '../routing/router.ts';
import { candidatesOf } from './candidates.ts';
import type { CallsContext } from './context.ts';
import { steers } from './rights.ts';

interface OfferRow {
  id: string;
  interaction_id: string;
  user_id: string | number;
  client_id: string | number;
  offered_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  result: OfferResult | null;
  reason: CandidateReason;
  candidates: string;
}

const nameOf = (roster: Roster, id: UserId): UserRef => ({ id, name: roster.agent(id)?.row.name ?? `#${id}` });

/** Candidates as stored, with names. */
export const candidateViews = (roster: Roster, rows: readonly CandidateRow[]): Candidate[] =>
  rows.map(([id, reason, parameter]) => ({ user: nameOf(roster, id), reason, parameter: parameter ?? null }));

/**
 * Every offer of an interaction, oldest first: who was asked, why he, why not the others. For whoever was asked, for
 * supervisors of those who were, and for everybody who sees the client.
 * @throws AppError `not_found`, also when it is not for him
 */
export async function offersOf(
  context: Pick<CallsContext, 'db' | 'roster' | 'teams' | 'clients'>,
  interactionId: string,
  user: SignedInUser,
): Promise<OfferView[]> {
  const { db, roster } = context;
  const rows = await db.run<OfferRow>({
    name: 'offers_of',
    text: `SELECT o.*, i.client_id FROM offers o JOIN interactions i ON i.id = o.interaction_id
           WHERE o.interaction_id = $1 ORDER BY o.offered_at LIMIT 500`,
    values: [interactionId],
  });
  const [first] = rows;
  if (!first) throw new AppError('not_found', 'no offers of such an interaction');
  const asked = rows.map((row) => Number(row.user_id) as UserId);
  if (!asked.some((id) => id === user.id || steers(context, user, id)))
    await context.clients.requireVisible(Number(first.client_id) as ClientId, user);
  return rows.map((row) => ({
    id: row.id,
    interactionId: row.interaction_id,
    user: nameOf(roster, Number(row.user_id) as UserId),
    offeredAt: row.offered_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    result: row.result,
    reason: row.reason,
    candidates: candidateViews(roster, candidatesOf(row.candidates)),
  }));
}

/** Calls of this agent since `from`, both directions, that were talked. */
export async function callsSince(db: Database, userId: UserId, from: Date): Promise<number> {
  const [row] = await db.run<{ calls: number }>({
    name: 'calls_since',
    text: `SELECT count(*)::int AS calls FROM timeline_entries
           WHERE user_id = $1 AND at >= $2 AND kind = 'call' AND status IN ('answered', 'ongoing')`,
    values: [userId, from],
  });
  return row?.calls ?? 0;
}
