import type { Executor } from '../../db/client.ts';
import type { ClientCard } from '../contract/schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId } from '../kernel/ids.ts';
import { callerName, cardView, contactPointOf } from './client.ts';
import { clientLimits } from './limits.ts';
import { matchCandidates, type ParsedNumber } from './phone-number.ts';
import { searchText } from './search-text.ts';
import { type ContactMatch, matchOrInsert } from './store.ts';

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

function matchOf(parsed: ParsedNumber, { name, source }: MatchOptions): ContactMatch {
  const { value, extension, raw, rule } = parsed;
  const shown = parsed.reason === 'hidden' ? 'Anonymous' : callerName(name, parsed.display || value);
  const card = { name: shown, company: '', position: '', contactPoints: [{ kind: 'phone' as const, value }] };
  return {
    kind: 'phone',
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

/** @throws AppError `invalid_email` */
function mailMatchOf(address: string, { name, source }: MatchOptions): ContactMatch {
  const written = address.replaceAll('\0', '');
  const { value } = contactPointOf({ kind: 'email', value: written }, '');
  const shown = callerName(name, value);
  const card = { name: shown, company: '', position: '', contactPoints: [{ kind: 'email' as const, value }] };
  return {
    kind: 'email',
    candidates: [value],
    value,
    extension: '',
    raw: written,
    name: shown,
    source,
    searchText: searchText(card),
    evidence: `writer's address "${written}"`,
  };
}

async function match(db: Executor, wanted: ContactMatch): Promise<Matched> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    const matched = await matchOrInsert(db, wanted);
    if (!matched) continue;
    const { card, created } = matched;
    return { clientId: card.id, created, version: card.version, card: cardView(card) };
  }
  throw new AppError('unavailable', `no card could be found or made for ${wanted.value}`, { retryable: true });
}

/**
 * The card of a caller: found by the number, or made. One short statement of its own: inside a longer transaction a
 * loser of the race would never see the winner's card.
 * @throws AppError `unavailable` (retryable) when the card kept appearing and vanishing
 */
export const matchOrCreateByPhone = (db: Executor, parsed: ParsedNumber, options: MatchOptions): Promise<Matched> =>
  match(db, matchOf(parsed, options));

/**
 * The card of who wrote an e-mail, in the same way.
 * @throws AppError `invalid_email`, and `unavailable` as for numbers
 */
export const matchOrCreateByEmail = async (db: Executor, address: string, options: MatchOptions): Promise<Matched> =>
  match(db, mailMatchOf(address, options));
