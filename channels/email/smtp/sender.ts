import { createPrivateKey } from 'node:crypto';
import type { Clock } from '../../../server/kernel/clock.ts';
import type { AccountId } from '../../../server/kernel/ids.ts';
import type { Log } from '../../../server/kernel/log.ts';
import type { Receive } from '../../channel.ts';
import type { DeliveryProblem, DeliveryReported, OutgoingMessage, SendResult } from '../../message-channel.ts';
import { limits } from '../limits.ts';
import type { SmtpSettings } from '../settings.ts';
import { type BuiltMail, composeMail, type Identity } from './compose.ts';
import type { LinkOptions, LinkResult } from './link.ts';
import { createPool } from './pool.ts';
import { createDomainRate } from './rate.ts';
import { type SmtpFailure, verdictOfFailure } from './verdict.ts';

export interface SenderOptions extends LinkOptions {
  readonly accountId: AccountId;
  readonly identity: Identity;
  readonly settings: SmtpSettings;
  readonly receive: Receive;
  readonly clock: Clock;
  readonly log: Log;
  /** The server took this mail. */
  onSent(mail: BuiltMail): void;
}

/** Sends mails, one attempt at a time. */
export interface Sender {
  /** Never rejects. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult>;
  close(): void;
}

type Accepted = Extract<LinkResult, { ok: true }>['info'];

const refusal = (kind: DeliveryProblem['kind'], code: string, text: string): DeliveryProblem => ({ kind, code, text });
const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** Of the envelope (RFC 5321 section 4.1.2): what would end a command is no address. */
const isAddress = (address: string): boolean =>
  /^[^\s\p{Cc}<>]+@[^\s\p{Cc}<>@]+$/u.test(address) && address.length <= 320;

/** Why a message is refused without asking anybody; null when there is no reason. */
function faultOf(message: OutgoingMessage): DeliveryProblem | null {
  const addresses = [...message.to, ...message.cc].map(({ address }) => address);
  const quoted = (text: string): string => JSON.stringify(text).slice(0, limits.factLength);
  if (!isAddress(message.from.address)) return refusal('sender', 'no address', quoted(message.from.address));
  if (message.to.length === 0) return refusal('recipient', 'no recipient', 'the mail is to nobody');
  const wrong = addresses.find((address) => !isAddress(address));
  if (wrong !== undefined) return refusal('recipient', 'no address', quoted(wrong));
  const isLong = message.text.length > limits.textLength || (message.html?.length ?? 0) > limits.htmlLength;
  return isLong ? refusal('content', 'too long', 'the text of the mail is too long') : null;
}

/** Whether mails can be signed as it is set up. */
function isKeyGood({ settings, dkimKey = '' }: Identity): boolean {
  if (!settings.dkim) return true;
  try {
    return createPrivateKey(dkimKey).asymmetricKeyType === 'rsa';
  } catch {
    // whatever is wrong with it, it cannot be used
    return false;
  }
}

export function createSender(options: SenderOptions): Sender {
  const { clock, log } = options;
  const pool = createPool(options, clock);
  const canSign = isKeyGood(options.identity);
  const rate = createDomainRate(options.settings.perDomainPerMinute, clock.now);

  /** The server took a mail for some recipients and not for others: the others are told of one by one, by their place. */
  async function reportRefused(message: OutgoingMessage, mail: BuiltMail, info: Accepted): Promise<void> {
    for (const error of info.rejectedErrors ?? []) {
      const {
        recipient = '',
        responseCode = null,
        response = error.message,
      } = error as Error & {
        recipient?: string;
        responseCode?: number;
        response?: string;
      };
      const failure: SmtpFailure = {
        stage: 'envelope',
        code: responseCode,
        text: response.slice(0, limits.smtpReplyLength),
        isTls: false,
      };
      const verdict = verdictOfFailure(failure);
      const part = mail.recipients.indexOf(recipient);
      const report: DeliveryReported = {
        channel: 'email',
        type: 'delivery.reported',
        sourceId: `${options.accountId}/refused/${message.id}/${part}`,
        accountId: options.accountId,
        at: clock.now(),
        messageId: message.id,
        providerId: null,
        part: part < 0 ? null : part,
        step: 'failed',
        problem:
          verdict.kind === 'accepted' ? null : { ...verdict.problem, text: `${recipient}: ${verdict.problem.text}` },
        isComplaint: false,
      };
      await options.receive(report);
    }
  }

  async function settle(message: OutgoingMessage, mail: BuiltMail, result: LinkResult): Promise<SendResult> {
    if (!result.ok) {
      const verdict = verdictOfFailure(result.failure);
      log.info({ messageId: message.id, stage: result.failure.stage, verdict }, 'A mail was not taken');
      return verdict;
    }
    const { info } = result;
    options.onSent(mail);
    try {
      await reportRefused(message, mail, info);
    } catch (error) {
      // the mail is out: a report that is lost must not make it doubtful
      log.error({ messageId: message.id, err: error }, 'A refused recipient could not be reported');
    }
    return { kind: 'accepted', providerId: info.serverMessageId ?? mail.messageId, parts: [] };
  }

  return {
    async send(message, signal) {
      const fault = faultOf(message);
      if (fault) return { kind: 'rejected', problem: fault };
      // unsigned mail of a domain that signs is taken for a forgery
      if (!canSign)
        return { kind: 'account_down', problem: refusal('sender', 'dkim key', 'the DKIM key is no RSA key') };
      let mail: BuiltMail;
      try {
        mail = await composeMail(message, options.identity);
      } catch (error) {
        log.error({ messageId: message.id, err: error }, 'A mail could not be made');
        const text = error instanceof Error ? error.message : String(error);
        return { kind: 'retry', problem: refusal('unknown', 'compose', text.slice(0, limits.factLength)) };
      }
      if (mail.raw.length > limits.outgoingRawBytes) {
        return { kind: 'rejected', problem: refusal('content', 'too large', `${mail.raw.length} bytes`) };
      }
      const afterMs = rate.take(mail.recipients.map(domainOf));
      if (afterMs > 0) {
        const text = 'enough mails to this domain for the moment';
        return { kind: 'throttled', afterMs, isAlone: true, problem: refusal('temporary', 'own rate', text) };
      }
      return settle(message, mail, await pool.send(mail, signal));
    },
    close: pool.close,
  };
}
