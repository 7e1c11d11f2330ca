import type { Language } from '../i18n/translate.ts';

/** By which right a visitor calls, and whom. */
export interface Invitation {
  /** Of the SIP connection, with the ticket that opens it. */
  readonly path: string;
  /** E.164. */
  readonly line: string;
  /** Of the site; null = the browser's. */
  readonly language: Language | null;
}

/** `/call-us?account=ID&line=NUMBER&language=ru#TICKET`; null when it invites to nothing. Pure. */
export function readInvitation({
  search,
  hash,
}: {
  readonly search: string;
  readonly hash: string;
}): Invitation | null {
  const query = new URLSearchParams(search);
  const account = query.get('account') ?? '';
  const line = query.get('line') ?? '';
  const ticket = hash.slice(1);
  if (!/^\d+$/.test(account) || !/^\+\d+$/.test(line) || ticket === '') return null;
  const language = query.get('language');
  return {
    path: `/sip?${new URLSearchParams({ account, ticket })}`,
    line,
    language: language === 'ru' || language === 'en' ? language : null,
  };
}
