import type { Executor } from '../../../db/client.ts';
import type { ClientId, InteractionId, UserId } from '../../kernel/ids.ts';
import { readCalls } from './calls-store.ts';
import type { StoredCall, StoredWait } from './debt.ts';
import { type Exchange, readExchanges, readWaits } from './written-store.ts';

/** The last talk with a client: `until` is null while it goes on. */
export interface Talk {
  readonly interactionId: InteractionId | null;
  readonly userId: UserId | null;
  readonly answeredAt: number;
  readonly until: number | null;
}

/** What the timeline says of a client. */
export interface Facts {
  readonly responsibleId: UserId | null;
  readonly talk: Talk | null;
  /**
   * Nobody took them since he was last talked to, or since somebody said that nothing is owed, and missed ones since we
   * and he wrote to each other; in order.
   */
  readonly calls: readonly StoredCall[];
  /** What he wrote and nobody answered, as far as it is owed. */
  readonly waits: readonly StoredWait[];
  /** Since then both of us have written. */
  readonly exchange: Exchange | null;
}

interface FactsRow {
  client_id: ClientId;
  responsible_id: UserId | null;
  talk_id: InteractionId | null;
  talk_user: UserId | null;
  talk_answered: Date | null;
  talk_until: Date | null;
  settled_at: Date | null;
}

/** The live talk goes before those that are over. */
const factsText = `
  SELECT c.id AS client_id, c.responsible_id, talk.id AS talk_id, talk.user_id AS talk_user, talk.answered_at AS talk_answered,
         talk.until AS talk_until,
         (SELECT max(o.last_at) FROM owed o WHERE o.client_id = c.id AND o.closed_because = 'by_hand') AS settled_at
  FROM clients c
  LEFT JOIN LATERAL (
    SELECT * FROM (
      (SELECT i.id, i.user_id, i.answered_at, NULL::timestamptz AS until
       FROM interactions i
       WHERE i.client_id = c.id AND i.state <> 'closed' AND i.answered_at IS NOT NULL AND i.ended_at IS NULL
       ORDER BY i.answered_at DESC LIMIT 1)
      UNION ALL
      (SELECT a.interaction_id, a.user_id, a.at + make_interval(secs => coalesce(a.wait_seconds, 0)),
              a.at + make_interval(secs => coalesce(a.wait_seconds, 0) + coalesce(a.talk_seconds, 0))
       FROM timeline_entries a
       WHERE a.client_id = c.id AND a.kind = 'call' AND a.status = 'answered'
       ORDER BY a.at DESC, a.id DESC LIMIT 1)
    ) talks ORDER BY until DESC NULLS FIRST LIMIT 1
  ) talk ON true
  WHERE c.id = ANY($1::bigint[])`;

function talkOf(row: FactsRow): Talk | null {
  const { talk_id: interactionId, talk_user: userId, talk_answered: answeredAt } = row;
  const until = row.talk_until?.getTime() ?? null;
  return answeredAt && { interactionId, userId, answeredAt: answeredAt.getTime(), until };
}

/** A request to be called is not answered by letters. */
const isWrittenOff = (call: StoredCall, exchange: Exchange | null): boolean =>
  exchange !== null && call.kind !== 'callback' && call.at < exchange.at;

interface Card {
  readonly row: FactsRow;
  readonly talk: Talk | null;
  /** Somebody said that nothing is owed for what was before. */
  readonly settledAt: number;
}

/** What the timelines of clients say: the same few statements for one as for many. Who has no card is not in it. */
export async function readFacts(
  tx: Executor,
  clientIds: readonly ClientId[],
  now: number,
): Promise<Map<ClientId, Facts>> {
  const rows = await tx.run<FactsRow>({ name: 'owed_facts', text: factsText, values: [clientIds] });
  const cards = rows.map((row): Card => ({ row, talk: talkOf(row), settledAt: row.settled_at?.getTime() ?? 0 }));
  const waits = await readWaits(tx, new Map(cards.map(({ row, settledAt }) => [row.client_id, settledAt])), now);
  // whoever is being talked to is owed no call; what he wrote is answered when the talk was long enough to be an answer
  const silent = cards.filter(({ talk }) => talk?.until !== null);
  const since = silent.map(
    ({ row, talk, settledAt }) => [row.client_id, Math.max(talk?.until ?? 0, settledAt)] as const,
  );
  const calls = await readCalls(tx, new Map(since));
  const firstCalls = [...calls].flatMap(([clientId, [first]]) => (first ? [[clientId, first.at] as const] : []));
  const exchanges = await readExchanges(tx, new Map(firstCalls));
  const factsOf = ({ row: { client_id: clientId, responsible_id: responsibleId }, talk }: Card): Facts => {
    const exchange = exchanges.get(clientId) ?? null;
    const unanswered = (calls.get(clientId) ?? []).filter((call) => !isWrittenOff(call, exchange));
    return { responsibleId, talk, calls: unanswered, waits: waits.get(clientId) ?? [], exchange };
  };
  return new Map(cards.map((card) => [card.row.client_id, factsOf(card)]));
}
