import { AppError } from '../../server/kernel/errors.ts';
import type { OAuthSettings } from './settings.ts';
import { askTokenServer, type OAuthClient } from './token-server.ts';

/** One question to a person, by way of his provider. */
export interface ConsentRequest {
  /** Comes back as it is (RFC 6749 section 10.12). */
  readonly state: string;
  /** SHA-256 of the verifier, base64url (RFC 7636 section 4.2). */
  readonly challenge: string;
  /** Where the provider sends the browser back to; registered there. */
  readonly redirectUri: string;
  /** Whose consent is wanted; '' = whoever is signed in there. */
  readonly user: string;
}

/**
 * The page of the provider where a person consents (RFC 6749 section 4.1.1). What stands in the address already stays: Google wants
 * `access_type=offline&prompt=consent` to give a refresh token.
 */
export function consentUrl(oauth: OAuthSettings, { state, challenge, redirectUri, user }: ConsentRequest): string {
  const url = new URL(oauth.authorizeUrl);
  const query = {
    response_type: 'code',
    client_id: oauth.clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(oauth.scope === '' ? {} : { scope: oauth.scope }),
    ...(user === '' ? {} : { login_hint: user }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** What the provider sent the browser back with, and what proves that we asked. */
export interface GivenConsent {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/**
 * The refresh token for a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
 * @throws AppError `wrong_credentials` when the provider does not take the code or us, `conflict` when it gives no refresh token,
 * `unavailable`
 */
export async function redeemCode(client: OAuthClient, { code, verifier, redirectUri }: GivenConsent): Promise<string> {
  const answer = await askTokenServer(client, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  if (answer.refresh_token === undefined)
    throw new AppError('conflict', 'the provider gives no refresh token: ask for offline access');
  return answer.refresh_token;
}
