/** Digest access authentication as SIP uses it (RFC 3261 section 22, RFC 7616, RFC 8760): the arithmetic and the header. */
import { createHash } from 'node:crypto';
import { endOfQuoted, unquote } from '../message/lists.ts';

export type DigestAlgorithm = 'SHA-256' | 'MD5';

/** Strongest first: the order in which challenges are offered and answered (RFC 8760 section 2.3). */
export const digestAlgorithms: readonly DigestAlgorithm[] = ['SHA-256', 'MD5'];

const hashNames: Readonly<Record<DigestAlgorithm, string>> = { 'SHA-256': 'sha256', MD5: 'md5' };

/** Lower-case hex. */
export const digestHash = (algorithm: DigestAlgorithm, text: string): string =>
  createHash(hashNames[algorithm]).update(text).digest('hex');

/** Null for an algorithm that is not spoken here, such as MD5-sess. An absent one is MD5 (RFC 7616 section 3.3). */
export function digestAlgorithm(name: string | undefined): DigestAlgorithm | null {
  const wanted = (name ?? 'MD5').toUpperCase();
  return digestAlgorithms.find((algorithm) => algorithm === wanted) ?? null;
}

export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  /** H(username:realm:password). */
  readonly ha1: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  /** Absent for peers that do not know qop (RFC 2069). */
  readonly qop?: { readonly count: string; readonly clientNonce: string } | undefined;
}

/** The `response` value (RFC 7616 section 3.4.1), qop `auth` or none. */
export function digestResponse({ algorithm, ha1, nonce, method, uri, qop }: DigestInput): string {
  const ha2 = digestHash(algorithm, `${method}:${uri}`);
  const middle = qop === undefined ? '' : `:${qop.count}:${qop.clientNonce}:auth`;
  return digestHash(algorithm, `${ha1}:${nonce}${middle}:${ha2}`);
}

const maxParameters = 32;

/** Parameters of a Digest challenge or credentials by lower-case name; null for another scheme. */
export function parseDigest(value: string): ReadonlyMap<string, string> | null {
  if (!/^digest[ \t]/i.test(value)) return null;
  const parameters = new Map<string, string>();
  let at = 7;
  while (at < value.length && parameters.size < maxParameters) {
    const equals = value.indexOf('=', at);
    if (equals < 0) break;
    const name = value
      .slice(at, equals)
      .replace(/^[\s,]+/, '')
      .trim()
      .toLowerCase();
    let from = equals + 1;
    while (value.charCodeAt(from) === 32) from++;
    const quoted = value.charCodeAt(from) === 34;
    const end = quoted ? endOfQuoted(value, from) : endOfToken(value, from);
    if (!parameters.has(name))
      parameters.set(name, quoted ? unquote(value.slice(from + 1, end)) : value.slice(from, end).trim());
    at = quoted ? end + 1 : end;
  }
  return parameters;
}

function endOfToken(value: string, from: number): number {
  const comma = value.indexOf(',', from);
  return comma < 0 ? value.length : comma;
}
