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

/** One connection to a mail server. */
export interface ImapConnection {
  readonly client: ImapFlow;
  /** Waits for a command, but not for ever: the library has no time-out of its own. @throws and closes when it is late */
  timed<T>(what: string, command: Promise<T>, ms?: number): Promise<T>;
  /** Why it is closed; null while it is open. */
  closed(): string | null;
  close(): void;
}

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

/**
 * Connects and signs in. An object of the library serves one connection.
 * @param onNews the server spoke of new mail, or the connection is gone
 * @throws what the library throws; `authenticationFailed` is set when the server refused the password or token
 */
export async function openConnection(options: ConnectionOptions, onNews: () => void): Promise<ImapConnection> {
  const { clock, timing } = options;
  const client = new ImapFlow(flowOptions(options, await authOf(options)));
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
    async timed(what, command, ms = timing.commandMs) {
      let timer: { cancel(): void } | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = clock.after(ms, () => {
          lose(`no answer to ${what}`);
          client.close();
          reject(new Error(`no answer to ${what} in ${ms} ms`));
        });
      });
      // when it is late its own failure comes later still
      command.catch(() => undefined);
      try {
        return await Promise.race([command, late]);
      } finally {
        timer?.cancel();
      }
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
