/** What an address opens. A card or a call in the address survives a reload and can be linked. */
export type Place =
  | {
      readonly page: 'workspace';
      readonly clientId?: number;
      readonly interactionId?: string;
      readonly conversationId?: string;
    }
  | { readonly page: 'supervisor' }
  /** Its sections are told apart by the page itself: softphone/admin/place.ts. */
  | { readonly page: 'admin' }
  | { readonly page: 'demo' }
  /** A visitor of a site calls: its query and fragment say whom and by which right. */
  | { readonly page: 'visitor' }
  | { readonly page: 'unknown' };

/** Pure: path to place. */
export function placeOf(path: string): Place {
  if (path === '/') return { page: 'workspace' };
  if (path === '/supervisor') return { page: 'supervisor' };
  if (path === '/admin' || path.startsWith('/admin/')) return { page: 'admin' };
  if (path === '/demo') return { page: 'demo' };
  if (path === '/call-us') return { page: 'visitor' };
  const client = /^\/clients\/([1-9]\d{0,15})$/.exec(path)?.[1];
  if (client !== undefined) return { page: 'workspace', clientId: Number(client) };
  const [, writer, conversationId] = /^\/clients\/([1-9]\d{0,15})\/conversations\/([0-9a-f-]{36})$/.exec(path) ?? [];
  if (conversationId !== undefined) return { page: 'workspace', clientId: Number(writer), conversationId };
  const interactionId = /^\/calls\/([0-9a-f-]{36})$/.exec(path)?.[1];
  if (interactionId !== undefined) return { page: 'workspace', interactionId };
  return { page: 'unknown' };
}

export const clientPath = (clientId: number): string => `/clients/${clientId}`;
/** The card with one of its conversations in the foreground. */
export const conversationPath = (clientId: number, conversationId: string): string =>
  `/clients/${clientId}/conversations/${conversationId}`;
export const callPath = (interactionId: string): string => `/calls/${interactionId}`;
