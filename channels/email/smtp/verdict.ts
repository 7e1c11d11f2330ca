import type { DeliveryProblem, SendResult } from '../../message-channel.ts';
import { enhancedCode } from '../judge/status.ts';
import { limits } from '../limits.ts';

/** How far an attempt had come. `handed`: the final dot may have been sent, so the server may have the mail. */
export type SmtpStage = 'connect' | 'login' | 'envelope' | 'handed';

/** Why an attempt failed. */
export interface SmtpFailure {
  readonly stage: SmtpStage;
  /** Reply code (RFC 5321 section 4.2); null when there was no reply. */
  readonly code: number | null;
  /** The server's words, or the system's. */
  readonly text: string;
  /** A fault of certificates or of the upgrade to TLS. */
  readonly isTls: boolean;
}

type Fate = 'rejected' | 'retry' | 'throttled' | 'unknown' | 'account_down';

interface Row {
  readonly stage?: readonly SmtpStage[];
  /** Of reply code and enhanced code (RFC 3463): `550 5.1.1`, `550 `, or '' without a reply. */
  readonly code?: RegExp;
  readonly text?: RegExp;
  readonly tls?: true;
  readonly fate: Fate;
  readonly problem: DeliveryProblem['kind'];
  readonly afterMs?: number;
}

const minute = 60_000;
const tooFast = /\brate\b|too many|too fast|slow down|throttl|limit exceeded/i;
const full = /quota|mailbox (?:is )?full|over ?quota|insufficient (?:system )?storage/i;
const unknownUser = /user (?:is )?unknown|unknown user|no such (?:user|recipient|mailbox)|does not exist|not found/i;
const policy = /spam|block|blacklist|blocklist|reputation|policy|dmarc|dkim|\bspf\b|relay|denied|banned/i;

/** First row that fits. Replies first: a reply is a decision, however far the attempt had come. */
const rows: readonly Row[] = [
  { stage: ['connect'], tls: true, fate: 'account_down', problem: 'sender' },
  { code: /^421 /, fate: 'throttled', problem: 'temporary', afterMs: minute },
  // RFC 4954 section 6: 454 is temporary, the others want another password, another method, or TLS
  { stage: ['login'], code: /^(?:432|454|4..) /, fate: 'retry', problem: 'temporary' },
  { stage: ['login'], code: /^5/, fate: 'account_down', problem: 'sender' },
  { code: /^(?:530|534|535|538) /, fate: 'account_down', problem: 'sender' },
  { stage: ['connect'], code: /^5/, fate: 'account_down', problem: 'sender' },
  { code: /^4/, text: tooFast, fate: 'throttled', problem: 'temporary', afterMs: minute },
  { code: /^45. /, text: /gr[ae]y/i, fate: 'retry', problem: 'temporary', afterMs: 5 * minute },
  { code: /^4/, fate: 'retry', problem: 'temporary' },
  // RFC 3463: address; mailbox full and system; content; policy
  { code: /^5.. 5\.1\.[78]/, fate: 'rejected', problem: 'sender' },
  { code: /^5.. 5\.1\./, fate: 'rejected', problem: 'recipient' },
  { code: /^5.. 5\.2\.1/, fate: 'rejected', problem: 'recipient' },
  { code: /^5.. 5\.(?:2\.3|3\.4|6\.)/, fate: 'rejected', problem: 'content' },
  { code: /^5.. 5\.2\./, fate: 'rejected', problem: 'temporary' },
  { code: /^5.. 5\.7\./, fate: 'rejected', problem: 'sender' },
  // without an enhanced code that says anything
  { code: /^5/, text: full, fate: 'rejected', problem: 'temporary' },
  { code: /^552 /, fate: 'rejected', problem: 'content' },
  { code: /^5/, text: unknownUser, fate: 'rejected', problem: 'recipient' },
  { code: /^5/, text: policy, fate: 'rejected', problem: 'sender' },
  { stage: ['envelope'], code: /^(?:550|551|553|556) /, fate: 'rejected', problem: 'recipient' },
  { stage: ['handed'], code: /^5/, fate: 'rejected', problem: 'content' },
  { code: /^5/, fate: 'rejected', problem: 'unknown' },
  // no reply
  { stage: ['handed'], fate: 'unknown', problem: 'unknown' },
  { fate: 'retry', problem: 'temporary' },
];

/** `550 5.1.1`, `550 ` without an enhanced code, '' without a reply. */
const codeOf = ({ code, text }: SmtpFailure): string => (code === null ? '' : `${code} ${enhancedCode(text) ?? ''}`);

const fits = (row: Row, failure: SmtpFailure): boolean =>
  (row.stage?.includes(failure.stage) ?? true) &&
  (row.code?.test(codeOf(failure)) ?? true) &&
  (row.text?.test(failure.text) ?? true) &&
  (row.tls === undefined || failure.isTls);

/** What a failed attempt means, by the table above (RFC 5321 section 4.2, RFC 3463, RFC 4954 section 6). */
export function verdictOfFailure(failure: SmtpFailure): SendResult {
  const {
    fate,
    problem: kind,
    afterMs,
  } = rows.find((row) => fits(row, failure)) ?? { fate: 'retry', problem: 'temporary' };
  const problem: DeliveryProblem = {
    kind,
    code: codeOf(failure).trim(),
    text: failure.text.slice(0, limits.factLength),
  };
  const isWaiting = fate === 'retry' || fate === 'throttled';
  return isWaiting && afterMs !== undefined ? { kind: fate, problem, afterMs } : { kind: fate, problem };
}
