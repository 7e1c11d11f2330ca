/**
 * The closed lists of the field: what the server stores and sends, and what the browser translates.
 * Plain values without schemas, so that the browser may import them at no cost.
 */

export const roles = ['agent', 'supervisor', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Whose client cards somebody sees: his own, those of his team, all. What nobody is responsible for, everybody sees. */
export const seesWords = ['own', 'team', 'all'] as const;
export type Sees = (typeof seesWords)[number];

/** What a new person sees and may take out of the house, unless somebody decides otherwise. */
export const rightsOfNew = {
  agent: { sees: 'team', mayExport: false },
  supervisor: { sees: 'team', mayExport: false },
  admin: { sees: 'all', mayExport: true },
} as const satisfies Record<Role, { sees: Sees; mayExport: boolean }>;

export const routingStatuses = ['available', 'not_ready'] as const;
export type RoutingStatus = (typeof routingStatuses)[number];

/** States of an interaction; the table of moves is server/calls/interaction.ts. */
export const interactionStates = [
  'queued',
  'offered',
  'voicemail',
  'dialing',
  'active',
  'held',
  'reconnecting',
  'wrap_up',
  'closed',
] as const;
export type InteractionState = (typeof interactionStates)[number];

/** How a call ended. The first group: it was talked. The second: it was not. */
export const callResults = [
  'client_hung_up',
  'agent_hung_up',
  'media_lost',
  'system_error',
  'abandoned',
  'short_abandoned',
  'voicemail',
  'callback_requested',
  'timeout',
  'out_of_hours',
  'no_answer',
  'busy',
  'rejected',
  'invalid_number',
  'congestion',
  'cancelled',
] as const;
export type CallResult = (typeof callResults)[number];

export const offerResults = [
  'accepted',
  'declined',
  'timeout',
  'client_gone',
  'answered_elsewhere',
  'not_delivered',
  'withdrawn',
] as const;
export type OfferResult = (typeof offerResults)[number];

/**
 * One reason for each candidate of a routing decision. With a parameter: `off_shift` the next start (ISO-8601 or
 * empty), `wrap_up` its end (ISO-8601), `not_ready` the reason, `tried` how this offer ended before.
 */
export const candidateReasons = [
  'responsible',
  'round_robin',
  'later_in_turn',
  'off_shift',
  'offline',
  'no_phone',
  'not_ready',
  'ringing',
  'on_call',
  'wrap_up',
  'tried',
] as const;
export type CandidateReason = (typeof candidateReasons)[number];

export const timelineKinds = ['call', 'sms', 'email', 'chat', 'note', 'voicemail'] as const;
export type TimelineKind = (typeof timelineKinds)[number];

export const callStatuses = ['ongoing', 'answered', 'missed', 'abandoned', 'failed'] as const;
export type CallStatus = (typeof callStatuses)[number];

/** Why a caller's number has no E.164 form. */
export const numberReasons = ['hidden', 'short', 'not_a_number', 'too_long', 'impossible'] as const;
export type NumberReason = (typeof numberReasons)[number];

/** Codes of problem JSON; server/kernel/errors.ts is checked against this list. */
export const problemCodes = [
  'bad_request',
  'not_signed_in',
  'wrong_credentials',
  'forbidden',
  'not_found',
  'conflict',
  'stale_version',
  'already_taken',
  'invalid_number',
  'invalid_email',
  'no_phone',
  'agent_busy',
  'illegal_transition',
  'too_many_requests',
  'too_large',
  'overloaded',
  'unavailable',
  'internal',
] as const;
export type ProblemCode = (typeof problemCodes)[number];
