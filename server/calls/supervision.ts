import type { SignedInUser } from '../access/route.ts';
import type { AgentListItem, QueueView } from '../contract/schemas.ts';
import type { InteractionId } from '../kernel/ids.ts';
import type { CallsContext } from './context.ts';
import { candidateViews } from './history.ts';
import type { LiveCall } from './live-call.ts';
import { mayName, steers } from './rights.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Callers shown per queue; a longer line is cut, its length is in the metrics. */
const maxShown = 200;

/** Whom a call is with; without a name and a number for a supervisor who must not see the client. */
function whom(context: Pick<CallsContext, 'teams'>, { client, peer }: LiveCall, user: SignedInUser) {
  const isNamed = mayName(context, client, user);
  return { client: { id: client.id, name: isNamed ? client.name : '' }, peer: isNamed ? peer.display : '' };
}

/** Queues with their callers, as this supervisor may see them, and for each the reason why nobody rings. */
export function queueViews(context: CallsContext, user: SignedInUser): QueueView[] {
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
            ...whom(context, call, user),
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

/** Agents whom this supervisor steers, and himself, with state, time in state and the work in hand. */
export function agentViews(
  context: Pick<CallsContext, 'roster' | 'clock' | 'live' | 'teams'>,
  user: SignedInUser,
): AgentListItem[] {
  const { roster, clock } = context;
  const now = clock.now();
  const agents = [...roster.all()].filter(({ id }) => id === user.id || steers(context, user, id));
  return agents.map((agent) => ({
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
