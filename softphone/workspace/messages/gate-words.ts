import type { GateAnswer, GateLine } from '../../../server/contract/messages-schemas.ts';
import { messageChannelNames, messagePurposes } from '../../../server/contract/messages-words.ts';
import { dayAndTime, fileSize, phoneNumber } from '../../i18n/format.ts';
import type { Language, Translate } from '../../i18n/translate.ts';

/** Something forbids it. Pure. */
export const isBlocked = (answer: GateAnswer | undefined): boolean =>
  answer !== undefined && (!answer.allowed || answer.lines.some(({ effect }) => effect === 'blocks'));

/** Something speaks against it, and the person decides. Pure. */
export const hasWarnings = (answer: GateAnswer | undefined): boolean =>
  answer?.lines.some(({ effect }) => effect === 'warns') ?? false;

interface Reader {
  readonly t: Translate;
  readonly language: Language;
  /** ms since the epoch. */
  readonly now: number;
}

/** What a refusal covers: "SMS, marketing"; empty when it covers everything. Pure. */
export function scopeText(scope: { channel: string | null; purpose: string | null }, t: Translate): string {
  const channel = messageChannelNames.find((name) => name === scope.channel);
  const purpose = messagePurposes.find((name) => name === scope.purpose);
  const words = [
    channel === undefined ? (scope.channel === 'call' ? t('consent.calls') : '') : t(`composer.${channel}`),
    purpose === undefined ? '' : t(`purpose.${purpose}`).toLocaleLowerCase(),
  ];
  return words.filter((word) => word !== '').join(', ');
}

/** One reason in a sentence, with the facts that the server gave. Pure. */
export function gateText(line: GateLine, { t, language, now }: Reader): string {
  const { reason, facts, until } = line;
  const sentence = t(`gate.${reason}`);
  const time = facts['at'] === undefined ? '' : dayAndTime(facts['at'], now, language);
  const told: string[] = [
    scopeText({ channel: facts['channel'] ?? null, purpose: facts['purpose'] ?? null }, t),
    facts['address'] === undefined ? '' : phoneNumber(facts['address']),
    time,
    facts['evidence'] === undefined || facts['evidence'] === '' ? '' : `«${facts['evidence']}»`,
    facts['names'] ?? '',
    facts['fields'] ?? '',
    facts['problem'] ?? '',
    facts['timeZone'] ?? '',
    facts['segments'] === undefined ? '' : t('sms.segments', { count: Number(facts['segments']) }),
    facts['limit'] === undefined ? '' : measure(facts, { t, language }),
  ].filter((part) => part !== '');
  const known = told.length === 0 ? '' : ` (${told.join(', ')})`;
  return sentence + known + (until === null ? '' : `; ${t('gate.until', { time: dayAndTime(until, now, language) })}`);
}

/** "12 of 10", in bytes where they are bytes. */
function measure(facts: GateLine['facts'], { t, language }: Pick<Reader, 't' | 'language'>): string {
  const size = facts['bytes'];
  const limit = facts['limit'] ?? '';
  if (size !== undefined) {
    return t('gate.limit', { is: fileSize(Number(size), language), limit: fileSize(Number(limit), language) });
  }
  return t('gate.limit', { is: facts['characters'] ?? facts['count'] ?? '', limit });
}
