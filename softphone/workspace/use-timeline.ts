import { useInfiniteQuery } from '@tanstack/react-query';
import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { call } from '../net/api.ts';
import { queryKeys, type TimelineFilter } from '../state/cards.ts';

const PAGE = 50;

/** The pages of a client's history, newest first. Planned contacts are tasks and come from elsewhere. */
export function useTimeline(clientId: number, filter: TimelineFilter) {
  return useInfiniteQuery({
    queryKey: queryKeys.timeline(clientId, filter),
    enabled: filter !== 'planned',
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      call('GET /api/v1/clients/:id/timeline', {
        params: { id: clientId },
        querystring: {
          limit: PAGE,
          ...(filter === 'all' ? {} : { kind: filter }),
          ...(pageParam === null ? {} : { before: pageParam }),
        },
      }),
    getNextPageParam: (last) => last.before,
  });
}

/** The newest contact, null when there is none, undefined while it loads. */
export function useTimelineHead(clientId: number): TimelineEntry | null | undefined {
  const { data } = useTimeline(clientId, 'all');
  if (data === undefined) return undefined;
  return data.pages[0]?.items.find((entry) => entry.kind !== 'note') ?? data.pages[0]?.items[0] ?? null;
}
