import { searchText } from '../../server/clients/search-text.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import type { Database } from '../client.ts';
import { type Person, russianPerson } from './people.ts';
import { createRandom, type Random } from './random.ts';

/** Cards of one statement: arrays as parameters, so their number does not matter, only the memory. */
const chunk = 5_000;
const seed = 7_777;

/**
 * Makes `count` cards with one or two phones, most with an e-mail, and their search rows, for benchmarks. The number
 * of card `i` is `bulkNumber(i)`. The same cards at every run; numbers that are there already are an error.
 * @param managers who is responsible, in turn; each round leaves one card to nobody. Default: all to nobody
 */
export async function seedClients(database: Database, count: number, managers: readonly UserId[] = []): Promise<void> {
  const random = createRandom(seed);
  for (let from = 0; from < count; from += chunk) {
    const cards = Array.from({ length: Math.min(chunk, count - from) }, (_, index) =>
      bulkCard(random, from + index, managers),
    );
    await database.transaction(async (tx) => void (await tx.run(insertCards(cards))));
  }
  await database.run({ name: 'bulk_analyze_clients', text: 'analyze clients', values: [] });
  await database.run({ name: 'bulk_analyze_points', text: 'analyze contact_points', values: [] });
  await database.run({ name: 'bulk_analyze_search', text: 'analyze client_search', values: [] });
}

/** The primary phone of the card with this index (0 to 9,999,999), E.164; the demo uses none of these. */
export const bulkNumber = (index: number): string => `+7964${String(index).padStart(7, '0')}`;

interface BulkCard {
  readonly person: Person;
  readonly phones: readonly string[];
  readonly email: string | undefined;
  readonly responsibleId: UserId | null;
}

function bulkCard(random: Random, index: number, managers: readonly UserId[]): BulkCard {
  const person = russianPerson(random);
  const second = random.chance(0.25) ? [`+7498${String(index).padStart(7, '0')}`] : [];
  const email = random.chance(0.7) ? `${person.mailbox}.${index}@bulk.example` : undefined;
  const responsibleId = managers[index % (managers.length + 1)] ?? null;
  return { person, phones: [bulkNumber(index), ...second], email, responsibleId };
}

/** One statement for everything: cards first, then points and search rows by the new cards' order. */
function insertCards(cards: readonly BulkCard[]) {
  const points = cards.flatMap(({ phones, email }, index) => [
    ...phones.map((value, place) => ({ card: index + 1, kind: 'phone', value, primary: place === 0 })),
    ...(email === undefined ? [] : [{ card: index + 1, kind: 'email', value: email, primary: true }]),
  ]);
  const texts = cards.map(({ person, phones, email }) =>
    searchText({
      ...person,
      contactPoints: [
        ...phones.map((value) => ({ kind: 'phone' as const, value })),
        ...(email === undefined ? [] : [{ kind: 'email' as const, value: email }]),
      ],
    }),
  );
  return {
    name: 'bulk_insert_cards',
    text: `
      with drafts as (
        select nextval(pg_get_serial_sequence('clients', 'id')) as id, card, name, company, position, text, responsible
          from unnest($1::text[], $2::text[], $3::text[], $4::text[], $9::bigint[]) with ordinality
            as draft (name, company, position, text, responsible, card)
      ), made as (
        insert into clients (id, name, company, position, responsible_id, language, source)
        select id, name, company, position, responsible, 'ru', 'bulk' from drafts
      ), searchable as (
        insert into client_search (client_id, text) select id, text from drafts
      )
      insert into contact_points (client_id, kind, value, raw, is_primary)
      select drafts.id, point.kind, point.value, point.value, point.is_primary
        from unnest($5::int[], $6::text[], $7::text[], $8::boolean[]) as point (card, kind, value, is_primary)
        join drafts using (card)`,
    values: [
      cards.map(({ person }) => person.name),
      cards.map(({ person }) => person.company),
      cards.map(({ person }) => person.position),
      texts,
      points.map(({ card }) => card),
      points.map(({ kind }) => kind),
      points.map(({ value }) => value),
      points.map(({ primary }) => primary),
      cards.map(({ responsibleId }) => responsibleId),
    ],
  };
}
