import { useQuery } from '@tanstack/react-query';
import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import { call } from '../../net/api.ts';
import { queryKeys } from '../../state/cards.ts';

const noConversations: readonly ConversationView[] = [];
/** Templates and addresses change when an administrator changes them, and then a push has them read again. */
const SETUP_STALE_MS = 300_000;

/** A client's conversations, the latest first; pushes keep them up to date. */
export function useCardConversations(clientId: number): readonly ConversationView[] {
  const { data } = useQuery({
    queryKey: queryKeys.conversations(clientId),
    queryFn: async (): Promise<readonly ConversationView[]> => {
      const { items } = await call('GET /api/v1/clients/:id/conversations', { params: { id: clientId } });
      return items;
    },
  });
  return data ?? noConversations;
}

/** One conversation with its messages; asked for when it is shown alone. */
export function useConversation(id: string | undefined) {
  return useQuery({
    queryKey: queryKeys.conversation(id ?? ''),
    queryFn: () => call('GET /api/v1/conversations/:id', { params: { id: id ?? '' } }),
    enabled: id !== undefined,
  });
}

/** A message opened. */
export function useMessage(id: string | undefined) {
  return useQuery({
    queryKey: queryKeys.message(id ?? ''),
    queryFn: () => call('GET /api/v1/messages/:id', { params: { id: id ?? '' } }),
    enabled: id !== undefined,
  });
}

/** Ours, that can be written from. */
export function useAddresses() {
  const { data } = useQuery({
    queryKey: ['setup', 'addresses'],
    queryFn: () => call('GET /api/v1/addresses'),
    staleTime: SETUP_STALE_MS,
  });
  return data?.items ?? [];
}

export function useTemplates(enabled: boolean) {
  const { data } = useQuery({
    queryKey: ['setup', 'templates'],
    queryFn: () => call('GET /api/v1/templates'),
    staleTime: SETUP_STALE_MS,
    enabled,
  });
  return data?.items ?? [];
}

/** What a client allowed and refused, newest first, and his addresses that bounce. */
export function useConsents(clientId: number) {
  return useQuery({
    queryKey: queryKeys.consents(clientId),
    queryFn: () => call('GET /api/v1/clients/:id/consents', { params: { id: clientId } }),
  });
}
