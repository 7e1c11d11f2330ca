import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, UserRef } from './schemas.ts';

/**
 * The supervisor's board. Every figure is a count or a sum over the journal's events of one day, never an average: the
 * browser divides, so that figures of queues add up. Formulas and what is left out: docs/metrics.md.
 */

const Count = Type.Integer({ minimum: 0 });
/** Milliseconds summed. */
const SumMs = Type.Integer({ minimum: 0 });

/** Counted in the day in which the call arrived. `offered` = answered + abandoned + flowedOut + open. */
export const DayFigures = Type.Object({
  /** Incoming calls that joined the queue, each once however often it came back to it. */
  offered: Count,
  answered: Count,
  /** Answered within the threshold of the formula. */
  answeredInTime: Count,
  /** Gave up while waiting, the short ones among them. */
  abandoned: Count,
  /** Gave up within `shortAbandonSeconds` of the formula. */
  shortAbandoned: Count,
  /** Left the queue for a message, a callback or the goodbye after the longest wait. */
  flowedOut: Count,
  /** Neither answered nor gone: waits now. */
  open: Count,
  /** Came when the queue was closed or nobody was on shift; not in `offered`. */
  closedHours: Count,
  voicemails: Count,
  callbacksRequested: Count,
  /** Time in the queue of those who were answered; of those who gave up. */
  answeredWaitMs: SumMs,
  abandonedWaitMs: SumMs,
  /** The longest time in the queue, whatever became of the call. */
  longestWaitMs: SumMs,
  /** Talks that are over, in and out, with their times on hold in them. */
  talks: Count,
  talkMs: SumMs,
  /** Wrap-ups that are over. */
  wrapUps: Count,
  wrapUpMs: SumMs,
  /** Calls out that were dialled; those that were answered. */
  dialled: Count,
  reached: Count,
  /** Rings at an agent; taken; of browsers that never said that they sound. */
  rings: Count,
  ringsTaken: Count,
  phantomRings: Count,
  /** Talks saved after the agent's phone was lost, by him; given back to the queue. */
  rescued: Count,
  returned: Count,
});
export type DayFigures = Static<typeof DayFigures>;

/** What a share means: its formula, with version and thresholds, printed beside every service level. */
export const ServiceLevelFormula = Type.Object({
  id: Type.Literal('F6'),
  version: Count,
  answerSeconds: Count,
  shortAbandonSeconds: Count,
});
export type ServiceLevelFormula = Static<typeof ServiceLevelFormula>;

/** A share as its fraction; a denominator of 0 has no share. */
export const Share = Type.Object({ numerator: Count, denominator: Count });
export type Share = Static<typeof Share>;

/** Of letters, short messages and chats. A message counts in the day in which it was written, a wait in which it was decided. */
export const MessageFigures = Type.Object({
  /** Messages of clients; no automatic replies, bounces, lists. */
  received: Count,
  /** Messages of people of ours; no automatic answers, no campaigns. */
  written: Count,
  /** Waits that ended with an answer: by a message, by telephone, by hand; in time. */
  answered: Count,
  answeredInTarget: Count,
  /** Waits whose time was over before anybody answered. */
  overdue: Count,
  /** From the first unanswered message to the answer, by the wall clock, of the answered. */
  answerWaitMs: SumMs,
});
export type MessageFigures = Static<typeof MessageFigures>;

/** Who waits at this moment for an answer to what he wrote. */
export const MessagesWaiting = Type.Object({
  waiting: Count,
  /** Of these: nobody has them; their time is over. */
  unassigned: Count,
  overdue: Count,
  /** The first time to run out. */
  firstDueAt: Nullable(Instant),
});
export type MessagesWaiting = Static<typeof MessagesWaiting>;

export const QueueMessages = Type.Object({
  figures: MessageFigures,
  now: MessagesWaiting,
  /** Answered in time / (answered in time + overdue): formula R1. */
  responseLevel: Share,
});
export type QueueMessages = Static<typeof QueueMessages>;

export const AgentDay = Type.Object({
  user: UserRef,
  /** Talks that are over, in and out. */
  talks: Count,
  talkMs: SumMs,
  wrapUpMs: SumMs,
  rings: Count,
  ringsTaken: Count,
  phantomRings: Count,
  /** Conversations that wait for his answer now, and the points that they cost of `capacity`. */
  conversations: Count,
  points: Count,
});
export type AgentDay = Static<typeof AgentDay>;

/** Today on one page. A board with a higher `seq` replaces one with a lower. */
export const BoardView = Type.Object({
  /** Of the last journal event in the figures. */
  seq: Count,
  at: Instant,
  /** Local day of the company, `2026-03-29`, and whose midnight it begins at. */
  day: Type.String(),
  timeZone: Type.String(),
  formula: ServiceLevelFormula,
  responseFormula: Type.Object({ id: Type.Literal('R1'), version: Count }),
  /** Points of conversations that one agent has at once. */
  capacity: Count,
  total: Type.Object({
    figures: DayFigures,
    serviceLevel: Share,
    recentServiceLevel: Share,
    messages: QueueMessages,
  }),
  /** `recentServiceLevel`: of calls that arrived in the last 30 minutes. */
  queues: Type.Array(
    Type.Object({
      id: Id,
      name: Type.String(),
      figures: DayFigures,
      serviceLevel: Share,
      recentServiceLevel: Share,
      messages: QueueMessages,
    }),
  ),
  /** Those whom this supervisor steers, and himself. */
  agents: Type.Array(AgentDay),
  /** People we owe an answer: all, past their time, without an owner. */
  owed: Type.Object({ open: Count, overdue: Count, unowned: Count }),
});
export type BoardView = Static<typeof BoardView>;

export const boardOperations = {
  'GET /api/v1/board': {
    summary: "Today's figures of every queue and agent, as the journal has them",
    tags: ['supervision'],
    access: ['supervisor', 'admin'],
    response: BoardView,
  },
} as const;
