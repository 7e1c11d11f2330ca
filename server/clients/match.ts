import type { Executor } from '../../db/client.ts';
import type { ClientCard } from '../contract/schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId } from '../kernel/ids.ts';
import { callerName, cardView } from './client.ts';
import { clientLimits } from './limits.ts';
import { matchCandidates, type ParsedNumber } from './phone-number.ts';
import { searchText } from './search-text.ts';
import { matchOrInsert, type PhoneMatch } from './store.ts';

export interface MatchOptions {
  /** What the caller's equipment says he is called. */
  readonly name?: string;
  /** What made the card, when one is made: `call`. */
  readonly source: string;
}

export interface Matched {
  readonly clientId: ClientId;
  /** True for exactly one of any number of simultaneous calls. */
  readonly created: boolean;
  readonly version: number;
  /** As it is after the call. */
  readonly card: ClientCard;
}

function matchOf(parsed: ParsedNumber, { name, source }: MatchOptions): PhoneMatch {
  const { value, extension, raw, rule } = parsed;
  const shown = parsed.reason === 'hidden' ? 'Anonymous' : callerName(name, parsed.display || value);
  const card = { name: shown, company: '', position: '', contactPoints: [{ kind: 'phone' as const, value }] };
  return {
    candidates: matchCandidates(parsed),
    value,
    extension,
    // NUL is the one character that the database cannot keep
    raw: raw.replaceAll('\0', ''),
    name: shown,
    source,
    searchText: searchText(card),
    evidence: `caller's number "${raw.slice(0, clientLimits.addressText)}", read by rule ${rule}`.replaceAll('\0', ''),
  };
}

/**
 * The card of a caller: found by the number, or made. One short statement of its own: inside a longer transaction a
 * loser of the race would never see the winner's card.
 * @throws AppError `unavailable` (retryable) when the card kept appearing and vanishing
 */
export async function matchOrCreateByPhone(
  db: Executor,
  parsed: ParsedNumber,
  options: MatchOptions,
): Promise<Matched> {
  const match = matchOf(parsed, options);
  for (let attempt = 1; attempt <= 5; attempt++) {
    const matched = await matchOrInsert(db, match);
    if (!matched) continue;
    const { card, created } = matched;
    return { clientId: card.id, created, version: card.version, card: cardView(card) };
  }
  throw new AppError('unavailable', `no card could be found or made for ${parsed.value}`, { retryable: true });
}
