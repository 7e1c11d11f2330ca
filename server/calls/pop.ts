import type { ClientCard, PopView } from '../contract/schemas.ts';
import type { Caller } from './caller.ts';
import type { CallsContext } from './context.ts';
import type { LiveCall } from './live-call.ts';
import { pageOf, userRef } from './views.ts';

/** The screen-pop, read now: who, why here, what is open, the last contact, warnings. */
export async function readPop(context: CallsContext, call: LiveCall): Promise<PopView> {
  const { clients, timeline } = context;
  const [card, facts] = await Promise.all([clients.card(call.client.id), timeline.facts(call.client.id, call.id)]);
  return popOf(context, call, { card, facts });
}

/** The screen-pop of what has just been read. */
export function popOf(context: CallsContext, call: LiveCall, { card, facts }: Pick<Caller, 'card' | 'facts'>): PopView {
  const { clock } = context;
  const { lastContact, open, lastSpokenWith } = facts;
  return {
    interactionId: call.id,
    card,
    isNewCard: call.isNewCard,
    why: {
      direction: call.direction,
      lineName: call.line.name,
      queueName: call.direction === 'in' ? call.queue.name : null,
      waitedSeconds: Math.round(((call.answeredAt ?? clock.now()) - call.arrivedAt) / 1000),
      reason: call.offer?.reason ?? null,
      lastSpokenWith,
      ...(call.page && { page: pageOf(call.page) }),
    },
    open,
    lastContact,
    warnings: warningsOf(context, card, call),
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
