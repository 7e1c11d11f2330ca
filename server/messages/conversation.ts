import type { ConversationState } from '../contract/messages-words.ts';
import type { TransitionTable } from '../kernel/transition.ts';

/**
 * What happens to a conversation. `arrive`: the client wrote something that people answer; `assign`: somebody has it;
 * `release`: nobody has it any more; `answer`: one of us wrote, called, or said that it is dealt with; `close`; `reopen`.
 */
export type ConversationInput = 'arrive' | 'assign' | 'release' | 'answer' | 'close' | 'reopen';

/**
 * ```
 * (new) --arrive--> waiting --assign--> assigned --answer--> answered --close--> closed
 *                     ^  <---release------'  |                  |                  |
 *                     '------------------- arrive --------------+------------------'
 * ```
 */
export const conversationTransitions = {
  waiting: { arrive: 'waiting', assign: 'assigned', answer: 'answered', close: 'closed' },
  assigned: { arrive: 'assigned', assign: 'assigned', release: 'waiting', answer: 'answered', close: 'closed' },
  answered: { arrive: 'waiting', answer: 'answered', close: 'closed', reopen: 'assigned' },
  closed: { arrive: 'waiting', answer: 'answered', close: 'closed', reopen: 'assigned' },
} as const satisfies TransitionTable<ConversationState, ConversationInput>;
