import type { ConsentView } from '../../server/contract/messages-schemas.ts';

/** Whose address or person and which messages a word covers. */
type Word = Pick<ConsentView, 'kind' | 'value' | 'channel' | 'purpose' | 'state'>;

/** A word on everything covers each channel and purpose, one of the person each of his addresses. */
const covers = (word: Word, other: Word): boolean =>
  (word.kind === 'client' || (word.kind === other.kind && word.value === other.value)) &&
  (word.channel === null || word.channel === other.channel) &&
  (word.purpose === null || word.purpose === other.purpose);

/**
 * What a client refuses now: the latest word that covers an address, a channel and a purpose counts, as in the gate.
 * @param words newest first. Pure.
 */
export function standingRefusals<W extends Word>(words: readonly W[]): W[] {
  return words.filter(
    (word, place) => word.state === 'refused' && !words.slice(0, place).some((later) => covers(later, word)),
  );
}
