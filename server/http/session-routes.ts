import type { FastifyRequest } from 'fastify';
import type { Access } from '../access/index.ts';
import type { ClientOrigin } from './client-origin.ts';
import type { OperationMounts } from './operations.ts';
import { endedCookie, sessionCookie } from './session-cookie.ts';

export interface SessionRoutesOptions {
  readonly access: Access;
  readonly origin: ClientOrigin;
}

/** Signing in and out, and the account's own settings. */
export function mountSessionRoutes({ mount }: OperationMounts, { access, origin }: SessionRoutesOptions): void {
  const isSecure = (request: FastifyRequest): boolean => origin.isSecure(request.raw);

  mount('POST /api/v1/session', async ({ body }, request, reply) => {
    const { token, session } = await access.signIn({
      ...body,
      address: origin.address(request.raw),
      userAgent: request.headers['user-agent'] ?? '',
    });
    // a browser that signs in again, perhaps as somebody else, leaves nothing open behind it
    if (request.authSession !== null) await access.signOut(request.authSession);
    reply.header('set-cookie', sessionCookie(token, session.expiresAt, isSecure(request)));
    return await access.me(session.user.id);
  });

  mount('GET /api/v1/session', ({ user }) => access.me(user.id));

  mount('DELETE /api/v1/session', async (_input, request, reply) => {
    if (request.authSession !== null) await access.signOut(request.authSession);
    reply.header('set-cookie', endedCookie(isSecure(request)));
    return { ok: true };
  });

  mount('PATCH /api/v1/session/settings', ({ user, body }) => access.changeSettings(user.id, body));
}
