import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { migrate } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open.ts';
import { users } from '../../db/schema/index.ts';
import type { SignedInUser } from '../../server/access/route.ts';
import { createClientImports } from '../../server/clients/import/index.ts';
import { createClients } from '../../server/clients/index.ts';
import { parsePhoneNumber } from '../../server/clients/phone-number.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { noSight } from '../support/sight.ts';
import { percentile, printFigure } from './support/figure.ts';

/** A call comes so often while the import runs, milliseconds. */
const callEveryMs = 20;

const surnames = ['Иванов', 'Петров', 'Сидоров', 'Кузнецова', 'Ёлкина', 'Смирнов', 'Попова', 'Соколов'];
const names = ['Иван', 'Пётр', 'Ольга', 'Анна', 'Мария', 'Сергей', 'Елена', 'Борис'];
const digits = (number: number, length: number) => String(number).padStart(length, '0');

/** Rows as a CRM would export them: one to two numbers in people's spelling, most with an e-mail, some with a comment. */
function* rowsOf(count: number): Generator<string> {
  yield 'Фамилия;Имя;Телефон;Рабочий телефон;E-mail;Компания;Метки;Комментарий\r\n';
  for (let row = 0; row < count; row++) {
    const mobile = digits(row, 7).replace(/^(...)(..)(..)$/, '$1-$2-$3');
    const work = row % 4 === 0 ? `8 (498) ${digits(row, 7)}` : '';
    const email = row % 10 < 7 ? `client.${row}@import.example` : '';
    const comment = row % 20 === 0 ? '"Просил перезвонить,\nно не сегодня"' : '';
    const person = `${surnames[row % surnames.length]};${names[(row >> 3) % names.length]}`;
    yield `${person};8 (965) ${mobile};${work};${email};ООО Ромашка ${row % 5000};опт;${comment}\r\n`;
  }
}

async function makeUser(db: TestDatabase): Promise<SignedInUser> {
  const row = { login: 'olga', name: 'Olga', role: 'supervisor' as const, passwordHash: '', sipSecret: '' };
  const [made] = await db.orm.insert(users).values(row).returning({ id: users.id });
  return {
    id: made?.id as UserId,
    login: 'olga',
    name: 'Olga',
    role: 'supervisor',
    teamId: null,
    language: 'ru',
    sees: 'all',
    mayExport: false,
  };
}

/** Calls from known and unknown numbers, one at a time, until it is stopped; how long each look-up took. */
function callsMeanwhile(db: TestDatabase, rows: number) {
  const journal = { append: async () => [], published: () => {} };
  const clients = createClients({ db, clock: systemClock, journal, sight: noSight });
  const times: number[] = [];
  let stopped = false;
  const calling = (async () => {
    for (let call = 0; !stopped; call++) {
      // every second one is of somebody who is in the file
      const number = call % 2 === 0 ? `+7965${digits((call * 7919) % rows, 7)}` : `+7966${digits(call, 7)}`;
      const begun = performance.now();
      await clients.matchOrCreateByPhone(parsePhoneNumber(number, 'RU'), { source: 'bench' });
      times.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, callEveryMs));
    }
  })();
  return {
    async stop(): Promise<number[]> {
      stopped = true;
      await calling;
      return times.splice(0);
    },
  };
}

/**
 * The longest piece of work between two looks at the main thread, by its processor time: what it does itself, whatever
 * else the machine is busy with.
 */
function watchMainThread() {
  let longest = 0;
  let before = process.threadCpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.threadCpuUsage();
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

async function measure(db: TestDatabase, rows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'switchroom-import-'));
  const journal = { append: async () => [], published: () => {} };
  const imports = createClientImports({ db, clock: systemClock, journal, log: silentLog, folder });
  const user = await makeUser(db);
  const figure = (name: string, value: number, unit: string) =>
    printFigure({ bench: 'import', figure: name, value, unit, rows, engine: db.kind });
  try {
    const { id } = await imports.receive({
      name: 'clients.csv',
      size: null,
      stream: Readable.from(rowsOf(rows)).map((text: string) => Buffer.from(text)),
      user,
    });
    const step = async (name: string, begin: () => Promise<unknown>, withCalls: boolean) => {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      const calls = withCalls ? callsMeanwhile(db, rows) : null;
      const longestWork = watchMainThread();
      delay.enable();
      const begun = performance.now();
      await begin();
      await imports.settled(id);
      const seconds = (performance.now() - begun) / 1000;
      delay.disable();
      const times = (await calls?.stop()) ?? [];
      figure(`${name}_seconds`, seconds, 's');
      figure(`${name}_main_thread_longest_work`, longestWork(), 'ms');
      figure(`${name}_main_thread_longest`, delay.max / 1e6, 'ms');
      figure(`${name}_main_thread_p99`, delay.percentile(99) / 1e6, 'ms');
      figure(`${name}_match_p50`, percentile(times, 0.5), 'ms');
      figure(`${name}_match_p99`, percentile(times, 0.99), 'ms');
      figure(`${name}_match_longest`, Math.max(...times), 'ms');
      return seconds;
    };
    await step('plan', () => imports.plan(id, user), true);
    const seconds = await step('import', () => imports.begin(id, user), true);
    const { state, result, error } = await imports.view(id);
    if (state !== 'done') throw new Error(`the import ended as ${state}: ${error}`);
    figure('rows_per_second', (result.created + result.updated + result.skipped) / seconds, 'rows/s');
    await step('undo', () => imports.undo(id, user), false);
  } finally {
    await imports.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A migrated, empty database on this server or in this process. */
async function open(url: string | undefined): Promise<TestDatabase> {
  if (url === undefined) return openTestDatabase();
  const database = await openDatabase({ url, dataDir: tmpdir(), log: silentLog });
  await migrate(database);
  return { ...database, dataDir: tmpdir() };
}

/**
 * Time of planning, importing and undoing a file, the longest stop of the main thread, and how long a caller's look-up
 * takes meanwhile. One JSON object a line.
 * @param args `--rows N` (default 300000), `--postgres URL` of an empty database; default: the embedded engine
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rows: { type: 'string' }, postgres: { type: 'string' } } });
  const db = await open(values.postgres);
  try {
    await measure(db, Number(values.rows ?? 300_000));
  } finally {
    await db.close();
  }
}
