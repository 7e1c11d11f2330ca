import type { OfferResult } from '../contract/words.ts';
import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { InteractionId, QueueId, UserId } from '../kernel/ids.ts';
import type { Agent, Roster } from './roster.ts';
import { decide, type RoutingDecision, type RoutingQuestion, type Tried } from './router.ts';
import type { QueueRow } from './store.ts';

/** An interaction that waits for an agent. */
export interface QueueEntry {
  readonly interactionId: InteractionId;
  readonly queueId: QueueId;
  readonly responsibleId: UserId | null;
  /** Higher first. */
  readonly priority: number;
  readonly arrivedAt: number;
}

export type OfferDecision = Extract<RoutingDecision, { kind: 'offer' }>;

interface Waiting extends QueueEntry {
  readonly tried: Map<UserId, Tried>;
  /** Being rung: keeps its place, is not looked at. */
  offered: boolean;
}

/** How long an agent who did not take a caller is not rung for the same caller again. */
const againAfterMs: Readonly<Partial<Record<OfferResult, number>>> = {
  timeout: 5_000,
  declined: 30_000,
  not_delivered: 5_000,
};

/**
 * Matches waiting interactions and free agents: at once when either appears, oldest first by priority.
 * Work per event does not grow with callers waiting: the walk ends when no free agent is left.
 */
export interface Dispatcher {
  /** Joins the queue, or comes back to its own place after an offer that was not taken. */
  enqueue(entry: QueueEntry): void;
  /** Leaves the queue for good: answered, given up. */
  remove(interactionId: InteractionId): void;
  /** The offer to this agent ended without an answer: others are tried, he is again after a while. */
  notTaken(interactionId: InteractionId, agentId: UserId, result: OfferResult): void;
  /** Looks whether somebody waits for this agent; call when he became free. */
  agentFree(agent: Agent): void;
  /** The decision as it would be now, with all reasons, for those who ask why nobody rings. */
  explain(interactionId: InteractionId): RoutingDecision | null;
  waiting(queueId: QueueId): readonly QueueEntry[];
  /**
   * The queues' rules changed, or there are others. Who waits keeps his place, who is rung for goes on being rung for;
   * a queue that is gone is kept until its last caller has left. Call before the roster's.
   */
  apply(queues: readonly QueueRow[]): void;
  /** The agent is taken (work is set) before this returns. Set once, before anything is enqueued. */
  onOffer: ((entry: QueueEntry, decision: OfferDecision) => void) | undefined;
  close(): void;
}

export interface DispatcherOptions {
  readonly roster: Roster;
  readonly queues: readonly QueueRow[];
  readonly clock: Clock;
}

