import { Readable } from 'node:stream';
import SMTPConnection, { type SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import XOAuth2 from 'nodemailer/lib/xoauth2';
import { AppError } from '../../../server/kernel/errors.ts';
import { limits } from '../limits.ts';
import type { SmtpSettings } from '../settings.ts';
import type { BuiltMail } from './compose.ts';
import type { SmtpFailure, SmtpStage } from './verdict.ts';

export interface SmtpTiming {
  readonly connectMs: number;
  /** Without a byte from the server. RFC 5321 section 4.5.3.2.6 wants ten minutes after the final dot: giving up early makes doubt. */
  readonly silenceMs: number;
  /** An unused link is closed: servers close theirs after a minute or so. */
  readonly idleMs: number;
}
export const smtpTiming: SmtpTiming = { connectMs: 20_000, silenceMs: 600_000, idleMs: 30_000 };

export interface LinkOptions {
  readonly settings: SmtpSettings;
  readonly password: string;
  readonly token: (() => Promise<string>) | undefined;
  readonly ca: string | undefined;
  /** Our name in EHLO. */
  readonly name: string;
  readonly timing: SmtpTiming;
}

export type LinkResult =
  | { readonly ok: true; readonly info: SMTPConnectionSendInfo }
  | { readonly ok: false; readonly failure: SmtpFailure };

/** One connection to an SMTP server, one mail at a time. */
export interface SmtpLink {
  /** Is it open, and did it carry a mail before? The server may have closed it meanwhile. */
  isUsed(): boolean;
  isOpen(): boolean;
  /** Never rejects. An abort ends the attempt and the link. */
  send(mail: BuiltMail, signal: AbortSignal): Promise<LinkResult>;
  /** Idempotent. */
  close(): void;
}

/** What the library puts on its errors. */
interface LibraryError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

const isTlsFault = ({ code = '', message }: LibraryError): boolean =>
  code === 'ETLS' || /certificate|self.signed|altnames|wrong version number/i.test(message);

function failureOf(error: LibraryError, stage: SmtpStage): SmtpFailure {
  const code = error.responseCode ?? ownRefusal(error, stage);
  return {
    stage,
    code,
    text: (error.response ?? error.message).slice(0, limits.smtpReplyLength),
    isTls: isTlsFault(error),
  };
}

/** What is refused without the server: a reply code that says the same. */
function ownRefusal({ code, message }: LibraryError, stage: SmtpStage): number | null {
  if (code === 'EAUTH' || code === 'wrong_credentials') return 535;
  if (stage !== 'envelope') return null;
  if (code === 'EMESSAGE') return 552;
  return code === 'EENVELOPE' && /^(?:Invalid|No) recipient/.test(message) ? 553 : null;
}

/** In pieces, so that the last one is read when the ones before it have left. */
function* pieces(raw: Buffer): Generator<Buffer> {
  for (let at = 0; at < raw.length; at += pieceBytes) yield raw.subarray(at, at + pieceBytes);
}
const pieceBytes = 65_536;

/** The link is opened by its first mail. */
export function createLink(options: LinkOptions): SmtpLink {
  const { settings, timing } = options;
  let connection: SMTPConnection | undefined;
  let mailsSent = 0;

  function openSocket(): SMTPConnection {
    const isTls = settings.security === 'tls';
    const opened = new SMTPConnection({
      host: settings.host,
      port: settings.port,
      secure: isTls,
      requireTLS: settings.security === 'starttls',
      ignoreTLS: settings.security === 'none',
      name: options.name,
      connectionTimeout: timing.connectMs,
      greetingTimeout: timing.connectMs,
      socketTimeout: timing.silenceMs,
      maxResponseSize: limits.smtpReplyBytes,
      ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
    });
    opened.on('error', () => forget(opened));
    opened.on('end', () => forget(opened));
    return opened;
  }
  function forget(gone: SMTPConnection): void {
    if (connection === gone) connection = undefined;
  }

  /** A step of the library as a promise: it may end by the step's callback or by the connection's end. */
  function step<T>(
    on: SMTPConnection,
    signal: AbortSignal,
    begin: (done: (error: Error | null | undefined, result?: T) => void) => void,
  ) {
    return new Promise<T | undefined>((resolve, reject) => {
      const settle = (error: Error | null | undefined, result?: T): void => {
        on.removeListener('error', settle);
        on.removeListener('end', onEnd);
        signal.removeEventListener('abort', onAbort);
        if (error) reject(error);
        else resolve(result);
      };
      // the reply that explains the end is told after it
      const onEnd = (): void => void setImmediate(() => settle(new Error('the server closed the connection')));
      const onAbort = (): void => {
        settle(new Error('the attempt was given up'));
        on.close();
      };
      if (signal.aborted) return onAbort();
      on.once('error', settle);
      on.once('end', onEnd);
      signal.addEventListener('abort', onAbort);
      begin(settle);
    });
  }

  async function login(on: SMTPConnection, signal: AbortSignal): Promise<void> {
    const { user, auth } = settings;
    if (auth === 'none') return;
    if (auth === 'password') {
      const credentials = { user, pass: options.password };
      await step(on, signal, (done) => on.login({ user, credentials }, done));
      return;
    }
    if (!options.token) throw new AppError('wrong_credentials', 'the account has no source of access tokens');
    const accessToken = await options.token();
    const oauth2 = new XOAuth2({ user, accessToken });
    await step(on, signal, (done) => on.login({ user, method: 'XOAUTH2', oauth2 }, done));
  }

  async function open(signal: AbortSignal, reach: (stage: SmtpStage) => void): Promise<SMTPConnection> {
    if (connection) return connection;
    reach('connect');
    const opened = openSocket();
    try {
      await step(opened, signal, (done) => opened.connect(done));
      reach('login');
      await login(opened, signal);
    } catch (error) {
      opened.close();
      throw error;
    }
    connection = opened;
    mailsSent = 0;
    return opened;
  }

  /** After a refusal the link is as good as before, if the server says so. */
  async function reset(on: SMTPConnection): Promise<void> {
    try {
      await step(on, AbortSignal.timeout(timing.connectMs), (done) => on.reset(done));
    } catch {
      // a link that cannot be reset is not used again
      on.close();
      forget(on);
    }
  }

  async function send(mail: BuiltMail, signal: AbortSignal): Promise<LinkResult> {
    let stage: SmtpStage = 'envelope';
    const reach = (next: SmtpStage): void => {
      stage = next;
    };
    try {
      const on = await open(signal, reach);
      reach('envelope');
      const body = Readable.from(pieces(mail.raw));
      // the final dot follows the last byte: until that was read, the server cannot have the mail
      body.once('end', () => reach('handed'));
      const envelope = { from: mail.sender, to: [...mail.recipients], size: mail.raw.length, use8BitMime: mail.is8Bit };
      const info = await step<SMTPConnectionSendInfo>(on, signal, (done) => on.send(envelope, body, done));
      if (!info) throw new Error('the library gave no answer');
      mailsSent++;
      return { ok: true, info };
    } catch (error) {
      const failure = failureOf(error as LibraryError, stage);
      const on = connection;
      if (on && failure.code !== null && failure.code !== 421 && !on.destroyed) await reset(on);
      else close();
      return { ok: false, failure };
    }
  }

  function close(): void {
    const open = connection;
    connection = undefined;
    open?.close();
  }

  return {
    isUsed: () => connection !== undefined && mailsSent > 0,
    isOpen: () => connection !== undefined,
    send,
    close,
  };
}
