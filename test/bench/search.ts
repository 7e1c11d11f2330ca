import { performance } from 'node:perf_hooks';
import { teams, users } from '../../db/schema/index.ts';
import { bulkNumber, seedClients } from '../../db/seed/bulk.ts';
import type { SignedInUser } from '../../server/access/route.ts';
import { createClients } from '../../server/clients/index.ts';
import { parsePhoneNumber } from '../../server/clients/phone-number.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import type { ClientId } from '../../server/kernel/ids.ts';
import { createTimeline } from '../../server/timeline/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openSight } from '../support/sight.ts';

/** Runs of each operation after one that warms it up. */
const runs = 100;
const entriesOfEach = 10;
const entriesOfOne = 10_000;

/** People who are responsible for cards; the one who searches is in a team with the first ten of them. */
const managers = 200;
const teamSize = 10;

type Operations = Readonly<Record<string, (run: number) => Promise<unknown>>>;

/** The ten newest calls of a thousand cards, and one card with ten thousand. */
async function seedTimelines(db: TestDatabase): Promise<ClientId> {
  const text = `
    INSERT INTO timeline_entries (id, client_id, at, kind, direction, status, peer, wait_seconds, talk_seconds)
    SELECT gen_random_uuid(), c.id, now() - make_interval(mins => n * 37), 'call',
           CASE n % 3 WHEN 0 THEN 'out' ELSE 'in' END, CASE n % 7 WHEN 0 THEN 'missed' ELSE 'answered' END,
           '+79640000000', n % 50, n % 600
    FROM (SELECT id FROM clients ORDER BY id LIMIT $1) c, generate_series(1, $2) n`;
  await db.run({ name: 'bench_timelines', text, values: [1000, entriesOfEach] });
  await db.run({ name: 'bench_long_timeline', text, values: [1, entriesOfOne] });
  await db.run({ name: 'bench_analyze', text: 'ANALYZE timeline_entries', values: [] });
  const [first] = await db.run<{ id: ClientId }>({
    name: 'bench_first',
    text: 'SELECT min(id) AS id FROM clients',
    values: [],
  });
  if (!first) throw new Error('no cards were made');
  return first.id;
}

async function hire(db: TestDatabase): Promise<SignedInUser[]> {
  const [team] = await db.orm.insert(teams).values({ name: 'Bench' }).returning();
  const rows = Array.from({ length: managers }, (_, index) => ({
    login: `m${index}`,
    name: `Manager ${index}`,
    role: 'agent' as const,
    passwordHash: '',
    sipSecret: '',
    teamId: index < teamSize ? (team?.id ?? null) : null,
  }));
  const made = await db.orm.insert(users).values(rows).returning();
  return made.map(({ id, login, name, role, teamId, language, sees, mayExport }) => ({
    id,
    login,
    name,
    role,
    teamId,
    language,
    sees,
    mayExport,
  }));
}

async function operationsOn(db: TestDatabase, cards: number, manager: SignedInUser): Promise<Operations> {
  const first = await seedTimelines(db);
  const journal = { append: async () => [], published: () => {} };
  const sight = await openSight(db, systemClock);
  const clients = createClients({ db, clock: systemClock, journal, sight });
  const timeline = createTimeline({ db, clock: systemClock, journal, clients, recordingsDir: db.dataDir });
  const someCard = (run: number) => (first + ((run * 7919) % Math.min(cards, 1000))) as ClientId;
  const number = (run: number) => bulkNumber((run * 7919) % cards);
  const searchAs = (viewer: SignedInUser | null) => (typed: (run: number) => string) => (run: number) =>
    clients.search(typed(run), 20, viewer);
  const search = searchAs(null);
  const searchOwn = searchAs({ ...manager, sees: 'own' });
  const searchTeam = searchAs({ ...manager, sees: 'team' });
  return {
    search_surname: search(() => 'иванов'),
    search_two_words: search(() => 'иван петров'),
    search_part_of_number: search((run) => number(run).slice(5, 11)),
    search_whole_number: search((run) => `8 (964) ${number(run).slice(5)}`),
    search_email: search((run) => `.${run * 31}@bulk`),
    search_two_letters: search(() => 'ан'),
    search_one_letter: search(() => 'а'),
    search_other_layout: search(() => 'bdfyjdf'),
    search_nothing_found: search(() => 'щщщъщщ'),
    search_nothing_typed: search(() => ''),
    search_surname_own: searchOwn(() => 'иванов'),
    search_two_letters_own: searchOwn(() => 'ан'),
    search_one_letter_own: searchOwn(() => 'а'),
    search_company_own: searchOwn(() => 'ооо'),
    search_part_of_number_own: searchOwn((run) => number(run).slice(5, 11)),
    search_nothing_typed_own: searchOwn(() => ''),
    search_surname_team: searchTeam(() => 'иванов'),
    search_two_letters_team: searchTeam(() => 'ан'),
    search_company_team: searchTeam(() => 'ооо'),
    search_nothing_typed_team: searchTeam(() => ''),
    card: (run) => clients.card(someCard(run)),
    match: (run) => clients.matchOrCreateByPhone(parsePhoneNumber(number(run), 'RU'), { source: 'bench' }),
    timeline_page: (run) => timeline.listTimeline(someCard(run), { limit: 50 }),
    timeline_page_of_10000: () => timeline.listTimeline(first, { limit: 50 }),
    card_and_timeline: (run) =>
      Promise.all([clients.card(someCard(run)), timeline.listTimeline(someCard(run), { limit: 50 })]),
    facts_of_10000: () => timeline.facts(first, null),
  };
}

async function measure(operation: (run: number) => Promise<unknown>): Promise<number[]> {
  await operation(0);
  const times: number[] = [];
  for (let run = 1; run <= runs; run++) {
    const begun = performance.now();
    await operation(run);
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b);
}

function print(operation: string, cards: number, engine: string, times: readonly number[]): void {
  for (const [figure, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const value = Number((times[Math.ceil(times.length * share) - 1] ?? Number.NaN).toFixed(2));
    console.log(
      JSON.stringify({ bench: 'search', figure: `${operation}_${figure}`, value, unit: 'ms', cards, engine }),
    );
  }
}

/**
 * Latency of search, cards and timelines. One JSON object a line.
 * @param args numbers of cards, each on a database of its own; default 3000 and 300000
 */
export async function run(args: readonly string[]): Promise<void> {
  const sizes = args.map(Number).filter((size) => size > 0);
  for (const cards of sizes.length > 0 ? sizes : [3_000, 300_000]) {
    const db = await openTestDatabase();
    try {
      const people = await hire(db);
      const [manager] = people;
      if (!manager) throw new Error('nobody was hired');
      await seedClients(
        db,
        cards,
        people.map(({ id }) => id),
      );
      const operations = await operationsOn(db, cards, manager);
      for (const [name, operation] of Object.entries(operations)) print(name, cards, db.kind, await measure(operation));
    } finally {
      await db.close();
    }
  }
}
