import type { ClientCard, PopView, TimelineEntry } from '../../server/contract/schemas.ts';
import { numberReasons } from '../../server/contract/words.ts';
import { ago, duration, timeIn } from '../i18n/format.ts';
import type { Language, Translate } from '../i18n/translate.ts';

export interface Reader {
  readonly t: Translate;
  readonly language: Language;
  readonly userId: number;
  /** ms since the epoch, the server's clock. */
  readonly now: number;
}

/** Line 2: why it is here, in one sentence. Pure. */
export function whyLine({ why, card, warnings }: PopView, { t, language, userId, now }: Reader): string {
  const inbound = why.direction === 'in';
  const responsible =
    card.responsible === null
      ? undefined
      : card.responsible.id === userId
        ? t('pop.yourClient')
        : t('pop.clientOf', { name: card.responsible.name });
  const spoken = why.lastSpokenWith;
  // the talk that broke off is not in the history yet
  const never = warnings.some(({ code }) => code === 'was_talking_with') ? '' : t('pop.never');
  const when = spoken === null ? '' : ago(spoken.at, now, language);
  return [
    inbound ? t('pop.in', { line: why.lineName }) : t('pop.out', { line: why.lineName }),
    fromPage(why.page, t),
    inbound && why.queueName !== null && why.queueName !== why.lineName ? t('pop.queue', { queue: why.queueName }) : '',
    inbound && why.waitedSeconds > 0 ? t('pop.waited', { time: duration(why.waitedSeconds * 1000) }) : '',
    responsible ?? '',
    spoken === null
      ? never
      : spoken.user.id === userId
        ? t('pop.lastYou', { when })
        : t('pop.lastOther', { name: spoken.user.name, when }),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Where on a site he pressed "Call"; empty for calls by telephone. */
export const fromPage = (page: TimelineEntry['page'], t: Translate): string =>
  page === undefined || page.title + page.url === '' ? '' : t('pop.fromPage', { page: page.title || page.url });

/** Line 3: what is open with this client. */
export function openLine(open: PopView['open'], { t, language, now }: Reader): string {
  if (open.missedCalls === 0) return t('pop.open.none');
  const when = open.lastMissedAt === null ? '' : ago(open.lastMissedAt, now, language);
  return t('pop.open.missed', { count: open.missedCalls, when });
}

/** Line 4: the last contact in one sentence. */
export function lastLine(entry: TimelineEntry | null, { t, language, now }: Reader): string {
  if (entry === null) return t('pop.last.none');
  const outcome =
    entry.disposition === null ? '' : language === 'ru' ? entry.disposition.nameRu : entry.disposition.nameEn;
  return [
    `${entryTitle(entry, t)}, ${ago(entry.at, now, language)}`,
    entry.user?.name ?? '',
    outcome || entryResult(entry, t),
    entry.note,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** "Incoming call", "Note", ... */
export function entryTitle(entry: Pick<TimelineEntry, 'kind' | 'direction'>, t: Translate): string {
  return entry.kind === 'call' ? t(`timeline.${entry.direction}.call`) : t(`timeline.kind.${entry.kind}`);
}

const callStatuses = ['ongoing', 'answered', 'missed', 'abandoned', 'failed'] as const;

/** How a call ended, in words; empty for other kinds. */
export function entryResult(entry: TimelineEntry, t: Translate): string {
  if (entry.kind === 'voicemail') return entry.result === null ? '' : t(`result.${entry.result}`);
  if (entry.kind !== 'call') return '';
  const status = callStatuses.find((known) => known === entry.status);
  if (status === undefined) return entry.status;
  // of a call that was talked the end matters little; of any other it says what to do next
  return status === 'answered' || status === 'ongoing' || entry.result === null
    ? t(`callStatus.${status}`)
    : t(`result.${entry.result}`);
}

/** One warning in words; a code that this version does not know is shown by its text. Pure. */
export function warningText({ code, text }: PopView['warnings'][number], t: Translate): string {
  if (code === 'was_talking_with') return t('warning.was_talking_with', { name: text });
  if (code === 'lost_client') return t('warning.lost_client');
  const reason = numberReasons.find((known) => code === `number_${known}`);
  if (reason === undefined) return text;
  return text === '' || reason === 'hidden'
    ? t(`number.${reason}`)
    : t('warning.number', { reason: t(`number.${reason}`), number: text });
}

/** Where the client is and what time it is there; the server guesses a zone from the number when the card has none. */
export function placeLine(card: ClientCard, { t, language, now }: Reader): string {
  const time = timeIn(card.timeZone, now, language);
  const name = card.region === '' ? '' : countryName(card.region, language);
  return [name, time === undefined ? '' : t('pop.localTime', { time })].filter((part) => part !== '').join(', ');
}

function countryName(code: string, language: Language): string {
  try {
    return new Intl.DisplayNames([language], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}
