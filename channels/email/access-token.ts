import type { Clock } from '../../server/kernel/clock.ts';
import { askTokenServer, type OAuthClient } from './token-server.ts';

/** Renewed before it ends; and never kept long, as it may be taken back. */
const spareMs = 60_000;
const keptMs = 600_000;

/** The provider replaced the refresh token. */
export interface RotatedToken {
  readonly from: string;
  readonly to: string;
}

export interface TokenSourceOptions extends OAuthClient {
  readonly refreshToken: string;
  readonly clock: Clock;
  /**
   * Keeps a refresh token that replaces the one before, before anything else is done: the old one may be worth nothing any more.
   * When it rejects it is asked again before the next token.
   */
  readonly keep: (rotated: RotatedToken) => Promise<void>;
}

/**
 * Access tokens for a refresh token (RFC 6749 section 6), as XOAUTH2 wants them.
 * @returns a function that rejects with AppError `wrong_credentials` when a person has to consent again, with something else when the
 * same may work later
 */
export function createTokenSource(options: TokenSourceOptions): () => Promise<string> {
  const { oauth, clock, keep } = options;
  let { refreshToken } = options;
  /** What is kept by others. */
  let keptToken = refreshToken;
  let known: { readonly token: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;

  /** The token works in any case: what could not be kept is tried again next time. */
  async function keepIfNew(): Promise<void> {
    if (refreshToken === keptToken) return;
    const to = refreshToken;
    await keep({ from: keptToken, to }).then(
      () => {
        keptToken = to;
      },
      () => undefined,
    );
  }

  async function renew(): Promise<string> {
    const answer = await askTokenServer(options, {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      ...(oauth.scope === '' ? {} : { scope: oauth.scope }),
    });
    const lifeMs = Number(answer.expires_in ?? 0) * 1_000;
    known = { token: answer.access_token, until: clock.now() + Math.min(keptMs, lifeMs - spareMs) };
    refreshToken = answer.refresh_token ?? refreshToken;
    await keepIfNew();
    return answer.access_token;
  }

  return async () => {
    if (known && clock.now() < known.until) {
      await keepIfNew();
      return known.token;
    }
    asking ??= renew().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
