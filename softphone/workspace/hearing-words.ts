import type { MessageKey } from '../i18n/translate.ts';
import type { Hearing } from '../phone/hearing.ts';
import { type HearingGrade, hearingGrades } from '../phone/steady.ts';

type HearingKey = Extract<MessageKey, `hearing.${string}`>;

/** The one sentence about both sides that matters most: what the agent can do something about comes first. */
export function hearingMessage({
  youHear,
  theyHear,
  micSilent,
}: Hearing): Exclude<HearingKey, 'hearing.you' | 'hearing.they' | 'hearing.figures' | 'hearing.figures.delay'> {
  if (micSilent) return 'hearing.micSilent';
  if (theyHear === 'silent') return 'hearing.theySilent';
  if (youHear === 'silent') return 'hearing.youSilent';
  if (youHear === 'bad' && theyHear === 'bad') return 'hearing.bothBad';
  if (theyHear === 'bad') return 'hearing.theyBad';
  if (youHear === 'bad') return 'hearing.youBad';
  return worst({ youHear, theyHear }) === 'fair' ? 'hearing.fair' : 'hearing.good';
}

/** The worse one of both sides. */
export function worst({ youHear, theyHear }: Pick<Hearing, 'youHear' | 'theyHear'>): HearingGrade {
  return hearingGrades[Math.max(hearingGrades.indexOf(youHear), hearingGrades.indexOf(theyHear))] ?? theyHear;
}
