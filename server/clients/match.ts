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

/** Null for what is no address. */
function mailMatchOf(address: string, { name, source }: MatchOptions): ContactMatch | null {
  const written = address.replaceAll('\0', '').toWellFormed();
  const value = emailOf(written);
  if (value === null) return null;
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

/** The canonical form; null for what is no address. */
function emailOf(written: string): string | null {
  try {
    return contactPointOf({ kind: 'email', value: written }, '').value;
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_email') return null;
    throw error;
  }
}

const attempts = 5;

/** Finds or makes the cards of all of these, as often as another transaction comes between. */
async function match(db: Executor, wanted: readonly ContactMatch[]): Promise<Matched[]> {
  const keyOf = ({ kind, value, extension }: ContactMatch): string => `${kind} ${value} ${extension}`;
  const open = new Map(wanted.map((one) => [keyOf(one), one]));
  const matched = new Map<string, Matched>();
  for (let attempt = 1; attempt <= attempts && open.size > 0; attempt++) {
    const asked = [...open];
    const found = await matchOrInsert(
      db,
      asked.map(([, one]) => one),
    );
    for (const [index, [key]] of asked.entries()) {
      const one = found[index];
      if (!one) continue;
      const { card, created } = one;
      matched.set(key, { clientId: card.id, created, version: card.version, card: cardView(card) });
      open.delete(key);
    }
  }
  return wanted.map((one) => {
    const found = matched.get(keyOf(one));
    if (found) return found;
    throw new AppError('unavailable', `no card could be found or made for ${one.value}`, { retryable: true });
  });
}

/** Who called or wrote: a telephone number, or an e-mail address. */
export type Contact = ({ readonly phone: ParsedNumber } | { readonly email: string }) & MatchOptions;

/**
 * The cards of those who call or write: found by the number or address, or made. One short statement of its own: inside a longer
 * transaction a loser of the race would never see the winner's card.
 * @returns in the order of `contacts`; null for what is no e-mail address
 * @throws AppError `unavailable` (retryable) when a card kept appearing and vanishing
 */
export async function matchOrCreate(db: Executor, contacts: readonly Contact[]): Promise<(Matched | null)[]> {
  const matches = contacts.map((contact) =>
    'phone' in contact ? matchOf(contact.phone, contact) : mailMatchOf(contact.email, contact),
  );
  const wanted = matches.filter((one) => one !== null);
  const found = wanted.length === 0 ? [] : await match(db, wanted);
  return matches.map((one) => (one ? (found[wanted.indexOf(one)] ?? null) : null));
}

/** The card of one caller, in the same way. */
export async function matchOrCreateByPhone(db: Executor, phone: ParsedNumber, options: MatchOptions): Promise<Matched> {
  const [matched] = await match(db, [matchOf(phone, options)]);
  if (!matched) throw new Error('a match was not returned');
  return matched;
}
