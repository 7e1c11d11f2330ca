import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { constants, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../../db/client.ts';
import { migrate } from '../../../db/migrate.ts';
import { openDatabase } from '../../../db/open.ts';
import {
  authSessions,
  lines,
  presence,
  queueAgents,
  queues,
  trunks,
  users,
  type WeeklyPattern,
  workSchedules,
} from '../../../db/schema/index.ts';
import { seedClients } from '../../../db/seed/bulk.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { createDatabase, onServer, withName } from '../../support/database.ts';
import type { Browser, PhoneAccount } from '../load/protocol.ts';

export interface CompanyOptions {
  readonly agents: number;
  /** Cards in the base, `bulkNumber(0)` and on. */
  readonly clients: number;
  /** A PostgreSQL whose user may create databases; undefined = the embedded one. */
  readonly postgres?: string | undefined;
}

/** A contact center's data on disk, ready for a server to start on. */
export interface Company {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly accounts: readonly PhoneAccount[];
  readonly browsers: readonly Browser[];
  /** Removes every trace of it. */
  remove(): Promise<void>;
}

/** Calls to it go to the agents. */
export const mainLine = '+74950000001';
/** Calls to it wait in a queue whose only agent is on shift and has no phone. */
export const otherLine = '+74950000002';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const dayMs = 86_400_000;

/** Always on shift, always ready, no wrap-up, nothing recorded. */
export async function createCompany(options: CompanyOptions): Promise<Company> {
  const dataDir = mkdtempSync(join(tmpdir(), 'switchroom-bench-'));
  const { postgres } = options;
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  if (postgres !== undefined) await onServer(postgres, (admin) => createDatabase(admin, name));
  else cpSync(await clientBase(options.clients), dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  const databaseUrl = postgres === undefined ? undefined : withName(postgres, name);
  const db = await openDatabase({ url: databaseUrl, dataDir, log: silentLog });
  try {
    if (postgres !== undefined) await fill(db, options.clients);
    const people = await hire(db, options.agents);
    return {
      dataDir,
      databaseUrl,
      ...people,
      async remove() {
        rmSync(dataDir, { recursive: true, force: true });
        if (postgres === undefined) return;
        await onServer(postgres, async (admin) => void (await admin.query(`drop database ${name} with (force)`)));
      },
    };
  } finally {
    await db.close();
  }
}

async function fill(db: Database, clients: number): Promise<void> {
  await migrate(db);
  await seedClients(db, clients);
}

/** A directory with that many clients, made once per set of migrations: many clients take a minute. */
async function clientBase(clients: number): Promise<string> {
  const base = join(root, 'node_modules/.cache', `bench-clients-${clients}-${fingerprint()}`);
  if (existsSync(base)) return base;
  const draft = `${base}-${randomUUID()}`;
  const db = await openDatabase({ url: undefined, dataDir: draft, log: silentLog });
  await fill(db, clients);
  await db.close();
  renameSync(draft, base);
  return base;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const migrations = join(root, 'db/migrations');
  const files = readdirSync(migrations).filter((file) => file.endsWith('.sql'));
  for (const file of files.sort()) hash.update(readFileSync(join(migrations, file)));
  hash.update(readFileSync(join(root, 'db/seed/bulk.ts')));
  return hash.digest('hex').slice(0, 16);
}

const allDay = [{ from: '00:00', to: '00:00' }] as const;
const always: WeeklyPattern = { 1: allDay, 2: allDay, 3: allDay, 4: allDay, 5: allDay, 6: allDay, 7: allDay };

async function hire({ orm }: Database, count: number): Promise<Pick<Company, 'accounts' | 'browsers'>> {
  const absent = await hireAbsent(orm);
  const accounts = Array.from({ length: count }, (_, index) => ({
    login: `agent${String(index + 1).padStart(4, '0')}`,
    secret: randomBytes(12).toString('base64url'),
  }));
  const made = await orm
    .insert(users)
    .values(
      accounts.map(({ login, secret }) => ({
        login,
        name: `Agent ${login.slice(-4)}`,
        role: 'agent' as const,
        passwordHash: '',
        sipSecret: secret,
      })),
    )
    .returning({ id: users.id, login: users.login });
  await orm.insert(workSchedules).values(made.map(({ id }) => ({ userId: id, timeZone: 'UTC', weekly: always })));
  await orm.insert(presence).values(made.map(({ id }) => ({ userId: id, status: 'available' as const })));
  await openLines({ orm }, made, absent);
  const browsers = made.map(({ login }) => ({ login, token: randomBytes(32).toString('base64url') }));
  await orm.insert(authSessions).values(
    browsers.map(({ token }, index) => ({
      tokenHash: createHash('sha256').update(token).digest('hex'),
      userId: made[index]?.id ?? made[0]?.id ?? fail(),
      expiresAt: new Date(Date.now() + dayMs),
    })),
  );
  return { accounts, browsers };
}

function fail(): never {
  throw new Error('no agents were made');
}

/** Without anybody on shift callers would be turned away. */
async function hireAbsent(orm: Database['orm']): Promise<Id> {
  const row = { login: 'absent', name: 'Absent', role: 'agent' as const, passwordHash: '', sipSecret: '' };
  const [made] = await orm.insert(users).values(row).returning();
  const { id } = made ?? fail();
  await orm.insert(workSchedules).values({ userId: id, timeZone: 'UTC', weekly: always });
  return id;
}

async function openLines({ orm }: Pick<Database, 'orm'>, agents: readonly { id: Id }[], absent: Id): Promise<void> {
  const [trunk] = await orm
    .insert(trunks)
    .values({ name: 'Carrier', host: '127.0.0.1', port: 9, addresses: ['127.0.0.0/8'] })
    .returning();
  const [main, other] = await orm
    .insert(queues)
    .values(['Main', 'Other'].map((name) => ({ name, ringSeconds: 20, wrapUpSeconds: 0, recordCalls: false })))
    .returning();
  if (!trunk || !main || !other) throw new Error('no trunk or queue was made');
  await orm.insert(queueAgents).values(agents.map(({ id }, position) => ({ queueId: main.id, userId: id, position })));
  await orm.insert(queueAgents).values({ queueId: other.id, userId: absent });
  await orm.insert(lines).values([
    { name: 'Main', number: mainLine, trunkId: trunk.id, queueId: main.id },
    { name: 'Other', number: otherLine, trunkId: trunk.id, queueId: other.id },
  ]);
}

type Id = NonNullable<(typeof users.$inferSelect)['id']>;
