/** What Twilio's answers mean: error codes of the API, statuses and error codes of messages. */
import type { DeliveryProblem, DeliveryStep, SendResult } from '../../message-channel.ts';

type Kind = DeliveryProblem['kind'];

/** Which of a message's problems is whose, by Twilio's error code. The same codes stand in answers and in callbacks. */
const kindOfCode = new Map<number, Kind>([
  [21211, 'recipient'],
  [21214, 'recipient'],
  [21217, 'recipient'],
  [21614, 'recipient'],
  [30005, 'recipient'],
  [30006, 'recipient'],
  [21610, 'opted_out'],
  [21602, 'content'],
  [21617, 'content'],
  [30007, 'content'],
  [21408, 'sender'],
  [21612, 'sender'],
  [30002, 'sender'],
  [30004, 'sender'],
  [30032, 'sender'],
  [30034, 'sender'],
  [30035, 'sender'],
  [30001, 'temporary'],
  [30003, 'temporary'],
  [30008, 'unknown'],
]);

/** Password, money, numbers that are not ours: every next message would be refused too. */
const accountCodes: readonly number[] = [20003, 20005, 21212, 21603, 21606, 21701, 21703, 21705];
/** 20429 is the API, 21611 the queue of one number. */
const throttleCodes: readonly number[] = [20429, 21611];

/** Nothing has left this machine, or nobody could have read it. */
const neverSent: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);

const fieldOf = (error: unknown, name: 'status' | 'code'): unknown =>
  typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;

/** How an attempt ended that the SDK reported as an error. */
export function resultOfError(error: unknown): Exclude<SendResult, { kind: 'accepted' }> {
  const status = Number(fieldOf(error, 'status') ?? 0);
  const code = fieldOf(error, 'code');
  const number = typeof code === 'number' ? code : 0;
  const problem = (kind: Kind): DeliveryProblem => ({
    kind,
    code: String(code ?? (status || 'NO_ANSWER')),
    text: textOf(error),
  });

  if (throttleCodes.includes(number) || status === 429)
    return { kind: 'throttled', problem: problem('temporary'), afterMs: 1_000 };
  if (accountCodes.includes(number) || status === 401) return { kind: 'account_down', problem: problem('sender') };
  if (status >= 400 && status < 500) return { kind: 'rejected', problem: problem(kindOfCode.get(number) ?? 'unknown') };
  if (typeof code === 'string' && neverSent.includes(code)) return { kind: 'retry', problem: problem('temporary') };
  // a gateway may answer 502 after the message went through, and a connection may break after it was read
  return { kind: 'unknown', problem: problem('unknown') };
}

/** MessageStatus of callbacks and of the API. `sending` is still Twilio's own: the carrier has it with `sent`. */
const steps: Readonly<Record<string, DeliveryStep>> = {
  scheduled: 'accepted',
  accepted: 'accepted',
  queued: 'accepted',
  sending: 'accepted',
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
};

/** null for statuses that say nothing of a message of ours. */
export const stepOfStatus = (status: string): DeliveryStep | null =>
  Object.hasOwn(steps, status) ? (steps[status] ?? null) : null;

/** Of a callback; null when all is well. */
export function problemOfStatus(status: string, errorCode: string, errorMessage: string): DeliveryProblem | null {
  if (steps[status] !== 'failed') return null;
  const kind = kindOfCode.get(Number(errorCode)) ?? 'unknown';
  return { kind, code: errorCode || status, text: (errorMessage || `Twilio says ${status}`).slice(0, 500) };
}
