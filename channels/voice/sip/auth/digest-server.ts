/** Asks for digest credentials and checks them (RFC 3261 section 22, RFC 7616 section 3.3 to 3.5). */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import { type DigestAlgorithm, digestAlgorithm, digestAlgorithms, digestResponse, parseDigest } from './digest.ts';

export interface DigestServer {
  /**
   * WWW-Authenticate lines, one for each algorithm with the strongest first (RFC 8760). MD5 comes last, because SIP.js
   * in the browser looks at the last line only and speaks nothing else.
   */
  challenge(stale: boolean): string;
  verify(authorizations: readonly string[], method: string, uri: string): DigestVerdict;
}

export type DigestVerdict =
  | { readonly kind: 'accepted'; readonly username: string }
  /** No credentials for our realm. */
  | { readonly kind: 'missing' }
  /** Right or wrong, they answer a challenge of long ago or repeat a request: a new nonce is needed. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'wrong' };

export interface DigestServerOptions {
  readonly clock: Clock;
  readonly realm: string;
  readonly ha1: (username: string, realm: string, algorithm: DigestAlgorithm) => string | null;
}

/** Counts of one nonce: the highest seen, and which of the 31 before it. */
interface NonceCounts {
  highest: number;
  seen: number;
}

const windowSize = 31;
const macLength = 22;

export function createDigestServer({ clock, realm, ha1 }: DigestServerOptions): DigestServer {
  const key = randomBytes(32);
  const counts = new Map<string, NonceCounts>();
  /** Counts of nonces made until then may have been forgotten. */
  let forgottenUntil = 0;

  const mac = (text: string): string => createHmac('sha256', key).update(text).digest('base64url').slice(0, macLength);
  const newNonce = (): string => {
    const text = `${clock.now().toString(36)}.${randomBytes(6).toString('base64url')}`;
    return `${text}.${mac(text)}`;
  };
  /** When the nonce was made, null when it is none of ours. */
  const madeAt = (nonce: string): number | null => {
    const dot = nonce.lastIndexOf('.');
    const text = nonce.slice(0, dot);
    if (dot < 0 || !equal(nonce.slice(dot + 1), mac(text))) return null;
    return Number.parseInt(text, 36);
  };
  const remember = (nonce: string, first: number): void => {
    if (counts.size >= limits.nonces) {
      const [oldest] = counts.keys();
      if (oldest !== undefined) {
        counts.delete(oldest);
        forgottenUntil = Math.max(forgottenUntil, madeAt(oldest) ?? 0);
      }
    }
    counts.set(nonce, { highest: first, seen: 0 });
  };
  /** True for a count not seen before (RFC 7616 section 3.4: nc); those far behind the highest count as seen. */
  const isFresh = (nonce: string, count: number): boolean => {
    const known = counts.get(nonce);
    if (!known) {
      remember(nonce, count);
      return true;
    }
    const ahead = count - known.highest;
    if (ahead > 0) {
      known.seen = ahead > windowSize ? 0 : ((known.seen << 1) | 1) << (ahead - 1);
      known.highest = count;
      return true;
    }
    const bit = -ahead - 1;
    if (bit < 0 || bit >= windowSize || (known.seen & (1 << bit)) !== 0) return false;
    known.seen |= 1 << bit;
    return true;
  };

  const check = (credentials: ReadonlyMap<string, string>, method: string, uri: string): DigestVerdict => {
    const algorithm = digestAlgorithm(credentials.get('algorithm'));
    const nonce = credentials.get('nonce') ?? '';
    const made = madeAt(nonce);
    if (algorithm === null || made === null) return { kind: 'stale' };
    const username = credentials.get('username') ?? '';
    const secret = ha1(username, realm, algorithm);
    const withQop = credentials.get('qop') === 'auth';
    const qop = withQop
      ? { count: credentials.get('nc') ?? '', clientNonce: credentials.get('cnonce') ?? '' }
      : undefined;
    // the unknown user costs as much time as a wrong password
    const wanted = digestResponse({ algorithm, ha1: secret ?? '', nonce, method, uri, qop });
    const right = equal((credentials.get('response') ?? '').toLowerCase(), wanted);
    if (secret === null || !right || credentials.get('uri') !== uri) return { kind: 'wrong' };
    const count = qop ? Number.parseInt(qop.count, 16) : 1;
    if (clock.now() - made > limits.nonceLifetimeMs || (made <= forgottenUntil && !counts.has(nonce)))
      return { kind: 'stale' };
    return count > 0 && isFresh(nonce, count) ? { kind: 'accepted', username } : { kind: 'stale' };
  };

  return {
    challenge(stale) {
      const nonce = newNonce();
      const line = (algorithm: DigestAlgorithm): string =>
        `WWW-Authenticate: Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}\r\n`;
      return digestAlgorithms.map(line).join('');
    },
    verify(authorizations, method, uri) {
      for (const value of authorizations) {
        const credentials = parseDigest(value);
        if (credentials?.get('realm') === realm) return check(credentials, method, uri);
      }
      return { kind: 'missing' };
    },
  };
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
