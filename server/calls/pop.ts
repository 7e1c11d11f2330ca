import type { ClientCard, PopView } from '../contract/schemas.ts';
import type { CallsContext } from './context.ts';
import type { LiveCall } from './live-call.ts';
import { userRef } from './views.ts';

/**
 * The screen-pop: who, why here, what is open, the last contact, warnings.
 * @param card when the caller of this function has just read it
 */
export async function popOf(context: CallsContext, call: LiveCall, card?: ClientCard): Promise<PopView> {
  const { timeline, clock } = context;
  const [present, lastContact, open, lastSpokenWith] = await Promise.all([
    card ?? context.clients.card(call.client.id),
    timeline.lastContact(call.client.id, call.id),
    timeline.missedSinceLastAnswered(call.client.id),
    timeline.lastSpokenWith(call.client.id),
  ]);
  return {
    interactionId: call.id,
    card: present,
    isNewCard: call.isNewCard,
    why: {
      direction: call.direction,
      lineName: call.line.name,
      queueName: call.direction === 'in' ? call.queue.name : null,
      waitedSeconds: Math.round(((call.answeredAt ?? clock.now()) - call.arrivedAt) / 1000),
      reason: call.offer?.reason ?? null,
      lastSpokenWith,
    },
    open,
    lastContact,
    warnings: warningsOf(context, present, call),
  };
}

function warningsOf(context: CallsContext, card: ClientCard, call: LiveCall): PopView['warnings'] {
  const warnings: PopView['warnings'] = [];
  if (card.warning) warnings.push({ code: 'card', text: card.warning });
  if (call.peer.reason) warnings.push({ code: `number_${call.peer.reason}`, text: call.peer.raw });
  if (call.lastUserId !== null)
    warnings.push({ code: 'was_talking_with', text: userRef(context, call.lastUserId)?.name ?? '' });
  if (card.stage === 'lost') warnings.push({ code: 'lost_client', text: '' });
  return warnings;
}
