import type { Candidate, Disposition, PresenceView } from '../../server/contract/schemas.ts';
import { offerResults } from '../../server/contract/words.ts';
import { clockTime, dayAndTime } from '../i18n/format.ts';
import type { Language, Translate } from '../i18n/translate.ts';
import type { Reasons } from './use-reasons.ts';

interface CandidateWords extends Pick<Reasons, 'nameOf'> {
  readonly t: Translate;
  readonly language: Language;
}

/** One reason in words, with its parameter in the reader's terms. */
export function candidateText({ reason, parameter }: Candidate, words: CandidateWords): string {
  const { t, language, nameOf } = words;
  const isTime = parameter !== null && !Number.isNaN(Date.parse(parameter));
  if (reason === 'off_shift' && isTime) {
    return t('candidate.off_shift.until', { time: dayAndTime(parameter, Date.now(), language) });
  }
  if (reason === 'wrap_up' && isTime) {
    return t('candidate.wrap_up.until', { time: clockTime(parameter, language) });
  }
  if (reason === 'not_ready' && parameter !== null && parameter !== '') {
    return t('candidate.not_ready.reason', { reason: nameOf(parameter).toLowerCase() });
  }
  const before = offerResults.find((known) => known === parameter);
  if (reason === 'tried' && before !== undefined) {
    return t('candidate.tried.result', { result: t(`offerResult.${before}`) });
  }
  return t(`candidate.${reason}`);
}

/** "Ready", or why not: "Lunch". */
export function statusText(
  { status, reason }: Pick<PresenceView, 'status' | 'reason'>,
  t: Translate,
  nameOf: Reasons['nameOf'],
): string {
  if (status === 'available') return t('status.available');
  return reason === '' ? t('status.not_ready') : nameOf(reason);
}

/** A result of a call in the reader's language. */
export function dispositionName(disposition: Pick<Disposition, 'nameRu' | 'nameEn'>, language: Language): string {
  return language === 'ru' ? disposition.nameRu : disposition.nameEn;
}
