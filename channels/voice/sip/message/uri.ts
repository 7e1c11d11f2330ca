/** sip:, sips: and tel: URIs (RFC 3261 section 19.1, RFC 3966). */
import type { SipUri } from '../stack.ts';
import { parametersOf } from './lists.ts';

/** Everything before the first character class that cannot be in it, so each group is linear. */
const sipUri =
  /^(sips?):(?:([^\s@:<>"]*)(?::([^\s@<>"]*))?@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._]+)(?::(\d{1,5}))?((?:;[^\s?<>"]*)?)(\?[^\s<>"]*)?$/i;
const telUri = /^tel:([0-9A-Fa-f*#+\-.()]+)((?:;[^\s?<>"]*)?)$/i;
const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:./;

/** Percent escapes to text; text that is not well escaped stays as it is. */
export function unescapeText(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // not UTF-8 or no hex digits: the octets mean nothing to us, the text still identifies
    return text;
  }
}

/** Text to the user part of a URI: everything outside `unreserved` and `user-unreserved` is escaped. */
export const escapeUser = (user: string): string =>
  encodeURIComponent(user).replace(/%(2B|24|26|3D|2C|3B|3F|2F)/g, (escaped) => decodeURIComponent(escaped));

/** Whether the text looks like a URI of any scheme, which is all that From and To of unknown peers must be. */
export const isAnyUri = (text: string): boolean => scheme.test(text) && !/[\s<>"]/.test(text);

/** Null for other schemes and for text that does not follow the grammar. */
export function parseUri(text: string): SipUri | null {
  const match = sipUri.exec(text);
  if (!match) return parseTel(text);
  const [, name = '', user = '', , host = '', portText, parameters = ''] = match;
  const port = portText === undefined ? 0 : Number(portText);
  if (port > 65_535) return null;
  return {
    scheme: name.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user: unescapeText(user),
    host: host.toLowerCase(),
    port,
    parameters: parametersOf(parameters),
    text,
  };
}

function parseTel(text: string): SipUri | null {
  const match = telUri.exec(text);
  if (!match) return null;
  const [, number = '', parameters = ''] = match;
  return {
    scheme: 'tel',
    user: number.replace(/[-.()]/g, ''),
    host: '',
    port: 0,
    parameters: parametersOf(parameters),
    text,
  };
}

/** Whether a SIP URI carries `?header=value` parts, which a Request-URI must not (RFC 3261 section 19.1.1, table 1). */
export const hasUriHeaders = (text: string): boolean => text.includes('?') && (sipUri.exec(text)?.[7] ?? '') !== '';

/** The host without the brackets of an IPv6 reference. */
export const bareHost = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host);

/** An address as it stands in a URI: IPv6 in brackets. */
export const uriHost = (address: string): string => (address.includes(':') ? `[${address}]` : address);
