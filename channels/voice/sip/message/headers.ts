/** Structured header values: addresses (RFC 3261 section 20.10), RAck (RFC 3262), Session-Expires (RFC 4028), Reason (RFC 3326). */
import type { NameAddress, SipUri } from '../stack.ts';
import { endOfQuoted, parameterOf, parametersOf, unquote } from './lists.ts';
import { parseUri } from './uri.ts';

/** A name-addr or addr-spec whose URI is not looked into. */
export interface AddressText {
  readonly displayName: string;
  readonly uri: string;
  /** Where the header parameters begin in the value. */
  readonly parametersAt: number;
}

const leadingBlanks = /[^ \t]/;
const notInUri = /[\s<>"]/;
const notInAddrSpec = /[\s<>",?]/;

/** Null when brackets or quotes do not close, or blanks stand inside the URI. */
export function parseAddress(value: string): AddressText | null {
  let at = Math.max(0, value.search(leadingBlanks));
  let displayName = '';
  if (value.charAt(at) === '"') {
    const end = endOfQuoted(value, at);
    if (end >= value.length) return null;
    displayName = unquote(value.slice(at + 1, end));
    at = end + 1;
    if (!value.slice(at).trimStart().startsWith('<')) return null;
  }
  const open = value.indexOf('<', at);
  if (open < 0) return parseAddrSpec(value, at);
  const close = value.indexOf('>', open);
  const uri = close < 0 ? '' : value.slice(open + 1, close);
  if (uri === '' || notInUri.test(uri)) return null;
  return { displayName: displayName || value.slice(at, open).trim(), uri, parametersAt: close + 1 };
}

/** Without brackets, everything after the first semicolon belongs to the header, and `?` and `,` are not allowed. */
function parseAddrSpec(value: string, at: number): AddressText | null {
  const semicolon = value.indexOf(';', at);
  const end = semicolon < 0 ? value.length : semicolon;
  const uri = value.slice(at, end).trim();
  if (uri === '' || notInAddrSpec.test(uri)) return null;
  return { displayName: '', uri, parametersAt: end };
}

/** The URI of a name-addr value, null when it cannot be read. */
export const addressUri = (value: string): string | null => parseAddress(value)?.uri ?? null;

const opaqueUri = (text: string): SipUri => ({
  scheme: 'sip',
  user: '',
  host: '',
  port: 0,
  parameters: new Map(),
  text,
});

/** A From or To. A URI of another scheme becomes one without user and host: the caller stays unknown, not refused. */
export function parseNameAddress(value: string): NameAddress {
  const address = parseAddress(value);
  if (!address) return { displayName: '', uri: opaqueUri(''), parameters: new Map() };
  return {
    displayName: address.displayName,
    uri: parseUri(address.uri) ?? opaqueUri(address.uri),
    parameters: parametersOf(value, address.parametersAt),
  };
}

/** The value without its `tag` parameter. */
export function withoutTag(value: string): string {
  const address = parseAddress(value);
  if (!address) return value;
  const parameters = value.slice(address.parametersAt);
  return value.slice(0, address.parametersAt) + parameters.replace(/;\s*tag\s*=\s*[^;\s,]+/i, '');
}

export interface RAck {
  readonly rseq: number;
  readonly cseq: number;
  readonly method: string;
}

export function parseRAck(value: string | undefined): RAck | null {
  const match = /^(\d{1,10})\s+(\d{1,10})\s+(\S+)$/.exec(value ?? '');
  return match ? { rseq: Number(match[1]), cseq: Number(match[2]), method: match[3] ?? '' } : null;
}

export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: 'uac' | 'uas' | undefined;
}

/** Undefined when absent or unreadable: the session then has no timer. */
export function parseSessionExpires(value: string | undefined): SessionExpires | undefined {
  const seconds = deltaSeconds(value);
  if (value === undefined || seconds === undefined) return undefined;
  const refresher = parameterOf(value, 'refresher')?.toLowerCase();
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

/** The leading number of an Expires, Min-SE, Min-Expires or Session-Expires; capped at 2^32-1 as RFC 3261 section 20.19 has it. */
export function deltaSeconds(value: string | undefined): number | undefined {
  const digits = /^\s*(\d+)\s*(?:;|$)/.exec(value ?? '')?.[1];
  return digits === undefined ? undefined : Math.min(Number(digits), 0xffff_ffff);
}

export interface ReasonValue {
  readonly text: string;
  readonly q850?: number | undefined;
  readonly sipCause?: number | undefined;
}

/** What Reason headers (RFC 3326) say: the Q.850 cause, the SIP cause, and the first text. */
export function parseReasons(values: readonly string[]): ReasonValue {
  let text = '';
  let q850: number | undefined;
  let sipCause: number | undefined;
  for (const value of values) {
    const protocol = (/^[^\s;]+/.exec(value)?.[0] ?? '').toLowerCase();
    const cause = deltaSeconds(parameterOf(value, 'cause'));
    if (protocol === 'q.850') q850 ??= cause;
    if (protocol === 'sip') sipCause ??= cause;
    text ||= parameterOf(value, 'text') ?? '';
  }
  return { text, q850, sipCause };
}
