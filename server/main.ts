import { ConfigError, readConfig } from './config.ts';
import { AppError } from './kernel/errors.ts';
import { createLog } from './kernel/log.ts';
import { startSwitchroom } from './switchroom.ts';

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
  if (config.demo) {
    const line = running.setup.lines[0]?.number ?? '';
    const logins = 'anna, boris, vera (agents), olga (supervisor), admin';
    process.stdout.write(
      `\nSwitchroom is ready: ${running.url}\n\n` +
        `  1. Sign in as ${logins}; password: ${config.demoPassword}\n` +
        `     and press "Start shift".\n` +
        `  2. In a second tab open ${running.url}/demo and call as any client.\n` +
        `     Or from a SIP phone on this machine: sip:${line}@127.0.0.1:${running.sipPort}\n\n` +
        `  Ctrl-C stops it; everything is kept in ${config.dataDir}.\n\n`,
    );
  } else {
    process.stdout.write(`Switchroom is ready: ${running.url} (SIP on port ${running.sipPort})\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${startFailure(error)}\n`);
  process.exit(1);
});
