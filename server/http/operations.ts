import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { AuthSession } from '../access/index.ts';
import type { RouteInput, Routes, SignedInUser } from '../access/route.ts';
import { api, type Operation, type OperationKey, type Output } from '../contract/api.ts';
import type { Role } from '../contract/words.ts';
import { AppError } from '../kernel/errors.ts';
import { compileValidator } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The valid session of the request's cookie. */
    authSession: AuthSession | null;
  }
}

export const operationKeys = Object.keys(api) as OperationKey[];
const operation = (key: OperationKey): Operation => api[key];

/** `'GET /api/v1/clients/:id'` in its two parts. */
export function partsOf(key: OperationKey): { method: HTTPMethods; url: string } {
  const [method = '', url = ''] = key.split(' ', 2);
  return { method: method as HTTPMethods, url };
}

/**
 * The user of a request.
 * @throws AppError `not_signed_in`, or `forbidden` when his role is not among those named
 */
export function requireUser(request: FastifyRequest, roles?: readonly Role[]): SignedInUser {
  const user = request.authSession?.user;
  if (user === undefined) throw new AppError('not_signed_in', 'sign in first');
  if (roles !== undefined && !roles.includes(user.role)) {
    throw new AppError('forbidden', `a user with the role "${user.role}" may not do this`);
  }
  return user;
}

/** Answers one operation with the web framework at hand, e.g. to set a cookie. */
export type OperationHandler<K extends OperationKey> = (
  input: RouteInput<K>,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<Output<K>>;

/** Mounts operations of the contract: checked, with the contract's roles, answered in the contract's shape. */
export interface OperationMounts {
  mount<K extends OperationKey>(key: K, handler: OperationHandler<K>): void;
  mountAll(routes: readonly Routes[]): void;
  /** Operations of the contract that nobody answers. */
  missing(): OperationKey[];
}

export function createOperationMounts(app: FastifyInstance): OperationMounts {
  const mounted = new Set<OperationKey>();

  function mount<K extends OperationKey>(key: K, handler: OperationHandler<K>): void {
    const { access, params, querystring, body, response } = operation(key);
    mounted.add(key);
    app.route({
      ...partsOf(key),
      schema: {
        ...(params && { params }),
        ...(querystring && { querystring }),
        ...(body && { body }),
        response: { 200: response },
      },
      validatorCompiler: compileValidator,
      // after the limit of requests, before the body is read: who may not call it, need not send it
      preParsing: async (request) => {
        if (access !== 'public') requireUser(request, access);
      },
      handler: (request, reply) => handler(routeInput<K>(request), request, reply),
    });
  }

  return {
    mount,
    mountAll(routes) {
      for (const mountRoutes of routes) mountRoutes((key, handler) => mount(key, (input) => handler(input)));
    },
    missing: () => operationKeys.filter((key) => !mounted.has(key)),
  };
}

/** `user` of a public operation without a session throws: a handler that needs one must not be public. */
function routeInput<K extends OperationKey>(request: FastifyRequest): RouteInput<K> {
  return {
    params: request.params,
    query: request.query,
    body: request.body,
    get user() {
      return requireUser(request);
    },
    sessionId: request.authSession?.id ?? '',
  } as RouteInput<K>;
}
