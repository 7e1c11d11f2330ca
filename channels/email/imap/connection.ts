import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { Clock } from '../../../server/kernel/clock.ts';
import { AppError } from '../../../server/kernel/errors.ts';
import { limits } from '../limits.ts';
import type { ImapSettings } from '../settings.ts';
import type { ImapTiming } from './timing.ts';

export interface ConnectionOptions {
  readonly settings: ImapSettings;
  readonly password: string;
  /** A fresh access token; asked before every connection. */
  readonly token: (() => Promise<string>) | undefined;
  /** Authorities trusted besides the usual ones, PEM. */
  readonly ca: string | undefined;
  readonly timing: ImapTiming;
  readonly clock: Clock;
}

interface Waiting {
  readonly what: string;
  readonly ms: number;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Ends what is waited for. */
  onLate(): void;
  /** Asked when the time is over: whether something comes, so that it is worth as much time again. */
  isComing?(): boolean;
}

/** @throws when `work` takes longer, or `stop` is aborted */
async function inTime<T>(work: Promise<T>, { what, ms, clock, stop, onLate, isComing }: Waiting): Promise<T> {
  // what fails after it was given up is of no interest
  work.catch(() => undefined);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = (why: string): void => {
    onLate();
    reject(new Error(why));
  };
  const onTime = (): void => {
    if (isComing?.()) timer = clock.after(ms, onTime);
    else giveUp(`no answer to ${what} in ${ms} ms`);
  };
  let timer = clock.after(ms, onTime);
  const onStop = (): void => giveUp(`${what}: the mailbox is being closed`);
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  try {
    return await Promise.race([late, work]);
  } finally {
    timer.cancel();
    stop.removeEventListener('abort', onStop);
  }
}

/** One connection to a mail server. */
export interface ImapConnection {
  readonly client: ImapFlow;
  /**
   * Waits for a command, but not for ever: the library has no time-out of its own.
   * @throws and closes when nothing comes for so long, or less than limits.imapSlowBytes
   */
  timed<T>(what: string, command: Promise<T>, ms?: number): Promise<T>;
  /** Why it is closed; null while it is open. */
  closed(): string | null;
  close(): void;
}

/** What went wrong, in the server's own words where there are some. */
export function wordsOf(error: unknown): string {
  const { responseText, message } = error as { responseText?: unknown; message?: unknown };
  return String(responseText ?? message ?? error).slice(0, limits.factLength);
}

/** Does the server, or whoever gives tokens, refuse us? Trying again soon is no use. */
export const isRefusal = (error: unknown): boolean =>
  (error instanceof AppError && error.code === 'wrong_credentials') ||
  (error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true);

async function authOf({ settings, password, token }: ConnectionOptions): Promise<NonNullable<ImapFlowOptions['auth']>> {
  if (settings.auth === 'password') return { user: settings.user, pass: password };
  if (!token) throw new AppError('wrong_credentials', 'the mailbox has no source of access tokens');
  return { user: settings.user, accessToken: await token() };
}

function flowOptions(options: ConnectionOptions, auth: NonNullable<ImapFlowOptions['auth']>): ImapFlowOptions {
  const { settings, timing, ca } = options;
  return {
    host: settings.host,
    port: settings.port,
    secure: settings.security === 'tls',
    ...(settings.security === 'tls' ? {} : { doSTARTTLS: settings.security === 'starttls' }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    auth,
    logger: false,
    // asked for by the follower itself: by itself the library waits 15 seconds
    disableAutoIdle: true,
    maxIdleTime: timing.idleMs,
    socketTimeout: timing.idleMs + timing.commandMs,
    connectionTimeout: timing.connectMs,
    greetingTimeout: timing.connectMs,
    maxLineLength: limits.imapLineBytes,
    maxLiteralSize: limits.imapLiteralBytes,
    maxResponseSize: limits.imapResponseBytes,
    clientInfo: { name: 'Switchroom' },
  };
}

/** Whether much has come since it was asked last: a large mail over a slow line takes longer than any command may. */
function progressOf(client: ImapFlow): () => boolean {
  let before = client.stats().received;
  return () => {
    const { received } = client.stats();
    const isMuch = received - before >= limits.imapSlowBytes;
    before = received;
    return isMuch;
  };
}

/**
 * Connects and signs in. An object of the library serves one connection.
 * @param onNews the server spoke of new mail, or the connection is gone
 * @param stop ends the connection at any time
 * @throws what the library throws; `authenticationFailed` is set when the server refused the password or token
 */
export async function openConnection(
  options: ConnectionOptions,
  onNews: () => void,
  stop: AbortSignal,
): Promise<ImapConnection> {
  const { clock, timing } = options;
  const asking = { what: 'access token', ms: timing.connectMs, clock, stop, onLate: () => undefined };
  const client = new ImapFlow(flowOptions(options, await inTime(authOf(options), asking)));
  let reason: string | null = null;
  const lose = (why: string): void => {
    reason ??= why;
    onNews();
  };
  // without a listener the process would end
  client.on('error', (error) => lose(error.message));
  client.on('close', () => lose(client.byeReason ?? 'the server closed the connection'));
  client.on('exists', onNews);

  const connection: ImapConnection = {
    client,
    closed: () => reason,
    close: () => client.close(),
    timed(what, command, ms = timing.commandMs) {
      const onLate = (): void => {
        lose(`no answer to ${what}`);
        client.close();
      };
      return inTime(command, { what, ms, clock, stop, onLate, isComing: progressOf(client) });
    },
  };
  try {
    await connection.timed('connect', client.connect(), timing.connectMs * 2);
    return connection;
  } catch (error) {
    client.close();
    throw error;
  }
}
