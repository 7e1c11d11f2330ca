import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Input, OperationKey, Output } from '../../../server/contract/api.ts';
import { call } from '../../net/api.ts';
import { queryClient, queryKeys } from '../../state/cards.ts';

/** Operations that read a part of the setting, its logs, or how it works. */
export type ReadKey = Extract<
  OperationKey,
  `GET /api/v1/setup/${string}` | `GET /api/v1/${'audit' | 'channel-health' | 'failed-messages'}`
>;

/** What colleagues change appears by itself after so long. */
const REFETCH_MS = 15_000;

/**
 * A part of the setting, kept fresh while it is on the screen.
 * @param refetchMs how often it is read again; `false` = the server tells what is different
 */
export function useSetup<K extends ReadKey>(
  key: K,
  querystring?: Input<K>['querystring'],
  refetchMs: number | false = REFETCH_MS,
): UseQueryResult<Output<K>> {
  return useQuery<Output<K>>({
    queryKey: queryKeys.setup(key, querystring),
    queryFn: (): Promise<Output<K>> => call(key, { querystring } as Input<K>),
    refetchInterval: refetchMs,
    staleTime: 2000,
    // what was shown stays while another page or period is fetched; the library's guard against functions as data
    // cannot see through a generic answer
    placeholderData: keepPreviousData as never,
  });
}

/** Everything on the screen is read again: one change may show in many places. */
export async function refreshSetup(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['setup'] });
}
