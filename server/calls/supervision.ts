import type { AgentListItem, QueueView } from '../contract/schemas.ts';
import type { InteractionId } from '../kernel/ids.ts';
import type { CallsContext } from './context.ts';
import { candidateViews } from './history.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Callers shown per queue; a longer line is cut, its length is in the metrics. */
const maxShown = 200;

/** Queues with their callers, and for each the reason why nobody rings. */
export function queueViews(context: CallsContext): QueueView[] {
  const { setup, dispatcher, live, roster } = context;
  return setup.queues.map((queue) => ({
    id: queue.id,
    name: queue.name,
    waiting: dispatcher
      .waiting(queue.id)
      .slice(0, maxShown)
      .flatMap((entry) => {
        const call = live.get(entry.interactionId);
        if (!call) return [];
        const decision = call.state === 'queued' ? dispatcher.explain(entry.interactionId) : null;
        return [
          {
            interactionId: call.id,
            client: { id: call.client.id, name: call.client.name },
            peer: call.peer.display,
            since: iso(call.arrivedAt),
            state: call.state,
            candidates: decision ? candidateViews(roster, decision.candidates) : [],
          },
        ];
      }),
  }));
}

/** What an agent works on, as a supervisor may see it. */
function inHand({ live, roster }: Pick<CallsContext, 'live' | 'roster'>, id: InteractionId): AgentListItem['inHand'] {
  const call = live.get(id);
  if (!call) return null;
  return {
    client: { id: call.client.id, name: call.client.name },
    peer: call.peer.display,
    direction: call.direction,
    queueName: call.direction === 'in' ? call.queue.name : '',
    state: call.state,
    listeners: [...call.listeners.values()].map((userId) => ({
      id: userId,
      name: roster.agent(userId)?.row.name ?? '',
    })),
  };
}

/** Agents with state, time in state and the work in hand. */
export function agentViews(context: Pick<CallsContext, 'roster' | 'clock' | 'live'>): AgentListItem[] {
  const { roster, clock } = context;
  const now = clock.now();
  return [...roster.all()].map((agent) => ({
    id: agent.id,
    name: agent.row.name,
    role: agent.row.role,
    status: agent.status,
    reason: agent.reason,
    phone: agent.phone,
    onShift: agent.shift !== null && agent.shift.startsAt <= now && now < agent.shift.endsAt,
    busy: agent.work?.kind ?? null,
    interactionId: agent.work?.interactionId ?? null,
    since: iso(agent.since),
    nextStatus: agent.presence.nextStatus,
    nextReason: agent.presence.nextReason,
    inHand: agent.work ? inHand(context, agent.work.interactionId) : null,
  }));
}
