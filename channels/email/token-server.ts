import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../../server/kernel/errors.ts';
import { limits } from './limits.ts';
import type { OAuthSettings } from './settings.ts';

const Granted = Type.Object({
  access_token: Type.String({ minLength: 1, maxLength: 16_384 }),
  expires_in: Type.Optional(Type.Union([Type.Number(), Type.String()])),
  refresh_token: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
});
export type Granted = Static<typeof Granted>;
const granted = Compile(Granted);

/** The provider wants a person to consent again, or does not know us (RFC 6749 section 5.2). */
const hopeless = /invalid_grant|invalid_client|unauthorized_client|access_denied|invalid_scope/;

/** Who asks: a program that is registered with the provider. */
export interface OAuthClient {
  readonly oauth: OAuthSettings;
  readonly clientSecret: string | undefined;
}

/**
 * What a provider gives for a grant (RFC 6749 section 5.1). `form`: of the grant, without who asks.
 * @throws AppError `wrong_credentials` when a person has to consent again, `unavailable` when the same may work later; what fetch throws
 */
export async function askTokenServer(client: OAuthClient, form: Readonly<Record<string, string>>): Promise<Granted> {
  const { oauth, clientSecret } = client;
  const body = new URLSearchParams({
    client_id: oauth.clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    ...form,
  });
  const response = await fetch(oauth.tokenUrl, {
    method: 'POST',
    body,
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(limits.tokenMs),
  });
  const text = await boundedText(response);
  if (!response.ok) {
    const code = response.status < 500 && hopeless.test(text) ? 'wrong_credentials' : 'unavailable';
    throw new AppError(
      code,
      `the token server says ${response.status} ${/"error"\s*:\s*"(\w{1,60})"/.exec(text)?.[1] ?? ''}`,
    );
  }
  const answer = parsed(text);
  if (!granted.Check(answer)) throw new AppError('unavailable', 'the token server gives no access token');
  return answer;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > limits.tokenLength) throw new AppError('unavailable', 'the answer of the token server is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('unavailable', 'the answer of the token server is no JSON', { cause });
  }
}
