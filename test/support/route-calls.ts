import type { RouteHandler, Routes, SignedInUser } from '../../server/access/route.ts';
import type { OperationKey, Output } from '../../server/contract/api.ts';

type Given<K extends OperationKey> = Partial<Parameters<RouteHandler<K>>[0]> & { readonly user: SignedInUser };

/** Operations of a noun as the web server would call them, without one: roles and schemas are not looked at. */
export function callsOf(...routes: readonly Routes[]) {
  const handlers = new Map<string, (input: never) => Promise<unknown>>();
  for (const mountAll of routes) mountAll((key, handler) => void handlers.set(key, handler));
  return <K extends OperationKey>(key: K, input: Given<K>): Promise<Output<K>> => {
    const handler = handlers.get(key) as RouteHandler<K> | undefined;
    if (!handler) throw new Error(`nobody answers ${key}`);
    return handler({ params: undefined, query: {}, body: undefined, sessionId: 'session', ...input } as never);
  };
}
