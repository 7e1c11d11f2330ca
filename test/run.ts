/**
 * `npm test`: every project on the embedded database, then the part of the suite that uses a database once more on
 * PostgreSQL. At the end stands once more what failed, and the last line counts all together. Arguments go to a single
 * run of vitest: `npm test -- test/flow`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { postgresPrograms, startPostgres } from './support/postgres.ts';

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
/** The lines of test/summary-reporter.ts. */
const closingLine = /^(\d+) passed, (\d+) failed/;
const failureLine = /^failed: /;

/** What failed in any of the runs, for whoever sees only the end of the log. */
const failures: string[] = [];

/** One run of vitest, shown as it goes. A run without a closing line, or that fails without a failed test, counts as one failure. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Tally> {
  const child = spawn(process.execPath, [vitest, 'run', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'close');
  let tally: Tally | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`);
    if (failureLine.test(line)) failures.push(line);
    const [, passed, failed] = closingLine.exec(line) ?? [];
    if (passed !== undefined) tally = { passed: Number(passed), failed: Number(failed) };
  }
  const [code] = await exited;
  if (tally && (code === 0 || tally.failed > 0)) return tally;
  failures.push(`failed: vitest ${args.join(' ')} ended with code ${code}`);
  return { passed: tally?.passed ?? 0, failed: 1 };
}

/** The database part on a server of its own. */
async function runOnPostgres(): Promise<Tally> {
  const programs = postgresPrograms();
  if (programs === undefined) {
    process.stdout.write('PostgreSQL is not installed: its run counts as failed\n');
    return { passed: 0, failed: 1 };
  }
  const server = await startPostgres(programs);
  try {
    process.stdout.write('\nThe same tests on PostgreSQL\n');
    const env = { TEST_DATABASE_URL: server.url };
    const rooms = await run(['--project', 'db'], env);
    const flow = await run(['--project', 'flow'], env);
    return { passed: rooms.passed + flow.passed, failed: rooms.failed + flow.failed };
  } finally {
    await server.close();
  }
}

const args = process.argv.slice(2);
// Sound and times are judged from `flow` on: nothing else runs beside those.
const runs: (() => Promise<Tally>)[] =
  args.length > 0
    ? [() => run(args)]
    : [
        () => run(['--project', 'unit']),
        () => run(['--project', 'db']),
        () => run(['--project', 'flow']),
        runOnPostgres,
        () => run(['--project', 'peers']),
        () => run(['--project', 'e2e']),
      ];

const total = { passed: 0, failed: 0 };
for (const start of runs) {
  const { passed, failed } = await start();
  total.passed += passed;
  total.failed += failed;
}
if (failures.length > 0) process.stdout.write(`\n${failures.join('\n')}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
