import type { TrunkSettings } from '../channel.ts';
import type { IncomingInvite } from './sip/stack.ts';

/** The number in a header value: `"Ivan" <sip:+7916...@host>;party=calling`, `<tel:+7916...>` or a bare URI. */
const uriUser = /(?:sips?:([^@>\s]+)@|tel:([^>;?\s]+))/i;

function userOf(value: string | undefined): string {
  const found = value === undefined ? null : uriUser.exec(value);
  const user = (found?.[1] ?? found?.[2] ?? '').split(';')[0] ?? '';
  try {
    return decodeURIComponent(user);
  } catch {
    // A stray % is no reason to lose the number.
    return user;
  }
}

const isHidden = (privacy: string | undefined): boolean =>
  privacy !== undefined && /\b(id|user|header|session)\b/i.test(privacy);

/**
 * Who is calling, as the carrier says it. Asserted identity comes before From, which is often technical (RFC 3325);
 * sip: before tel: does not matter, the first asserted one wins. A caller who asked for privacy (RFC 3323) is
 * `anonymous` even where the carrier tells us his number.
 */
export function callerOf(invite: IncomingInvite): { raw: string; displayName: string } {
  const displayName = invite.from.displayName;
  if (isHidden(invite.header('privacy'))) return { raw: 'anonymous', displayName: '' };
  const asserted = userOf(invite.header('p-asserted-identity')) || userOf(invite.header('remote-party-id'));
  return { raw: asserted || invite.from.uri.user, displayName };
}

/**
 * Which number was called: the request URI as a rule; a registering trunk's calls carry the account there and the
 * number in P-Called-Party-ID or To. The caller of this function takes the first that is a number of ours.
 */
export function calledNumbers(invite: IncomingInvite): string[] {
  const all = [invite.requestUri.user, userOf(invite.header('p-called-party-id')), invite.to.uri.user];
  return [...new Set(all.filter((user) => user !== ''))];
}

/** Headers that explain a call later: who forwarded it, the carrier's own id of it. */
const keptHeaders = [
  'p-asserted-identity',
  'remote-party-id',
  'privacy',
  'diversion',
  'history-info',
  'x-twilio-callsid',
  'user-agent',
];

/** Longest header value that is kept with a call. */
const maxFactLength = 500;

export function factsOf(invite: IncomingInvite): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = invite.header(name);
    if (value !== undefined) facts[name] = value.slice(0, maxFactLength);
  }
  return facts;
}

/** E.164 as a carrier wants it written. */
export function numberFor(trunk: TrunkSettings, e164: string): string {
  // Short and service numbers are dialled as they are.
  if (!e164.startsWith('+')) return e164;
  switch (trunk.numberFormat) {
    case 'e164':
      return e164;
    case 'digits':
      return e164.slice(1);
    case 'ru8':
      // National form inside Russia and Kazakhstan, 810 before other countries.
      return e164.startsWith('+7') ? `8${e164.slice(2)}` : `810${e164.slice(1)}`;
  }
}
