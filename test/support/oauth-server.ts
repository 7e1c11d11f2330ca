import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Question {
  readonly redirectUri: string;
  readonly challenge: string;
}

export type OAuthServer = Awaited<ReturnType<typeof startOAuthServer>>;

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return new URLSearchParams(text);
}

/**
 * An authorization server (RFC 6749 with RFC 7636) of one client, on this machine: whoever opens its page consents at once. Each
 * refresh token is worth one answer, and the next one comes with it.
 */
export async function startOAuthServer({ clientId = 'house', clientSecret = 'hush' } = {}) {
  const questions = new Map<string, Question>();
  /** Query of each opened page. */
  const opened: URLSearchParams[] = [];
  /** The one refresh token that is worth something; null = none was given or it was taken back. */
  let refreshToken: string | null = null;
  let count = 0;
  let givesRefreshToken = true;

  function grant(): object {
    count += 1;
    if (givesRefreshToken) refreshToken = `refresh-${count}`;
    return {
      access_token: `access-${count}`,
      expires_in: 300,
      ...(givesRefreshToken && { refresh_token: refreshToken }),
    };
  }

  /** @returns what is given, or the error */
  function answerTo(form: URLSearchParams): object | string {
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) return 'invalid_client';
    if (form.get('grant_type') === 'refresh_token')
      return refreshToken !== null && form.get('refresh_token') === refreshToken ? grant() : 'invalid_grant';
    const code = form.get('code') ?? '';
    const question = questions.get(code);
    questions.delete(code);
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    return question?.challenge === proof && question.redirectUri === form.get('redirect_uri')
      ? grant()
      : 'invalid_grant';
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/token') {
      const answer = answerTo(await formOf(request));
      const isError = typeof answer === 'string';
      response.writeHead(isError ? 400 : 200, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify(isError ? { error: answer } : answer));
    }
    opened.push(url.searchParams);
    const redirectUri = url.searchParams.get('redirect_uri') ?? '';
    const code = randomUUID();
    questions.set(code, { redirectUri, challenge: url.searchParams.get('code_challenge') ?? '' });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', url.searchParams.get('state') ?? '');
    response.writeHead(302, { location: back.href }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    opened,
    get refreshToken() {
      return refreshToken;
    },
    /** As somebody consented before. */
    give(token: string): void {
      refreshToken = token;
    },
    /** Whether answers hold a refresh token (Google gives none unless it is asked for offline access). */
    offline(on: boolean): void {
      givesRefreshToken = on;
    },
    settings: {
      authorizeUrl: `${origin}/authorize?prompt=consent`,
      tokenUrl: `${origin}/token`,
      clientId,
      scope: 'mail',
    },
    clientSecret,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
