/** Closed lists of tasks and of people we owe: plain values, so that the browser may import them at no cost. */

import { messageChannelNames } from './messages-words.ts';

/** `promise`: we said when. `callback`: the client asked us to call. `task`: anything else that somebody has to do. */
export const taskKinds = ['task', 'callback', 'promise'] as const;
export type TaskKind = (typeof taskKinds)[number];

/** The table of moves is server/tasks/state.ts. */
export const taskStates = ['open', 'missed', 'done', 'cancelled'] as const;
export type TaskState = (typeof taskStates)[number];

/** Done in time, done too late, not done when its time was over. */
export const taskOutcomes = ['kept', 'late', 'broken'] as const;
export type TaskOutcome = (typeof taskOutcomes)[number];

/** Why a task changed hands, or stayed: by a person; its owner was off shift or disabled when it was due. */
export const handOverReasons = ['by_hand', 'off_shift', 'disabled'] as const;
export type HandOverReason = (typeof handOverReasons)[number];

/** Why we owe a client something; a later word goes before an earlier one. `message`: he wrote, on any channel. */
export const owedKinds = ['missed', 'message', 'voicemail', 'callback'] as const;
export type OwedKind = (typeof owedKinds)[number];

/** Where a client waits for our answer. */
export const owedChannels = ['call', ...messageChannelNames] as const;
export type OwedChannel = (typeof owedChannels)[number];

/** Why it is this person's: `next_to_come` = nobody is on shift, he is the first; `has_conversation` = he has what the client wrote. */
export const ownerReasons = ['has_conversation', 'responsible', 'round_robin', 'next_to_come', 'by_hand'] as const;
export type OwnerReason = (typeof ownerReasons)[number];

/**
 * `written`: we wrote and he did, after it. `moved`: its calls and messages belong to another card now. `too_old`: nobody
 * called back in time for it to matter.
 */
export const owedClosings = ['talked', 'written', 'by_hand', 'too_old', 'moved'] as const;
export type OwedClosing = (typeof owedClosings)[number];
