import { type Config, ConfigError, readConfig } from './config.ts';
import { AppError } from './kernel/errors.ts';
import { createLog } from './kernel/log.ts';
import { type Switchroom, startSwitchroom } from './switchroom.ts';

/** What a person can do about a bind error. One that crossed a thread has its facts in its message only. */
function bindAdvice({ code, port, message }: NodeJS.ErrnoException & { port?: number }): string | undefined {
  const cause = code ?? /\b(EADDRINUSE|EACCES|EADDRNOTAVAIL)\b/.exec(message)?.[1];
  const number = port ?? /:(\d+)$/.exec(message)?.[1];
  const where = number === undefined ? 'A port' : `Port ${number}`;
  const settings = 'PORT (web), SIP_PORT (telephones) or MEDIA_PORT (audio)';
  switch (cause) {
    case 'EADDRINUSE':
      return `${where} is taken: stop the program that has it, or set ${settings} to another.`;
    case 'EACCES':
      return `${where} may not be opened by this user: set ${settings} to one above 1023.`;
    case 'EADDRNOTAVAIL':
      return 'HOST is not an address of this machine: set HOST to one that is, or to 0.0.0.0.';
    default:
      return undefined;
  }
}

/** One clear line for what goes wrong at the start. */
function startFailure(error: unknown): string {
  if (error instanceof ConfigError || error instanceof AppError) return error.message;
  return bindAdvice(error as NodeJS.ErrnoException) ?? `Switchroom could not start: ${(error as Error).stack ?? error}`;
}

/** What to do first, of a demo. */
function demoGreeting({ url, sipPort, setup }: Switchroom, { demoPassword, dataDir }: Config): string {
  const line = setup.lines[0]?.number ?? '';
  return (
    `\nSwitchroom is ready: ${url}\n\n` +
    `  1. Sign in as anna, boris, vera (agents), olga (supervisor), admin; password: ${demoPassword}\n` +
    `     and press "Start shift".\n` +
    `  2. In a second tab open ${url}/demo and call or write as any client.\n` +
    `     Or from a SIP phone on this machine: sip:${line}@127.0.0.1:${sipPort}\n\n` +
    `  Ctrl-C stops it; everything is kept in ${dataDir}.\n\n`
  );
}

/** Where it is, and who signs in first while nobody else can. */
function greeting({ url, sipPort, firstAdministrator: first }: Switchroom): string {
  const ready = `Switchroom is ready: ${url} (SIP on port ${sipPort})\n`;
  if (first === null) return ready;
  return (
    `\n${ready}\n` +
    `  Nobody can sign in yet but ${first.login}; password: ${first.password}\n` +
    `  It is told this once. Open ${url}/admin: "Start here" leads to the first call.\n\n`
  );
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog(config.logLevel);
  const running = await startSwitchroom(config, log);
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    void running.close().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.stdout.write(config.demo ? demoGreeting(running, config) : greeting(running));
}

main().catch((error: unknown) => {
  process.stderr.write(`${startFailure(error)}\n`);
  process.exit(1);
});
