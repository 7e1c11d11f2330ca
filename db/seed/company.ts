import { randomBytes } from 'node:crypto';
import type { DispositionId, UserId } from '../../server/kernel/ids.ts';
import type { Orm } from '../client.ts';
import {
  dispositions,
  lines,
  queueAgents,
  queues,
  teams,
  trunks,
  users,
  type WeeklyPattern,
  workSchedules,
} from '../schema/index.ts';
import { seedAccounts } from './accounts.ts';

/** What clients and histories refer to. */
export interface SeededCompany {
  /** In the order of the queue. */
  readonly agents: readonly SeededUser[];
  readonly supervisor: SeededUser;
  /** By hotkey. */
  readonly dispositions: ReadonlyMap<number, DispositionId>;
  readonly lineName: string;
  readonly queueName: string;
}

export interface SeededUser {
  readonly id: UserId;
  readonly female: boolean;
}

const lineName = 'Sales / Продажи';
const queueName = 'Sales / Продажи';
/** The demo's carrier; its far end runs in the same process (channels/voice/demo-carrier.ts). */
export const demoTrunkName = 'Demo carrier';
const demoLine = '+74950000001';

const staff = [
  { login: 'anna', name: 'Анна Белова', role: 'agent', female: true },
  { login: 'boris', name: 'Борис Ветров', role: 'agent', female: false },
  { login: 'vera', name: 'Вера Громова', role: 'agent', female: true },
  { login: 'olga', name: 'Ольга Дымова', role: 'supervisor', female: true },
  { login: 'admin', name: 'Администратор', role: 'admin', female: false },
] as const;

const outcomes = [
  { hotkey: 1, nameRu: 'Продажа', nameEn: 'Sold' },
  { hotkey: 2, nameRu: 'Перезвонить', nameEn: 'Callback' },
  { hotkey: 3, nameRu: 'Вопрос решён', nameEn: 'Question answered' },
  { hotkey: 4, nameRu: 'Жалоба', nameEn: 'Complaint' },
  { hotkey: 5, nameRu: 'Нет интереса', nameEn: 'No interest' },
  { hotkey: 6, nameRu: 'Ошиблись номером', nameEn: 'Wrong number' },
  { hotkey: 7, nameRu: 'Оставил заявку', nameEn: 'Left a request' },
] as const;

/** From midnight to midnight, every day: a demo is looked at in any time zone and at night. */
const allDay = [{ from: '00:00', to: '00:00' }] as const;
const always: WeeklyPattern = { 1: allDay, 2: allDay, 3: allDay, 4: allDay, 5: allDay, 6: allDay, 7: allDay };

/** Team, users, schedules, trunk, queue and line. */
export async function seedCompany(orm: Orm, passwordHash: string): Promise<SeededCompany> {
  const [team] = await orm.insert(teams).values({ name: 'Sales / Продажи' }).returning();
  if (!team) throw new Error('no team was made');
  const made = await orm
    .insert(users)
    .values(
      staff.map(({ login, name, role }) => {
        const isAdmin = role === 'admin';
        const rights = { sees: isAdmin ? ('all' as const) : ('team' as const), mayExport: isAdmin };
        return { login, name, role, ...rights, teamId: team.id, passwordHash, sipSecret: secret() };
      }),
    )
    .returning({ id: users.id, login: users.login });
  await orm
    .insert(workSchedules)
    .values(made.map(({ id }) => ({ userId: id, timeZone: 'Europe/Moscow', weekly: always })));
  const seeded = staff.map(({ login, role, female }) => {
    const id = made.find((user) => user.login === login)?.id;
    if (id === undefined) throw new Error(`no user ${login} was made`);
    return { id, role, female };
  });
  const agents = seeded.filter(({ role }) => role === 'agent');
  const supervisor = seeded.find(({ role }) => role === 'supervisor');
  if (!supervisor) throw new Error('the demo staff has no supervisor');
  await seedLine(orm, agents);
  const codes = await orm
    .insert(dispositions)
    .values([...outcomes])
    .returning();
  return {
    agents,
    supervisor,
    dispositions: new Map(codes.map(({ hotkey, id }) => [hotkey, id])),
    lineName,
    queueName,
  };
}

async function seedLine(orm: Orm, agents: readonly SeededUser[]): Promise<void> {
  const [trunk] = await orm
    .insert(trunks)
    // Nothing listens at that port: calls out over the demo carrier fail until somebody sets up a real one.
    .values({ name: demoTrunkName, host: '127.0.0.1', port: 5099, addresses: ['127.0.0.1/32', '::1/128'] })
    .returning();
  const [queue] = await orm.insert(queues).values({ name: queueName }).returning();
  if (!trunk || !queue) throw new Error('no trunk or queue was made');
  await orm
    .insert(queueAgents)
    .values(agents.map(({ id }, index) => ({ queueId: queue.id, userId: id, position: index + 1 })));
  await orm
    .insert(lines)
    .values({ name: lineName, number: demoLine, trunkId: trunk.id, queueId: queue.id, region: 'RU' });
  await seedAccounts(orm, queue.id, queueName);
}

const secret = (): string => randomBytes(18).toString('base64url');
