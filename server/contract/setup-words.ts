/** The closed lists of the company's setting. Plain values without schemas, like words.ts. */

/** What can be changed by hand, as versions, journal and pushes name it. */
export const setupKinds = [
  'company',
  'user',
  'team',
  'trunk',
  'line',
  'queue',
  'disposition',
  'presence_reason',
  'holiday',
  'work_schedule',
  'sound',
  'channel_account',
  'message_template',
  'inbound_rule',
  'message_settings',
] as const;
export type SetupKind = (typeof setupKinds)[number];

/** The last two say that a secret was replaced; no version ever holds one. */
export const setupActions = ['created', 'changed', 'removed', 'password_reset', 'sip_secret_reset'] as const;
export type SetupAction = (typeof setupActions)[number];

/**
 * `optional`: the agent may skip it. `mandatory_discretionary`: he ends it, whenever. `mandatory_timeboxed`: ends by
 * itself after the queue's seconds, or earlier by his hand. `mandatory_timeboxed_no_early_exit`: lasts all its seconds.
 */
export const wrapUpModes = [
  'optional',
  'mandatory_discretionary',
  'mandatory_timeboxed',
  'mandatory_timeboxed_no_early_exit',
] as const;
export type WrapUpMode = (typeof wrapUpModes)[number];

/** What becomes of a caller who waited too long, or who calls outside the hours. */
export const queueExits = ['voicemail', 'callback', 'hang_up'] as const;
export type QueueExit = (typeof queueExits)[number];

export const trunkTransports = ['udp', 'tcp'] as const;
/** How numbers are written towards a trunk: +79161234567, 79161234567 or 89161234567. */
export const numberFormats = ['e164', 'digits', 'ru8'] as const;

/** Why one day differs from the weekly pattern. */
export const dayReasons = ['holiday', 'vacation', 'sick', 'training', 'extra', 'changed'] as const;
export type DayReason = (typeof dayReasons)[number];

/** `open`: not done yet, calls may fail. `warning`: works, with a hole. */
export const checklistStates = ['done', 'open', 'warning'] as const;
export type ChecklistState = (typeof checklistStates)[number];
