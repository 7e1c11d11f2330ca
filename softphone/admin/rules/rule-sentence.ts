import type { SetupRule } from '../../../server/contract/setup-message-schemas.ts';
import type { Say } from '../words/translate.ts';

export type RuleFields = Omit<SetupRule, 'id' | 'version' | 'position'>;

/** Names of what a rule points at. */
export interface RuleNames {
  readonly addressOf: (id: number) => string;
  readonly queueOf: (id: number) => string;
  readonly userOf: (id: number) => string;
}

const textShown = 80;
const shortened = (text: string): string => (text.length > textShown ? `${text.slice(0, textShown).trimEnd()}…` : text);

/** A rule as one sentence: "If an SMS to +7… contains «price»: answer “…”". */
export function ruleSentence(rule: RuleFields, { addressOf, queueOf, userOf }: RuleNames, say: Say): string {
  const { channel, addressId, match, action, text, queueId, userId } = rule;
  const words = rule.words.map((word) => `«${word}»`).join(say('sentence.or'));
  const when =
    match === 'keyword' || match === 'contains' ? say(`sentence.${match}`, { words }) : say(`sentence.${match}`);
  const who = userId === null ? say('rule.responsible') : userOf(userId);
  const then = {
    reply: () => say('sentence.reply', { text: shortened(text) }),
    task: () => say('sentence.task', { text: shortened(text), who }),
    queue: () => say('sentence.queue', { queue: queueId === null ? '…' : queueOf(queueId) }),
    close: () => say('sentence.close'),
  }[action]();
  return say('sentence.whole', {
    what: say(`sentence.${channel ?? 'every'}`),
    where: addressId === null ? '' : say('sentence.to', { address: addressOf(addressId) }),
    when,
    then,
  });
}
