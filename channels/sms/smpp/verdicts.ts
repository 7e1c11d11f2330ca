/** What an SMSC's answer to a submission means for the message. */
import type { DeliveryProblem, SendResult } from '../../message-channel.ts';
import { statuses, statusName } from './commands.ts';
import type { SubmitOutcome } from './link.ts';

type Verdict =
  | { readonly kind: 'accepted'; readonly id: string }
  | {
      readonly kind: 'rejected' | 'retry' | 'throttled' | 'unknown' | 'account_down';
      readonly problem: DeliveryProblem;
      readonly afterMs?: number;
    };

/** A link that was cut is there again after about so long. */
const linkPauseMs = 500;

interface Meaning {
  readonly kind: 'rejected' | 'retry' | 'throttled';
  readonly of: DeliveryProblem['kind'];
}
const recipient: Meaning = { kind: 'rejected', of: 'recipient' };
const sender: Meaning = { kind: 'rejected', of: 'sender' };
const content: Meaning = { kind: 'rejected', of: 'content' };
const later: Meaning = { kind: 'retry', of: 'temporary' };
const slower: Meaning = { kind: 'throttled', of: 'temporary' };

const meanings = new Map<number, Meaning>([
  [statuses.ESME_RTHROTTLED, slower],
  [statuses.ESME_RMSGQFUL, slower],
  [statuses.ESME_RSYSERR, later],
  [statuses.ESME_RINVBNDSTS, later],
  [statuses.ESME_RSUBMITFAIL, later],
  [statuses.ESME_RX_T_APPN, later],
  [statuses.ESME_RUNKNOWNERR, later],
  [statuses.ESME_RINVDSTADR, recipient],
  // how we name the recipient is our setting: no address is closed for it
  [statuses.ESME_RINVDSTTON, sender],
  [statuses.ESME_RINVDSTNPI, sender],
  [statuses.ESME_RINVSRCADR, sender],
  [statuses.ESME_RINVSRCTON, sender],
  [statuses.ESME_RINVSRCNPI, sender],
  [statuses.ESME_RINVSERTYP, sender],
  [statuses.ESME_RINVMSGLEN, content],
  [statuses.ESME_RINVCMDLEN, content],
  [statuses.ESME_RINVESMCLASS, content],
  [statuses.ESME_RINVOPTPARSTREAM, content],
  [statuses.ESME_ROPTPARNOTALLWD, content],
  [statuses.ESME_RINVPARLEN, content],
  [statuses.ESME_RINVOPTPARAMVAL, content],
]);

const unsentWords = {
  not_bound: 'the link is not bound',
  queue_full: 'too many submissions are waiting',
  waited_too_long: 'no room in the window in time',
  aborted: 'given up before it was written',
} as const;

function ofUnsent(outcome: SubmitOutcome & { kind: 'unsent' }): Verdict {
  const { why, text } = outcome;
  if (why === 'bind_refused')
    return { kind: 'account_down', problem: { kind: 'sender', code: text, text: 'bind refused' } };
  if (why === 'does_not_fit') return { kind: 'rejected', problem: { kind: 'sender', code: 'DOES_NOT_FIT', text } };
  const words = text === '' ? unsentWords[why] : `${unsentWords[why]}: ${text}`;
  const problem = { kind: 'temporary', code: why.toUpperCase(), text: words } as const;
  // nothing was tried: no attempt is spent while the link comes back, or its window is full
  return why === 'aborted' ? { kind: 'retry', problem } : { kind: 'throttled', problem, afterMs: linkPauseMs };
}

/** Of one part. */
export function verdictOf(outcome: SubmitOutcome): Verdict {
  if (outcome.kind === 'unsent') return ofUnsent(outcome);
  if (outcome.kind === 'silent')
    return { kind: 'unknown', problem: { kind: 'unknown', code: 'NO_ANSWER', text: outcome.why } };
  if (outcome.status === statuses.ESME_ROK) return { kind: 'accepted', id: outcome.id };
  const { kind, of } = meanings.get(outcome.status) ?? { kind: 'rejected', of: 'unknown' };
  const code = statusName(outcome.status);
  return { kind, problem: { kind: of, code, text: 'refused by the SMSC' } };
}

/** A refused part spoils the message whatever became of the others; then doubt counts, then what must wait longest. */
const gravest = ['rejected', 'unknown', 'account_down', 'retry', 'throttled'] as const;

/** Of the whole message. @param done provider's ids of the parts that are through, by number, earlier attempts included */
export function resultOf(
  verdicts: readonly Verdict[],
  done: Readonly<Record<number, string>>,
  pausedMs: number,
): SendResult {
  const gotFurther = verdicts.some((verdict) => verdict.kind === 'accepted');
  for (const kind of gravest) {
    const found = verdicts.find((verdict) => verdict.kind === kind);
    if (found === undefined || found.kind === 'accepted') continue;
    const { problem, afterMs = 1 } = found;
    const partsDone = Object.keys(done).length > 0 ? { partsDone: done } : {};
    if (kind === 'rejected') return { kind, problem };
    if (kind === 'unknown') return { kind, problem, ...partsDone };
    if (kind === 'throttled') return { kind, problem, afterMs: Math.max(pausedMs, afterMs), ...partsDone };
    // what got through now is kept first: the next attempt says that the account is down
    if (kind === 'account_down' && !gotFurther) return { kind, problem };
    return { kind: 'retry', problem, ...partsDone };
  }
  const parts = Object.keys(done)
    .map(Number)
    .sort((one, other) => one - other)
    .map((part) => done[part] ?? '');
  return { kind: 'accepted', providerId: parts[0] ?? '', parts };
}
