import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Clock } from '../../server/kernel/clock.ts';
import { AppError } from '../../server/kernel/errors.ts';
import { limits } from './limits.ts';
import type { OAuthSettings } from './settings.ts';

const Granted = Type.Object({
  access_token: Type.String({ minLength: 1, maxLength: 16_384 }),
  expires_in: Type.Optional(Type.Union([Type.Number(), Type.String()])),
  refresh_token: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
});
type Granted = Static<typeof Granted>;
const granted = Compile(Granted);

/** The provider wants a person to consent again, or does not know us (RFC 6749 section 5.2). */
const hopeless = /invalid_grant|invalid_client|unauthorized_client|access_denied|invalid_scope/;
/** Renewed before it ends; and never kept long, as it may be taken back. */
const spareMs = 60_000;
const keptMs = 600_000;

export interface TokenSourceOptions {
  readonly oauth: OAuthSettings;
  readonly clientSecret: string | undefined;
  readonly refreshToken: string;
  readonly clock: Clock;
}

async function ask({ oauth, clientSecret }: TokenSourceOptions, refreshToken: string): Promise<Granted> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: oauth.clientId,
    refresh_token: refreshToken,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    ...(oauth.scope === '' ? {} : { scope: oauth.scope }),
  });
  const response = await fetch(oauth.tokenUrl, {
    method: 'POST',
    body: form,
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(limits.tokenMs),
  });
  const text = await response.text();
  if (text.length > limits.tokenLength) throw new AppError('unavailable', 'the answer of the token server is too long');
  if (!response.ok) {
    const code = response.status < 500 && hopeless.test(text) ? 'wrong_credentials' : 'unavailable';
    throw new AppError(
      code,
      `the token server says ${response.status} ${/"error"\s*:\s*"(\w{1,60})"/.exec(text)?.[1] ?? ''}`,
    );
  }
  const answer: unknown = JSON.parse(text);
  if (!granted.Check(answer)) throw new AppError('unavailable', 'the token server gives no access token');
  return answer;
}

/**
 * Access tokens for a refresh token (RFC 6749 section 6), as XOAUTH2 wants them.
 * @returns a function that rejects with AppError `wrong_credentials` when a person has to consent again, with something else when the
 * same may work later
 */
export function createTokenSource(options: TokenSourceOptions): () => Promise<string> {
  const { clock } = options;
  let refreshToken = options.refreshToken;
  let known: { readonly token: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;

  async function renew(): Promise<string> {
    const answer = await ask(options, refreshToken);
    const lifeMs = Number(answer.expires_in ?? 0) * 1_000;
    known = { token: answer.access_token, until: clock.now() + Math.min(keptMs, lifeMs - spareMs) };
    // a provider that gives another one with every answer takes the old ones for some time still
    refreshToken = answer.refresh_token ?? refreshToken;
    return answer.access_token;
  }

  return async () => {
    if (known && clock.now() < known.until) return known.token;
    asking ??= renew().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
