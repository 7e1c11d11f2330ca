import type { Output } from '../../server/contract/api.ts';
import type { ChannelHealthView } from '../../server/contract/messages-schemas.ts';
import { queryClient, queryKeys } from './cards.ts';

type HealthList = Output<'GET /api/v1/channel-health'>;

/** The list with what one account tells of itself; one that is not on it is new. Pure. */
export function withHealth({ items }: HealthList, told: ChannelHealthView): HealthList {
  const isKnown = items.some(({ accountId }) => accountId === told.accountId);
  return { items: isKnown ? items.map((one) => (one.accountId === told.accountId ? told : one)) : [...items, told] };
}

/** An account went up or down, or something more waits for it: the screen that shows it has it at once. */
export function takeHealth(told: ChannelHealthView): void {
  const queryKey = queryKeys.setup('GET /api/v1/channel-health');
  queryClient.setQueryData<HealthList>(queryKey, (held) => held && withHealth(held, told));
  // an answer that is on its way may be older than this
  if (queryClient.isFetching({ queryKey }) > 0)
    void queryClient.cancelQueries({ queryKey }).then(() => queryClient.invalidateQueries({ queryKey }));
}
