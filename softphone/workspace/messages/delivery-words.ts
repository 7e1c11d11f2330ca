import type { DeliveryView } from '../../../server/contract/messages-schemas.ts';
import { clockTime } from '../../i18n/format.ts';
import type { Language, Translate } from '../../i18n/translate.ts';

/** How a message is doing: the word, and what colour it may have besides. */
export interface DeliveryText {
  readonly tone: 'calm' | 'pending' | 'good' | 'bad';
  readonly text: string;
}

/** How far an outgoing message has come, in words. Pure. */
export function deliveryText(delivery: DeliveryView, t: Translate, language: Language): DeliveryText {
  const { state, error, attempts, nextAttemptAt, segments, waitsFor = null, isResolved = false } = delivery;
  const because = error === '' ? '' : `: ${error}`;
  if (waitsFor !== null) return { tone: 'bad', text: t('delivery.accountOff', { name: waitsFor }) };
  switch (state) {
    case 'held':
    case 'sending':
      return { tone: 'pending', text: t(`delivery.${state}`) };
    case 'queued':
      return attempts > 0 && nextAttemptAt !== null
        ? { tone: 'pending', text: t('delivery.again', { time: clockTime(nextAttemptAt, language) }) }
        : { tone: 'pending', text: t('delivery.queued') };
    case 'unconfirmed':
      return { tone: 'pending', text: t('delivery.unconfirmed') };
    case 'accepted':
    case 'sent':
      return segments !== null && segments.delivered > 0
        ? { tone: 'calm', text: t('delivery.partly', segments) }
        : { tone: 'calm', text: t('delivery.sent') };
    case 'delivered':
    case 'read':
      return segments !== null && segments.delivered < segments.total && state === 'delivered'
        ? { tone: 'good', text: t('delivery.partly', segments) }
        : { tone: 'good', text: t(`delivery.${state}`) };
    case 'failed':
    case 'dead':
      return isResolved
        ? { tone: 'calm', text: `${t(`delivery.${state}`)}, ${t('delivery.resolved')}` }
        : { tone: 'bad', text: t(`delivery.${state}`) + because };
    case 'undone':
      return { tone: 'calm', text: t('delivery.undone') };
  }
}

/** It did not arrive and somebody has to see to it. Pure. */
export const isLost = (delivery: DeliveryView | null): boolean =>
  delivery !== null && (delivery.state === 'failed' || delivery.state === 'dead') && delivery.isResolved !== true;
