/** Answers the challenges of a trunk (RFC 3261 section 22.2 and 22.3). */
import { clean } from '../message/build.ts';
import { headerLinesOf, type SipResponse } from '../message/message.ts';
import { randomToken } from '../message/tokens.ts';
import {
  type DigestAlgorithm,
  digestAlgorithm,
  digestAlgorithms,
  digestHash,
  digestResponse,
  parseDigest,
} from './digest.ts';

export interface DigestClient {
  /**
   * Takes in a 401 or 407. True when a new attempt makes sense: a first challenge, or a nonce that went stale. The same
   * credentials are never sent twice for the same reason.
   */
  challenged(response: SipResponse): boolean;
  /** Header lines for a request, '' before any challenge. Counts the nonce on, so each call is one request. */
  authorize(method: string, uri: string): string;
}

interface Challenge {
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly algorithm: DigestAlgorithm;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly qop: boolean;
  readonly stale: boolean;
  /** Requests that carried this nonce. */
  uses: number;
}

const quoted = (text: string): string => `"${clean(text).replace(/[\\"]/g, '\\$&')}"`;

function readChallenge(value: string, header: Challenge['header']): Challenge | null {
  const parameters = parseDigest(value);
  const algorithm = digestAlgorithm(parameters?.get('algorithm'));
  const nonce = parameters?.get('nonce');
  if (!parameters || algorithm === null || nonce === undefined) return null;
  const qop = parameters.get('qop');
  const offers = qop?.split(',').map((item) => item.trim().toLowerCase());
  // a challenge that insists on auth-int cannot be answered
  if (offers && !offers.includes('auth')) return null;
  return {
    header,
    algorithm,
    realm: parameters.get('realm') ?? '',
    nonce,
    opaque: parameters.get('opaque'),
    qop: offers !== undefined,
    stale: parameters.get('stale')?.toLowerCase() === 'true',
    uses: 0,
  };
}

/** The strongest challenge of a response that can be answered. */
function strongest(response: SipResponse): Challenge | null {
  const proxy = response.status === 407;
  const lines = headerLinesOf(response, proxy ? 'proxy-authenticate' : 'www-authenticate');
  const challenges = lines.map((line) => readChallenge(line, proxy ? 'Proxy-Authorization' : 'Authorization'));
  for (const algorithm of digestAlgorithms) {
    const match = challenges.find((challenge) => challenge?.algorithm === algorithm);
    if (match) return match;
  }
  return null;
}

export function createDigestClient(credentials: { username: string; password: string }): DigestClient {
  const { username, password } = credentials;
  /** One for 401 and one for 407: a path may have both a proxy and a server that ask. */
  const challenges = new Map<Challenge['header'], Challenge>();

  const line = (challenge: Challenge, method: string, uri: string): string => {
    const { algorithm, realm, nonce, opaque } = challenge;
    challenge.uses++;
    const qop = challenge.qop
      ? { count: challenge.uses.toString(16).padStart(8, '0'), clientNonce: randomToken(8) }
      : undefined;
    const ha1 = digestHash(algorithm, `${username}:${realm}:${password}`);
    const response = digestResponse({ algorithm, ha1, nonce, method, uri, qop });
    const parts = [
      `Digest username=${quoted(username)}`,
      `realm=${quoted(realm)}`,
      `nonce=${quoted(nonce)}`,
      `uri=${quoted(uri)}`,
      `algorithm=${algorithm}`,
      `response="${response}"`,
    ];
    if (opaque !== undefined) parts.push(`opaque=${quoted(opaque)}`);
    if (qop) parts.push('qop=auth', `nc=${qop.count}`, `cnonce="${qop.clientNonce}"`);
    return `${challenge.header}: ${parts.join(', ')}\r\n`;
  };

  return {
    challenged(response) {
      const challenge = strongest(response);
      if (!challenge) return false;
      const before = challenges.get(challenge.header);
      // refused with an answer to a challenge that we had seen: only a new nonce called stale gives hope
      if (before && before.uses > 0 && !(challenge.stale && challenge.nonce !== before.nonce)) return false;
      challenges.set(challenge.header, challenge);
      return true;
    },
    authorize: (method, uri) => [...challenges.values()].map((challenge) => line(challenge, method, uri)).join(''),
  };
}
