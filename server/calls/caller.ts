import type { CallingVisitor } from '../../channels/channel.ts';
import type { Executor } from '../../db/client.ts';
import { type CardRow, cardColumns, cardOf, contactPointsJson } from '../clients/card-rows.ts';
import { cardView } from '../clients/client.ts';
import { matchCandidates, type ParsedNumber } from '../clients/phone-number.ts';
import { contactsFound } from '../clients/store.ts';
import type { ClientCard } from '../contract/schemas.ts';
import { type ContactFacts, type FactsRow, factColumns, factsOf, noContactFacts } from '../timeline/facts.ts';
import type { CallsContext } from './context.ts';

/** Who calls, and what whoever takes the call should know of him. */
export interface Caller {
  readonly card: ClientCard;
  readonly isNewCard: boolean;
  readonly facts: ContactFacts;
}

const knownCallerText = `
  WITH wanted AS (
    SELECT 0 AS n, 'phone' AS kind, $1::text[] AS candidates, $2::text AS value, $3::text AS extension
  ), ${contactsFound}
  SELECT ${cardColumns}, ${contactPointsJson}, ${factColumns('c.id', 'NULL::text')}
  FROM found JOIN clients c ON c.id = found.client_id LEFT JOIN users u ON u.id = c.responsible_id`;

/** Card and facts in one round trip: between the caller and the ring nothing else is read. Null = nobody has this number. */
export async function readKnownCaller(db: Pick<Executor, 'run'>, parsed: ParsedNumber): Promise<Caller | null> {
  const [row] = await db.run<CardRow & FactsRow>({
    name: 'known_caller',
    text: knownCallerText,
    values: [matchCandidates(parsed), parsed.value, parsed.extension],
  });
  if (!row) return null;
  const { last_contact, open, last_spoken_with, ...card } = row;
  return {
    card: cardView(cardOf(card)),
    isNewCard: false,
    facts: factsOf({ last_contact, open, last_spoken_with }),
  };
}

/**
 * The caller's card is found, or made by the one of many simultaneous calls that comes first.
 * @param name what his equipment says he is called
 */
export async function findCaller(context: CallsContext, parsed: ParsedNumber, name: string): Promise<Caller> {
  const { db, clients, timeline } = context;
  const known = await readKnownCaller(db, parsed);
  if (known) return known;
  const options = { ...(name === '' ? {} : { name }), source: '' };
  const { clientId, card, created } = await clients.matchOrCreateByPhone(parsed, options);
  return { card, isNewCard: created, facts: created ? noContactFacts : await timeline.facts(clientId, null) };
}

/** The card of a visitor who calls from a page: the one of his chat, or of what his site proved, or a new one. */
export async function findVisitor(context: CallsContext, visitor: CallingVisitor): Promise<Caller> {
  const { clients, timeline } = context;
  const { clientId, created } = await context.clientOfVisitor(visitor);
  const card = await clients.card(clientId);
  return { card, isNewCard: created, facts: created ? noContactFacts : await timeline.facts(clientId, null) };
}
