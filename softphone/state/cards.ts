import { type InfiniteData, QueryClient, type QueryKey } from '@tanstack/react-query';
import type { OperationKey, Output } from '../../server/contract/api.ts';
import type { ClientCard, TimelineEntry } from '../../server/contract/schemas.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { type CardEdit, canRebase } from './card-change.ts';
import { type TimelinePage, withEntry } from './timeline-pages.ts';

export type TimelineComment = Output<'POST /api/v1/timeline-entries/:id/comments'>;
export type TimelineFilter = 'all' | 'call' | 'sms' | 'email' | 'chat' | 'note' | 'planned';

/** Cards and timelines: server data that is fetched when it is looked at. One cache for the page. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 30_000, retry: 1, refetchOnWindowFocus: false } },
});

export const queryKeys = {
  card: (clientId: number): QueryKey => ['card', clientId],
  /** Those of a card, the latest first. */
  conversations: (clientId: number): QueryKey => ['conversations', clientId],
  conversation: (id: string): QueryKey => ['conversation', id],
  message: (id: string): QueryKey => ['message', id],
  /** A part of the setting, or how it works, by the operation that reads it. */
  setup: (operation: OperationKey, querystring: object = {}): QueryKey => ['setup', operation, querystring],
  consents: (clientId: number): QueryKey => ['consents', clientId],
  timelines: (clientId: number): QueryKey => ['timeline', clientId],
  timeline: (clientId: number, filter: TimelineFilter): QueryKey => ['timeline', clientId, filter],
};

/** A card that arrived by any way; an older version never replaces a newer one. */
export function storeCard(card: ClientCard): void {
  queryClient.setQueryData<ClientCard>(queryKeys.card(card.id), (held) =>
    held !== undefined && held.version > card.version ? held : card,
  );
}

/** The card as it is held here, if it is. */
export const cachedCard = (clientId: number): ClientCard | undefined =>
  queryClient.getQueryData<ClientCard>(queryKeys.card(clientId));

/** Somebody changed the card: fetched again if it is on a screen and really older. */
export function cardChanged(clientId: number, version: number): void {
  const held = queryClient.getQueryData<ClientCard>(queryKeys.card(clientId));
  if (held !== undefined && held.version >= version) return;
  void queryClient.invalidateQueries({ queryKey: queryKeys.card(clientId) });
}

/**
 * Changes fields of a card. When a colleague changed other fields meanwhile, the edit is repeated on his version.
 * @throws RequestFailure `stale_version` when he changed the same field: the cache then holds his value.
 */
export async function editCard(base: ClientCard, edit: CardEdit): Promise<ClientCard> {
  const patch = (version: number): Promise<ClientCard> =>
    call('PATCH /api/v1/clients/:id', { params: { id: base.id }, body: { version, ...edit } });
  try {
    const saved = await patch(base.version);
    storeCard(saved);
    return saved;
  } catch (error) {
    if (failureCode(error) !== 'stale_version') throw error;
    const latest = await call('GET /api/v1/clients/:id', { params: { id: base.id } });
    storeCard(latest);
    if (!canRebase(edit, base, latest)) throw error;
    const saved = await patch(latest.version);
    storeCard(saved);
    return saved;
  }
}

function matches(filter: unknown, entry: TimelineEntry): boolean {
  return filter === 'all' || filter === entry.kind || (filter === 'call' && entry.kind === 'voicemail');
}

/** A new or changed entry, in every list of this client that shows its kind. */
export function storeEntry(entry: TimelineEntry): void {
  if (entry.message !== null) {
    void queryClient.invalidateQueries({ queryKey: queryKeys.conversation(entry.message.conversationId) });
    void queryClient.invalidateQueries({ queryKey: queryKeys.message(entry.id) });
    // his "stop" is a word too, and what came back may have closed his address
    if (entry.direction === 'in' || entry.message.delivery?.state === 'failed')
      void queryClient.invalidateQueries({ queryKey: queryKeys.consents(entry.clientId) });
  }
  const lists = queryClient.getQueriesData<InfiniteData<TimelinePage>>({
    queryKey: queryKeys.timelines(entry.clientId),
  });
  for (const [key, data] of lists) {
    if (data === undefined || !matches(key[2], entry)) continue;
    queryClient.setQueryData(key, { ...data, pages: withEntry(data.pages, entry) });
  }
}

/** A comment of mine, shown at once on its entry. */
export function storeComment(entry: TimelineEntry, comment: TimelineComment): void {
  if (entry.comments.some((held) => held.id === comment.id)) return;
  storeEntry({ ...entry, comments: [...entry.comments, comment] });
}
