import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open.ts';
import { users } from '../../db/schema/index.ts';
import { seedDemo } from '../../db/seed/demo.ts';
import { hashPassword } from '../../server/access/index.ts';
import { silentLog } from '../../server/kernel/log.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Of everybody in the demo company. */
export const demoPassword = 'switchroom';

export interface DemoCompanyOptions {
  /** A PostgreSQL database, empty; undefined = embedded in `dataDir`. */
  readonly url: string | undefined;
  readonly dataDir: string;
  /** Changes of the demo company. */
  readonly prepare?: ((db: Database) => Promise<void>) | undefined;
}

/** Makes the demo company before the server would, so that a test may change it. @returns SIP passwords by login */
export async function makeDemoCompany({ url, dataDir, prepare }: DemoCompanyOptions): Promise<Map<string, string>> {
  // Making it takes the embedded engine seconds, copying it a tenth of one.
  if (url === undefined) fs.cpSync(await embeddedTemplate(), dataDir, { recursive: true, mode: cloneWherePossible });
  const db = await openDatabase({ url, dataDir, log: silentLog });
  try {
    if (url !== undefined) await fill(db);
    await prepare?.(db);
    const rows = await db.orm.select({ login: users.login, secret: users.sipSecret }).from(users);
    return new Map(rows.map(({ login, secret }) => [login, secret]));
  } finally {
    await db.close();
  }
}

const cloneWherePossible = fs.constants.COPYFILE_FICLONE;

async function fill(db: Database): Promise<void> {
  await migrate(db);
  await seedDemo(db, { password: demoPassword, now: new Date(), hashPassword });
}

/** Made once a day, its histories end today; processes that make it at once make the same, and the first one's stays. */
async function embeddedTemplate(): Promise<string> {
  const template = path.join(root, 'node_modules/.cache', `test-demo-company-${fingerprint()}`);
  if (fs.existsSync(template)) return template;
  const draft = `${template}-${randomUUID()}`;
  const db = await openDatabase({ url: undefined, dataDir: draft, log: silentLog });
  await fill(db);
  await db.close();
  try {
    fs.renameSync(draft, template);
  } catch (error) {
    if (!fs.existsSync(template)) throw error;
    fs.rmSync(draft, { recursive: true });
  }
  return template;
}

/** Changes with the day, the migrations, the demo data and the engine. */
function fingerprint(): string {
  const hash = createHash('sha256').update(new Date().toISOString().slice(0, 10));
  for (const folder of ['db/migrations', 'db/seed']) {
    const files = fs.readdirSync(path.join(root, folder)).filter((file) => /\.(sql|ts)$/.test(file));
    for (const file of files.sort()) hash.update(file).update(fs.readFileSync(path.join(root, folder, file)));
  }
  hash.update(fs.readFileSync(path.join(root, 'node_modules/@electric-sql/pglite/package.json')));
  return hash.digest('hex').slice(0, 16);
}
