import type { MessageId } from '../../server/kernel/ids.ts';
import type { ConsentReported, DeliveryProblem, DeliveryReported } from '../message-channel.ts';
import type { Verdict } from './judge/status.ts';
import type { Judgement } from './judge.ts';
import { limits } from './limits.ts';
import type { MailContext } from './mail-context.ts';
import type { ReadMail } from './mime/mail.ts';
import type { MailSigner } from './signed-ids.ts';
import { genuineToken } from './tokens.ts';

const problemKinds: Readonly<Record<Verdict, DeliveryProblem['kind']>> = {
  gone: 'recipient',
  later: 'temporary',
  refused: 'sender',
  delivered: 'unknown',
};

type Outcome = Pick<DeliveryReported, 'step' | 'problem' | 'isComplaint'>;

/** The worst of what a report tells of its recipients. */
function problemOf({ report }: Judgement): DeliveryProblem {
  const failed = report?.recipients.filter(({ verdict }) => verdict !== 'delivered') ?? [];
  const worst = failed.find(({ verdict }) => verdict === 'gone') ?? failed[0];
  if (!worst) return { kind: 'unknown', code: '', text: '' };
  const text = `${worst.action}: ${worst.address}`.slice(0, limits.factLength);
  return { kind: problemKinds[worst.verdict], code: worst.status, text };
}

/** What a report says of our message; null when it says nothing of its delivery. */
function outcomeOf(judgement: Judgement): Outcome | null {
  switch (judgement.kind) {
    case 'bounce':
      return { step: 'failed', problem: problemOf(judgement), isComplaint: false };
    case 'delay':
      return { step: 'delayed', problem: problemOf(judgement), isComplaint: false };
    case 'delivered':
      return { step: 'delivered', problem: null, isComplaint: false };
    case 'complaint':
      return { step: 'delivered', problem: null, isComplaint: judgement.complaint?.type !== 'not-spam' };
    case 'read-receipt':
      return {
        step: judgement.receipt?.disposition === 'displayed' ? 'read' : 'delivered',
        problem: null,
        isComplaint: false,
      };
    default:
      return null;
  }
}

/** The Message-ID that the report names, when it is one of ours. */
function namedId({ report, complaint, receipt }: Judgement, signer: MailSigner): string | null {
  const id = (report ?? complaint ?? receipt)?.messageId ?? null;
  return id !== null && signer.sentIdOf(id) !== null ? id : null;
}

/** A report counts only when our signature proves which message it is about: anybody can write one. */
export function reportOf(judgement: Judgement, context: MailContext, signer: MailSigner): DeliveryReported | null {
  const outcome = outcomeOf(judgement);
  if (!outcome || judgement.sentId === null) return null;
  return {
    channel: 'email',
    type: 'delivery.reported',
    sourceId: context.sourceId,
    accountId: context.accountId,
    at: context.at,
    messageId: judgement.sentId as MessageId,
    providerId: namedId(judgement, signer),
    part: null,
    ...outcome,
  };
}

/** The subject that List-Unsubscribe of ours asks for, with the token that it has where plus addresses do not work. */
const isUnsubscribe = ({ subject }: ReadMail): boolean =>
  (subject ?? '')
    .replace(/\[#\w{1,64}\]/, '')
    .trim()
    .toLowerCase() === 'unsubscribe';

/** A mail program pressed "unsubscribe" for its user (RFC 2369 section 3.2): the token proves which mailing it had before it. */
export function refusalOf(
  mail: ReadMail,
  judgement: Judgement,
  context: MailContext,
  signer: MailSigner,
): ConsentReported | null {
  if (context.direction === 'echo' || outcomeOf(judgement) !== null || !isUnsubscribe(mail)) return null;
  const sentId = genuineToken(mail, signer.sentIdOfToken);
  const from = mail.from[0];
  if (sentId === null || !from?.address) return null;
  return {
    channel: 'email',
    type: 'consent.reported',
    sourceId: context.sourceId,
    accountId: context.accountId,
    at: context.at,
    address: { kind: 'email', value: from.address, displayName: from.name },
    change: 'refused',
    scope: 'marketing',
    evidence: `a mail to the List-Unsubscribe address of message ${sentId}`,
  };
}
