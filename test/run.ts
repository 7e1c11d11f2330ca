/**
 * `npm test`: every project on the embedded database, then the part of the suite that uses a database once more on
 * PostgreSQL. At the end stands once more what failed and what took longest, and the last line counts all together.
 * Arguments go to a single run of vitest: `npm test -- test/flow`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeMemoryFolder } from './support/memory-folder.ts';
import { postgresPrograms, startPostgres } from './support/postgres.ts';

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
/** Each file has a process of its own: what one has compiled the next one finds. */
const compileCache = fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url));
/** Longer than any file takes on a slow machine: whoever says nothing for so long hangs. */
const silentMs = 12 * 60_000;
/** Vitest gives its workers ten seconds to end, and waits for ever for what their tests left behind. */
const lingerMs = 30_000;
const slowestShown = 10;
/** Of sound, whatever the database. */
const ofSound = ['talk', 'browser-phone'];
/** Browser files in which nobody listens. */
const quietScreens = ['admin-', 'chat-widget', 'mail-', 'message', 'workspace-'].map((name) => `test/e2e/${name}`);
/** The lines of test/summary-reporter.ts. */
const closingLine = /^(\d+) passed, (\d+) failed/;
const failureLine = /^failed: /;
const timeLine = /^took +(\d+\.\d) s: /;

/** What failed in any of the runs, for whoever sees only the end of the log. */
const failures: string[] = [];
const times: { readonly seconds: number; readonly line: string }[] = [];

/** One run of vitest, shown as it goes. A run without a closing line, or that fails without a failed test, counts as one failure. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Tally> {
  const child = spawn(process.execPath, [vitest, 'run', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
    // a group of processes of its own, which can be ended as a whole
    detached: true,
  });
  const exited = once(child, 'exit');
  const endWithUs = (): void => endGroup(child);
  // before the folder that they write to is emptied
  process.prependOnceListener('exit', endWithUs);
  const giveUp = (why: string): void => {
    failures.push(`failed: vitest ${args.join(' ')} ${why}`);
    endGroup(child);
  };
  let limit = setTimeout(giveUp, silentMs, `said nothing for ${silentMs / 60_000} minutes`);
  let tally: Tally | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    limit.refresh();
    const [, seconds] = timeLine.exec(line) ?? [];
    if (seconds !== undefined) times.push({ seconds: Number(seconds), line });
    else process.stdout.write(`${line}\n`);
    if (failureLine.test(line)) failures.push(line);
    const [, passed, failed] = closingLine.exec(line) ?? [];
    if (passed === undefined) continue;
    tally = { passed: Number(passed), failed: Number(failed) };
    clearTimeout(limit);
    limit = setTimeout(giveUp, lingerMs, 'left something behind that does not end');
  }
  const [code] = await exited;
  clearTimeout(limit);
  process.off('exit', endWithUs);
  endGroup(child);
  if (tally && (code === 0 || tally.failed > 0)) return tally;
  failures.push(`failed: vitest ${args.join(' ')} ended with code ${code}`);
  return { passed: tally?.passed ?? 0, failed: 1 };
}

/** Kills it with whatever it started and left behind. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody is left
  }
}

const runAll = async (runs: readonly (() => Promise<Tally>)[]): Promise<Tally> => {
  const total = { passed: 0, failed: 0 };
  for (const start of runs) {
    const { passed, failed } = await start();
    total.passed += passed;
    total.failed += failed;
  }
  return total;
};

/**
 * A project whose files run one at a time, for the sake of those that judge sound or times; `quiet` ones (by the
 * beginning of their path) judge neither and come first, two at a time.
 */
function runWithPairs(project: string, quiet: readonly string[]): Promise<Tally> {
  const pairs = ['--fileParallelism', '--maxWorkers=2', ...quiet];
  const others = quiet.map((path) => `--exclude=${path}*`);
  return runAll([() => run(['--project', project, ...pairs]), () => run(['--project', project, ...others])]);
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
    const flow = ['--project', 'flow', ...ofSound.map((name) => `--exclude=test/flow/${name}.test.ts`)];
    return await runAll([() => run(['--project', 'db'], env), () => run(flow, env)]);
  } finally {
    await server.close();
  }
}

const folder = makeMemoryFolder();
if (folder) process.env['TMPDIR'] = folder;
process.env['NODE_COMPILE_CACHE'] ??= compileCache;
// exit handlers end what runs and empty the memory
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

const args = process.argv.slice(2);
// Sound and times are judged from `flow` on: nothing else runs beside those.
const total = await runAll(
  args.length > 0
    ? [() => run(args)]
    : [
        () => run(['--project', 'unit']),
        () => run(['--project', 'db']),
        () => run(['--project', 'flow']),
        runOnPostgres,
        () => runWithPairs('peers', ['test/peers/mail']),
        () => runWithPairs('e2e', quietScreens),
      ],
);
const slowest = times.sort((a, b) => b.seconds - a.seconds).slice(0, slowestShown);
if (slowest.length > 0) process.stdout.write(`\n${slowest.map(({ line }) => line).join('\n')}\n`);
if (failures.length > 0) process.stdout.write(`\n${failures.join('\n')}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
