import type { Clock } from '../../server/kernel/clock.ts';
import type { AccountId } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { Receive } from '../channel.ts';
import type { AdapterState, ChannelCapabilities, MessageChannel, SendResult } from '../message-channel.ts';
import { createTokenSource, type RotatedToken } from './access-token.ts';
import { createHealth, type HealthKeeper } from './health.ts';
import { createBookmarks } from './imap/bookmark.ts';
import { createFollower, type Follower, type FollowerState } from './imap/follower.ts';
import { type ImapTiming, imapTiming } from './imap/timing.ts';
import { createIntake } from './intake.ts';
import { limits } from './limits.ts';
import { createMailReader, type MailReader } from './reader.ts';
import type { EmailSecrets, EmailSettings, ImapSettings, SmtpSettings } from './settings.ts';
import type { MailSigner } from './signed-ids.ts';
import { type SmtpTiming, smtpTiming } from './smtp/link.ts';
import { createSender, type Sender } from './smtp/sender.ts';

/** A mailbox as it is set up. */
export interface EmailAccount {
  readonly id: AccountId;
  readonly name: string;
  readonly settings: EmailSettings;
  readonly secrets: EmailSecrets;
  /** Addresses that are delivered to it, the main one first. */
  readonly addresses: readonly string[];
}

export interface EmailChannelOptions {
  readonly account: EmailAccount;
  readonly receive: Receive;
  readonly state: AdapterState;
  readonly clock: Clock;
  readonly log: Log;
  /** The same for ever: threads are found by what it signed. */
  readonly signer: MailSigner;
  /**
   * A valid access token (XOAUTH2), asked before every connection; without it the mailbox fetches its own by `settings.oauth`.
   * Rejects with AppError `wrong_credentials` when the consent is gone; with anything else when it may work later.
   */
  readonly token?: () => Promise<string>;
  /** Keeps a refresh token that the provider gave for the one of `account.secrets`, or for the one before. */
  readonly keepToken?: (rotated: RotatedToken) => Promise<void>;
  /** Certificate authorities trusted instead of the usual ones, PEM. */
  readonly ca?: string;
  readonly random?: () => number;
  readonly imapTiming?: Partial<ImapTiming>;
  readonly smtpTiming?: Partial<SmtpTiming>;
}

const capabilities: ChannelCapabilities = {
  maxText: limits.textLength,
  maxAttachmentBytes: limits.outgoingBytes,
  subject: true,
  html: true,
  canInitiate: true,
  // a mail that was sent twice has the same Message-ID twice: mail programs and services show it once
  settles: 'same_id',
  // some wait for a link: what is taken from the outbox and settled together costs a fraction of one by one
  rate: { perSecond: 200, concurrency: 4 * limits.smtpLinks },
};

const states = {
  connecting: 'connecting',
  up: 'up',
  busy: 'degraded',
  refused: 'down',
} as const satisfies Record<FollowerState, string>;

/** Reading by IMAP and sending by SMTP for one mailbox, behind the contract of message channels. */
export function createEmailChannel(options: EmailChannelOptions): MessageChannel {
  const { account, clock, signer } = options;
  const log = options.log.child({ accountId: account.id });
  const addresses = account.addresses.map((address) => address.toLowerCase());
  const { imap, smtp } = account.settings;
  const health = createHealth(clock.now);
  const reader = createMailReader({ signer, clock, log });
  const token = options.token ?? ownTokens(options, log);
  const parts: Parts = { options, log, addresses, token };
  const follower = imap ? followerOf({ ...parts, health, reader, imap }) : null;
  const sender = smtp ? senderOf({ ...parts, follower, smtp }) : null;
  let isStarted = false;
  let closing: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    sender?.close();
    await follower?.close();
    await reader.close();
    health.set('in', 'off', '');
    health.set('out', 'off', '');
  };

  return {
    name: `email ${account.name}`,
    channel: 'email',
    accountId: account.id,
    capabilities: { ...capabilities, canInitiate: smtp !== null },
    health: () => health.now(),
    async start() {
      if (isStarted || closing) return;
      isStarted = true;
      if (smtp) health.set('out', 'up', '');
      if (imap) health.set('in', 'connecting', '');
      follower?.start();
    },
    close: () => {
      closing ??= close();
      return closing;
    },
    async send(message, signal) {
      if (!sender) return noServer;
      const result = await sender.send(message, signal);
      if (closing) return result;
      if (result.kind === 'accepted') health.set('out', 'up', '');
      if (result.kind === 'account_down')
        health.set('out', 'down', `${result.problem.code} ${result.problem.text}`.trim());
      return result;
    },
  };
}

const noServer: SendResult = {
  kind: 'account_down',
  problem: { kind: 'sender', code: 'no server', text: 'the mailbox has no server for sending' },
};

interface Parts {
  readonly options: EmailChannelOptions;
  readonly log: Log;
  readonly addresses: readonly string[];
  readonly token: (() => Promise<string>) | undefined;
}

function ownTokens({ account, clock, keepToken }: EmailChannelOptions, log: Log): Parts['token'] {
  const { oauth } = account.settings;
  const { refreshToken, clientSecret } = account.secrets;
  if (!oauth || refreshToken === undefined) return undefined;
  async function keep(rotated: RotatedToken): Promise<void> {
    try {
      await keepToken?.(rotated);
    } catch (error) {
      log.error({ err: error }, 'a new refresh token was not kept');
      throw error;
    }
  }
  return createTokenSource({ oauth, refreshToken, clientSecret, clock, keep });
}

function followerOf(parts: Parts & { health: HealthKeeper; reader: MailReader; imap: ImapSettings }): Follower {
  const { options, log, addresses, token, health, reader, imap } = parts;
  const { account, clock, receive, random = Math.random } = options;
  return createFollower({
    settings: imap,
    password: account.secrets.password ?? '',
    token,
    ca: options.ca,
    timing: { ...imapTiming, ...options.imapTiming },
    clock,
    log,
    random,
    bookmarks: createBookmarks(options.state),
    read: createIntake({ accountId: account.id, addresses, receive, reader, clock, log }),
    onState: (state, problem) => health.set('in', states[state], problem),
    onCatchUp(progress) {
      if (progress) health.set('in', 'up', '');
      health.catchUp(progress);
    },
  });
}

function senderOf(parts: Parts & { follower: Follower | null; smtp: SmtpSettings }): Sender {
  const { options, log, addresses, token, follower, smtp } = parts;
  const { account, clock, receive, signer } = options;
  const { password = '', smtpPassword = password, dkimKey } = account.secrets;
  const main = addresses[0] ?? '';
  return createSender({
    accountId: account.id,
    settings: smtp,
    password: smtpPassword,
    token,
    ca: options.ca,
    name: main.slice(main.lastIndexOf('@') + 1) || 'localhost',
    timing: { ...smtpTiming, ...options.smtpTiming },
    identity: { settings: smtp, dkimKey, signer, loopMark: main },
    receive,
    clock,
    log,
    onSent(mail) {
      if (smtp.saveToSent) follower?.saveCopy(mail.raw);
    },
  });
}
