import type { CandidateReason, OfferResult, RoutingStatus } from '../contract/words.ts';
import type { InteractionId, UserId } from '../kernel/ids.ts';
import type { Shift } from './work-schedule.ts';

/** What an agent is busy with; derived from interactions, never stored apart. */
export interface Work {
  readonly kind: 'ringing' | 'on_call' | 'wrap_up';
  readonly interactionId: InteractionId;
  /** End of a wrap-up, milliseconds since the epoch. */
  readonly until?: number;
}

/** All that routing knows of an agent at one moment. */
export interface AgentSnapshot {
  readonly id: UserId;
  readonly shift: Shift | null;
  readonly nextShiftAt: number | null;
  /** His browser or desk phone is there. */
  readonly phone: boolean;
  readonly status: RoutingStatus;
  readonly reason: string;
  readonly work: Work | null;
}

/** An earlier offer of the same interaction, and when its agent may be asked again. */
export interface Tried {
  readonly result: OfferResult;
  readonly againAt: number;
}

export interface RoutingQuestion {
  readonly now: number;
  /** In schedule order. */
  readonly agents: readonly AgentSnapshot[];
  /** Who was offered last in this queue: the next one in schedule order comes first. */
  readonly lastOfferedId: UserId | null;
  /** The client's responsible manager. */
  readonly responsibleId: UserId | null;
  readonly tried: ReadonlyMap<UserId, Tried>;
  /** 0 = the responsible manager has no preference. */
  readonly responsibleSeconds: number;
  readonly ringSeconds: number;
}

/** One agent with the reason why he was or was not chosen; the parameter's meaning is in the contract's words. */
export type CandidateRow = readonly [UserId, CandidateReason, string?];

export type RoutingDecision =
  | {
      readonly kind: 'offer';
      readonly agentId: UserId;
      readonly reason: 'responsible' | 'round_robin';
      readonly ringSeconds: number;
      readonly candidates: readonly CandidateRow[];
    }
  | { readonly kind: 'wait'; readonly candidates: readonly CandidateRow[] };

const iso = (at: number): string => new Date(at).toISOString();

/** Why this agent cannot be offered anything now; null = he can. */
export function obstacle(agent: AgentSnapshot, now: number): readonly [CandidateReason, string?] | null {
  if (!agent.shift || now < agent.shift.startsAt || now >= agent.shift.endsAt)
    return ['off_shift', agent.nextShiftAt === null ? '' : iso(agent.nextShiftAt)];
  if (agent.status !== 'available') return ['not_ready', agent.reason];
  if (!agent.phone) return ['no_phone'];
  if (!agent.work) return null;
  if (agent.work.kind === 'wrap_up') return ['wrap_up', agent.work.until === undefined ? '' : iso(agent.work.until)];
  return [agent.work.kind];
}

/** Whether an earlier offer of this interaction keeps the agent from another one now. */
export function isTried(question: Pick<RoutingQuestion, 'tried' | 'now'>, id: UserId): boolean {
  const tried = question.tried.get(id);
  return tried !== undefined && question.now < tried.againAt;
}

/**
 * Who gets this interaction now, and one reason for every candidate. Pure: the same question has the same answer.
 * The responsible manager comes first, once; then round robin in schedule order, after whoever was offered last.
 */
export function decide(question: RoutingQuestion): RoutingDecision {
  const chosen = choose(question);
  const candidates = question.agents.map((agent): CandidateRow => {
    if (agent.id === chosen?.agentId) return [agent.id, chosen.reason];
    const why = obstacle(agent, question.now);
    if (why) return [agent.id, ...why];
    const tried = question.tried.get(agent.id);
    if (tried && isTried(question, agent.id)) return [agent.id, 'tried', tried.result];
    return [agent.id, 'later_in_turn'];
  });
  if (!chosen) return { kind: 'wait', candidates };
  const ringSeconds = chosen.reason === 'responsible' ? question.responsibleSeconds : question.ringSeconds;
  return { kind: 'offer', ...chosen, ringSeconds, candidates };
}

function choose(question: RoutingQuestion): { agentId: UserId; reason: 'responsible' | 'round_robin' } | null {
  const { agents, now, responsibleId, tried } = question;
  if (responsibleId !== null && question.responsibleSeconds > 0 && !tried.has(responsibleId)) {
    const responsible = agents.find((agent) => agent.id === responsibleId);
    if (responsible && !obstacle(responsible, now)) return { agentId: responsibleId, reason: 'responsible' };
  }
  const start = agents.findIndex((agent) => agent.id === question.lastOfferedId) + 1;
  for (let step = 0; step < agents.length; step++) {
    const agent = agents[(start + step) % agents.length];
    if (agent && !obstacle(agent, now) && !isTried(question, agent.id))
      return { agentId: agent.id, reason: 'round_robin' };
  }
  return null;
}
