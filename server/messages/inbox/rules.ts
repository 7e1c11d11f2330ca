import type { inboundRules } from '../../../db/schema/index.ts';
import type { MessageChannelName } from '../../contract/messages-words.ts';
import type { AddressId } from '../../kernel/ids.ts';
import { containsWord, isKeyword } from './keywords.ts';

export type InboundRule = typeof inboundRules.$inferSelect;

/** What rules look at. */
export interface RuledMessage {
  readonly channel: MessageChannelName;
  readonly addressId: AddressId;
  /** New words only. */
  readonly text: string;
  /** The queue is closed at this moment. */
  readonly isOutOfHours: boolean;
}

/** The first rule of each action that matches; null = none does. */
export interface Ruling {
  readonly reply: InboundRule | null;
  readonly task: InboundRule | null;
  readonly queue: InboundRule | null;
  readonly close: InboundRule | null;
}

export const noRuling: Ruling = { reply: null, task: null, queue: null, close: null };

function matches({ match, words }: InboundRule, { text, isOutOfHours }: RuledMessage): boolean {
  switch (match) {
    case 'keyword':
      return isKeyword(text, words);
    case 'contains':
      return containsWord(text, words);
    case 'out_of_hours':
      return isOutOfHours;
    case 'any':
      return true;
  }
}

/** What is done with a message before people see it. @param rules in order of their position */
export function judgeByRules(rules: readonly InboundRule[], message: RuledMessage): Ruling {
  const matching = rules.filter(
    (rule) =>
      rule.enabled &&
      (rule.channel === null || rule.channel === message.channel) &&
      (rule.addressId === null || rule.addressId === message.addressId) &&
      matches(rule, message),
  );
  const first = (action: InboundRule['action']): InboundRule | null =>
    matching.find((rule) => rule.action === action) ?? null;
  return { reply: first('reply'), task: first('task'), queue: first('queue'), close: first('close') };
}
