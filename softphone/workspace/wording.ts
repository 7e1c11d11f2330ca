import type { Candidate, Disposition, PresenceView } from '../../server/contract/schemas.ts';
import { notReadyReasons, offerResults } from '../../server/contract/words.ts';
import { clockTime, dayAndTime } from '../i18n/format.ts';
import type { Language, Translate } from '../i18n/translate.ts';

/** One reason in words, with its parameter in the reader's terms. */
export function candidateText({ reason, parameter }: Candidate, t: Translate, language: Language): string {
  const isTime = parameter !== null && !Number.isNaN(Date.parse(parameter));
  if (reason === 'off_shift' && isTime) {
    return t('candidate.off_shift.until', { time: dayAndTime(parameter, Date.now(), language) });
  }
  if (reason === 'wrap_up' && isTime) {
    return t('candidate.wrap_up.until', { time: clockTime(parameter, language) });
  }
  const notReady = notReadyReasons.find((known) => known === parameter);
  if (reason === 'not_ready' && notReady !== undefined) {
    return t('candidate.not_ready.reason', { reason: t(`reason.${notReady}`).toLowerCase() });
  }
  const before = offerResults.find((known) => known === parameter);
  if (reason === 'tried' && before !== undefined) {
    return t('candidate.tried.result', { result: t(`offerResult.${before}`) });
  }
  return t(`candidate.${reason}`);
}

/** "Ready" or "Not ready: lunch"; a reason that this version does not know is shown as it came. */
export function statusText(status: PresenceView['status'], reason: string, t: Translate): string {
  if (status === 'available') return t('status.available');
  const known = notReadyReasons.find((word) => word === reason);
  return known === undefined ? reason || t('status.not_ready') : t(`reason.${known}`);
}

/** A result of a call in the reader's language. */
export function dispositionName(disposition: Pick<Disposition, 'nameRu' | 'nameEn'>, language: Language): string {
  return language === 'ru' ? disposition.nameRu : disposition.nameEn;
}
