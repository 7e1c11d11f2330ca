import type { Database, Executor } from '../../../db/client.ts';
import {
  clients,
  contactPoints,
  dispositions,
  lines,
  presence,
  queueAgents,
  queues,
  trunks,
  users,
  type WeeklyPattern,
  workSchedules,
} from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import type { TrunkId, UserId } from '../../../server/kernel/ids.ts';

/** What differs between the days' queues. */
export type QueueRules = Partial<
  Pick<
    typeof queues.$inferInsert,
    | 'ringSeconds'
    | 'responsibleSeconds'
    | 'wrapUpSeconds'
    | 'wrapUpMode'
    | 'maxWaitSeconds'
    | 'afterMaxWait'
    | 'outOfHours'
    | 'hours'
  >
>;

/** The line of each queue. */
export const lineNumbers = ['+74950000001', '+74950000002'] as const;

/** Who calls. The first three have cards, the first two a responsible manager; nobody knows the fourth. */
export const callers = ['+79160000001', '+79160000002', '+79160000003', '+79160000004', 'anonymous', '101'] as const;

export interface Company {
  /** anna, boris, vera; in the order of their ids. */
  readonly agents: readonly SignedInUser[];
  readonly olga: SignedInUser;
  readonly trunkId: TrunkId;
}

/** Monday to Sunday. */
export const everyDay = (from: string, to: string): WeeklyPattern =>
  Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [{ from, to }]]));

/** Round the clock, long days, mornings. */
const shifts = [everyDay('00:00', '00:00'), everyDay('08:00', '20:00'), everyDay('08:30', '13:00')] as const;

/** What days leave behind, in an order that references allow. */
const emptied = [
  'outbox',
  'journal',
  'owed',
  'tasks',
  'recordings',
  'timeline_entries',
  'offers',
  'inbound_events',
  'interactions',
  'lines',
  'queues',
  'trunks',
  'dispositions',
  'clients',
  'users',
] as const;
/** Tables whose ids are looked at. */
const counted = ['users', 'clients', 'queues', 'lines', 'trunks', 'dispositions'] as const;

async function empty(db: Executor): Promise<void> {
  for (const table of emptied) await db.run({ name: `day_empty_${table}`, text: `DELETE FROM ${table}`, values: [] });
  for (const table of counted) {
    const text = `SELECT setval(pg_get_serial_sequence('${table}', 'id'), 1, false)`;
    await db.run({ name: `day_first_${table}`, text, values: [] });
  }
}

/**
 * An emptied database with a company in it, with the same ids each time: two queues, of anna, boris and vera, and of
 * boris and vera; olga looks on. From then on nothing waits for the disk.
 */
export async function foundCompany(db: Database, rules: readonly [QueueRules, QueueRules]): Promise<Company> {
  await db.run({ name: 'day_hurry', text: 'SET synchronous_commit = off', values: [] });
  return db.transaction(async (tx) => {
    await empty(tx);
    const people = await hire(tx);
    const agents = people.slice(0, 3);
    const [olga] = people.slice(3);
    const [trunk] = await tx.orm.insert(trunks).values({ name: 'Carrier', host: '127.0.0.1' }).returning();
    if (!trunk || !olga) throw new Error('no trunk or supervisor');
    await tx.orm.insert(dispositions).values({ hotkey: 1, nameRu: 'Продажа', nameEn: 'Sale' });
    await addQueues(tx, { rules, agents, trunkId: trunk.id });
    await addClients(tx, agents);
    return { agents, olga, trunkId: trunk.id };
  });
}

async function hire(db: Executor): Promise<SignedInUser[]> {
  const people = ['anna', 'boris', 'vera', 'olga'].map((login) => ({
    login,
    name: login,
    role: login === 'olga' ? ('supervisor' as const) : ('agent' as const),
    passwordHash: '',
    sipSecret: '',
  }));
  const rows = await db.orm.insert(users).values(people).returning();
  const ids = rows.map(({ id }) => id).sort((a, b) => a - b);
  const onShift = ids.slice(0, 3).map((userId, index) => ({ userId, weekly: shifts[index] ?? shifts[0] }));
  await db.orm.insert(workSchedules).values(onShift.map((row) => ({ ...row, timeZone: 'UTC' })));
  await db.orm.insert(presence).values(onShift.map(({ userId }) => ({ userId, status: 'available' as const })));
  return people.map(({ login, name, role }, index): SignedInUser => {
    const id = ids[index] as UserId;
    return { id, login, name, role, teamId: null, language: 'ru', sees: 'all', mayExport: false };
  });
}

interface Queues {
  readonly rules: readonly QueueRules[];
  readonly agents: readonly SignedInUser[];
  readonly trunkId: TrunkId;
}

async function addQueues(db: Executor, { rules, agents, trunkId }: Queues): Promise<void> {
  for (const [index, own] of rules.entries()) {
    const [queue] = await db.orm
      .insert(queues)
      .values({ name: index === 0 ? 'Sales' : 'Support', priority: index, ...own })
      .returning();
    if (!queue) throw new Error('no queue');
    const members = agents.slice(index).map(({ id }, position) => ({ queueId: queue.id, userId: id, position }));
    await db.orm.insert(queueAgents).values(members);
    const number = lineNumbers[index] ?? '';
    await db.orm.insert(lines).values({ name: queue.name, number, trunkId, queueId: queue.id });
  }
}

async function addClients(db: Executor, agents: readonly SignedInUser[]): Promise<void> {
  const cards = callers.slice(0, 3).map((value, index) => ({
    value,
    card: {
      name: `Client ${index + 1}`,
      vip: index === 2,
      responsibleId: index < 2 ? (agents[index]?.id ?? null) : null,
    },
  }));
  for (const { value, card } of cards) {
    const [row] = await db.orm.insert(clients).values(card).returning();
    if (row) await db.orm.insert(contactPoints).values({ clientId: row.id, kind: 'phone', value, raw: value });
  }
}