export function createDispatcher({ roster, queues, clock }: DispatcherOptions): Dispatcher {
  const settings = new Map(queues.map((queue) => [queue.id, queue]));
  const lastOffered = new Map(queues.map((queue) => [queue.id, queue.lastOfferedUserId]));
  const lines = new Map<QueueId, Waiting[]>(queues.map((queue) => [queue.id, []]));
  const byId = new Map<InteractionId, Waiting>();
  const retries = new Set<TimerHandle>();

  function question(entry: Waiting): RoutingQuestion {
    const queue = settings.get(entry.queueId);
    return {
      now: clock.now(),
      agents: roster.members(entry.queueId),
      lastOfferedId: lastOffered.get(entry.queueId) ?? null,
      responsibleId: entry.responsibleId,
      tried: entry.tried,
      responsibleSeconds: queue?.responsibleSeconds ?? 0,
      ringSeconds: queue?.ringSeconds ?? 15,
    };
  }

  /** Whether any free agent may be offered this entry: cheap, before the decision with all its reasons. */
  function hasTaker(entry: Waiting, free: ReadonlySet<Agent>): boolean {
    if (entry.tried.size === 0) return free.size > 0;
    const now = clock.now();
    for (const agent of free) {
      const tried = entry.tried.get(agent.id);
      if (!tried || now >= tried.againAt) return true;
    }
    return false;
  }

  function match(queueId: QueueId): void {
    const free = roster.free(queueId);
    for (const entry of lines.get(queueId) ?? []) {
      if (free.size === 0) return;
      if (entry.offered || !hasTaker(entry, free)) continue;
      const decision = decide(question(entry));
      if (decision.kind === 'wait') continue;
      entry.offered = true;
      lastOffered.set(queueId, decision.agentId);
      roster.setWork(decision.agentId, { kind: 'ringing', interactionId: entry.interactionId });
      dispatcher.onOffer?.(entry, decision);
    }
  }

  function lineOf(queueId: QueueId): Waiting[] {
    const line = lines.get(queueId) ?? [];
    lines.set(queueId, line);
    return line;
  }

  /** In order of priority, then of arrival. Arrivals come at the end as a rule: looked for from there. */
  function insert(entry: Waiting): void {
    // a caller who was on his way when his queue was removed waits all the same, where somebody sees him
    const line = lineOf(entry.queueId);
    let at = line.length;
    for (; at > 0; at--) {
      const before = line[at - 1];
      if (!before || before.priority > entry.priority) break;
      if (before.priority === entry.priority && before.arrivedAt <= entry.arrivedAt) break;
    }
    line.splice(at, 0, entry);
  }

  /** Queues with callers: by priority, then by who has waited longest. */
  function inOrder(): QueueId[] {
    const waiting = [...lines].flatMap(([id, [first]]) => (first ? [{ id, arrivedAt: first.arrivedAt }] : []));
    const priority = (id: QueueId): number => settings.get(id)?.priority ?? 0;
    waiting.sort((a, b) => priority(b.id) - priority(a.id) || a.arrivedAt - b.arrivedAt);
    return waiting.map(({ id }) => id);
  }

  const dispatcher: Dispatcher = {
    onOffer: undefined,
    enqueue(entry) {
      if (byId.has(entry.interactionId)) return;
      const waiting: Waiting = { ...entry, tried: new Map(), offered: false };
      byId.set(entry.interactionId, waiting);
      insert(waiting);
      match(entry.queueId);
    },
    remove(interactionId) {
      const entry = byId.get(interactionId);
      if (!entry) return;
      byId.delete(interactionId);
      const line = lines.get(entry.queueId);
      const at = line?.indexOf(entry) ?? -1;
      if (at >= 0) line?.splice(at, 1);
    },
    notTaken(interactionId, agentId, result) {
      const entry = byId.get(interactionId);
      if (!entry) return;
      const waitMs = againAfterMs[result] ?? 0;
      entry.tried.set(agentId, { result, againAt: clock.now() + waitMs });
      entry.offered = false;
      const retry = clock.after(waitMs, () => {
        retries.delete(retry);
        match(entry.queueId);
      });
      retries.add(retry);
      match(entry.queueId);
    },
    agentFree(agent) {
      for (const queueId of inOrder()) if (roster.free(queueId).has(agent)) match(queueId);
    },
    explain(interactionId) {
      const entry = byId.get(interactionId);
      return entry ? decide(question(entry)) : null;
    },
    waiting: (queueId) => lines.get(queueId) ?? [],
    apply(rows) {
      const present = new Set(rows.map((row) => row.id));
      for (const [queueId, line] of lines) {
        if (present.has(queueId) || line.length > 0) continue;
        lines.delete(queueId);
        settings.delete(queueId);
        lastOffered.delete(queueId);
      }
      for (const row of rows) {
        settings.set(row.id, row);
        if (!lastOffered.has(row.id)) lastOffered.set(row.id, row.lastOfferedUserId);
        lineOf(row.id);
      }
    },
    close() {
      for (const retry of retries) retry.cancel();
      retries.clear();
    },
  };
  return dispatcher;
}
