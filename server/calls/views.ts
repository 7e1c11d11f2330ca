import type { CallPage, InteractionView, TimelineEntry, UserRef } from '../contract/schemas.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Roster } from '../routing/roster.ts';
import type { RoutingSetup } from '../routing/store.ts';
import type { LiveCall } from './live-call.ts';
import { entryKind, entryStatus, talkSeconds, waitSeconds } from './store.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** Who and what is called how. */
interface Names {
  readonly roster: Pick<Roster, 'agent'>;
  readonly setup: Pick<RoutingSetup, 'dispositions'>;
}

export function userRef({ roster }: Pick<Names, 'roster'>, id: UserId | null): UserRef | null {
  const agent = id === null ? undefined : roster.agent(id);
  return agent ? { id: agent.id, name: agent.row.name } : null;
}

export const pageOf = ({ url, title }: NonNullable<LiveCall['page']>): CallPage => ({ url, title });

/** The call as its agent sees it. */
export function interactionView(context: Names, call: LiveCall): InteractionView {
  const { offer, client, peer, line } = call;
  return {
    id: call.id,
    version: call.version,
    channel: 'call',
    direction: call.direction,
    state: call.state,
    client: { id: client.id, name: client.name, company: client.company, kind: client.kind, vip: client.vip },
    peer,
    line: { id: line.id, name: line.name, number: line.number },
    queue: call.direction === 'in' ? { id: call.queue.id, name: call.queue.name } : null,
    user: userRef(context, call.userId),
    offer: offer && { id: offer.id, userId: offer.userId, expiresAt: iso(offer.expiresAt), reason: offer.reason },
    arrivedAt: iso(call.arrivedAt),
    answeredAt: isoOrNull(call.answeredAt),
    stateSince: iso(call.stateSince),
    endedAt: isoOrNull(call.endedAt),
    wrapUpUntil: isoOrNull(call.wrapUpUntil),
    result: call.result,
    dispositionId: call.dispositionId,
    note: call.note,
    recording: call.recording?.state === 'on' ? 'on' : call.recording?.state === 'failed' ? 'failed' : 'off',
  };
}

/** The call's entry on the card's timeline, from memory: no query for a push. */
export function entryView(context: Names, call: LiveCall): TimelineEntry {
  const disposition = context.setup.dispositions.find((row) => row.id === call.dispositionId);
  return {
    id: call.entryId,
    clientId: call.client.id,
    kind: entryKind(call),
    direction: call.direction,
    status: entryStatus(call),
    result: call.result,
    at: iso(call.arrivedAt),
    user: userRef(context, call.userId),
    peer: call.peer.number || call.peer.raw,
    lineName: call.line.name,
    queueName: call.queue.name,
    waitSeconds: waitSeconds(call),
    talkSeconds: talkSeconds(call),
    disposition: disposition ? { id: disposition.id, nameRu: disposition.nameRu, nameEn: disposition.nameEn } : null,
    note: call.note,
    recording: call.recording && {
      id: call.recording.id,
      state: { on: 'recording', failed: 'failed', done: 'ready' }[call.recording.state],
      durationMs: null,
    },
    interactionId: call.id,
    message: null,
    ...(call.page && { page: pageOf(call.page) }),
    comments: [],
  };
}
