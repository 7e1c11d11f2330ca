import { parseArgs } from 'node:util';
import pg from 'pg';
import { type Config, readConfig } from '../../server/config.ts';
import type { Query } from './records.ts';
import { runDay } from './run-day.ts';
import { isGood, tableOf } from './table.ts';

const help = `A busy day in two minutes: scripted callers and agents against the running demo (npm start).

  npm run demo:day -- [options]

  --minutes 2        how long
  --rate 4           ordinary calls a minute, besides one of every kind
  --seed 1           the same seed is the same day
  --password WORD    of the demo logins, when DEMO_PASSWORD is not set
  --url URL          of the server, when it is not http://127.0.0.1:PORT
  --sip-port N       when it is not SIP_PORT

Watch it at /supervisor as olga. It reads PORT, SIP_PORT, DATA_DIR, DATABASE_URL and DEMO_PASSWORD as the server does.
Ctrl-C ends it: calls are hung up, agents are as before. Exit code 1 when any figure differs.`;

const options = {
  minutes: { type: 'string', default: '2' },
  rate: { type: 'string', default: '4' },
  seed: { type: 'string', default: '1' },
  password: { type: 'string' },
  url: { type: 'string' },
  'sip-port': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most))
    throw new Error(`--${name} is a number from ${least} to ${most}`);
  return value;
}

/** The database of the running server: the embedded engine listens on a socket in its folder. */
function openDatabase({ databaseUrl, dataDir }: Config): { query: Query; close(): Promise<void> } {
  const embedded = { host: dataDir, port: 5432, user: 'postgres', database: 'postgres' };
  const pool = new pg.Pool({ ...(databaseUrl ? { connectionString: databaseUrl } : embedded), max: 1 });
  // an idle connection that breaks is opened again by the next question
  pool.on('error', () => undefined);
  return {
    query: async <Row>(text: string, values: readonly unknown[]) => (await pool.query(text, [...values])).rows as Row[],
    close: () => pool.end(),
  };
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** npm passes on the Ctrl-C that the terminal has given us already: two at once are one, a later one means it. */
const meantAgainMs = 1_000;

function onInterrupt(stop: () => void): void {
  let first: number | undefined;
  const heard = (): void => {
    if (first !== undefined && Date.now() - first > meantAgainMs) process.exit(130);
    first ??= Date.now();
    stop();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    say(help);
    return 0;
  }
  const config = readConfig([]);
  const database = openDatabase(config);
  const stop = new AbortController();
  onInterrupt(() => stop.abort());
  const startedAt = Date.now();
  const clock = (): string => new Date(Date.now() - startedAt).toISOString().slice(14, 19);
  try {
    const report = await runDay({
      url: values.url ?? `http://127.0.0.1:${config.port}`,
      sipPort: number('sip-port', values['sip-port'] ?? String(config.sipPort), 1, 65_535),
      password: values.password ?? config.demoPassword,
      minutes: number('minutes', values.minutes, 0.2, 30),
      rate: number('rate', values.rate, 0, 30),
      seed: number('seed', values.seed, 0, 2 ** 31),
      query: database.query,
      say,
      progress: (text) => say(`${clock()}  ${text}`),
      signal: stop.signal,
    });
    if (report === null) {
      say('Stopped: calls are hung up, agents are as before. Figures are not compared.');
      return 130;
    }
    say(`\n${tableOf(report)}\n`);
    say(isGood(report) ? (report.strangers.length > 0 ? 'Nothing is proved.' : 'All agree.') : 'NOT all agree.');
    return isGood(report) ? 0 : 1;
  } finally {
    await database.close();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(`The day could not be played: ${(error as Error).message}`);
    process.exit(2);
  },
);
