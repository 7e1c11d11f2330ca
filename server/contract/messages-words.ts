/** The closed lists of messages. Plain values without schemas, like words.ts. */

export const messageChannelNames = ['email', 'sms', 'chat'] as const;
export type MessageChannelName = (typeof messageChannelNames)[number];

/** What an account speaks; its settings and secrets are of that kind. The demo's are made by the demo alone. */
export const accountKinds = ['mailbox', 'smpp', 'twilio', 'web_chat', 'demo_email', 'demo_sms'] as const;
export type AccountKind = (typeof accountKinds)[number];

export const channelOfAccount = {
  mailbox: 'email',
  smpp: 'sms',
  twilio: 'sms',
  web_chat: 'chat',
  demo_email: 'email',
  demo_sms: 'sms',
} as const satisfies Record<AccountKind, MessageChannelName>;

/**
 * States of a conversation; the table of moves is server/messages/conversation.ts. `waiting`: the client waits and nobody
 * has it; `assigned`: he waits and somebody has it; `answered`: we wrote last; `closed`: done, until he writes again.
 */
export const conversationStates = ['waiting', 'assigned', 'answered', 'closed'] as const;
export type ConversationState = (typeof conversationStates)[number];

/** Why somebody has a conversation, or why nobody has. */
export const assignmentReasons = [
  'responsible',
  'same_agent',
  'round_robin',
  'taken',
  'by_supervisor',
  'by_colleague',
  'wrote_first',
  'nobody_on_shift',
  'nobody_free',
  'shift_ended',
  'released',
] as const;
export type AssignmentReason = (typeof assignmentReasons)[number];

/**
 * States of a message in the outbox; the table is server/messages/outbox/state.ts. `held`: may still be undone;
 * `unconfirmed`: the provider may have it and is asked; `failed`: the provider said no or it came back; `dead`: given up,
 * stands on the screen of failed messages.
 */
export const outboxStates = [
  'held',
  'queued',
  'sending',
  'unconfirmed',
  'accepted',
  'sent',
  'delivered',
  'read',
  'failed',
  'dead',
  'undone',
] as const;
export type OutboxState = (typeof outboxStates)[number];

/** Why a message is written: what its recipient may refuse apart. */
export const messagePurposes = ['service', 'marketing'] as const;
export type MessagePurpose = (typeof messagePurposes)[number];

export const consentStates = ['given', 'refused'] as const;
export type ConsentState = (typeof consentStates)[number];
export const consentSources = ['keyword', 'provider', 'complaint', 'unsubscribe_link', 'agent', 'import'] as const;
export type ConsentSource = (typeof consentSources)[number];

/** What the outbound gate may say. The first group forbids, the second delays, the third only warns. */
export const gateReasons = [
  'do_not_contact',
  'refused',
  'no_consent',
  'address_gone',
  'complained',
  'frequency',
  'account_off',
  'no_sender',
  'too_long',
  'too_large',
  'unsafe_link',
  'quiet_hours',
  'account_down',
  'newer_message',
  'somebody_writes',
  'landline',
  'many_segments',
  'missing_fields',
] as const;
export type GateReason = (typeof gateReasons)[number];

/** What an inbound rule does. */
export const ruleActions = ['reply', 'task', 'queue', 'close'] as const;
export type RuleAction = (typeof ruleActions)[number];
export const ruleMatches = ['keyword', 'contains', 'any', 'out_of_hours'] as const;
export type RuleMatch = (typeof ruleMatches)[number];
