import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { GateAnswer } from '../../../server/contract/messages-schemas.ts';
import type { MessageChannelName } from '../../../server/contract/messages-words.ts';
import { call } from '../../net/api.ts';
import { type Composition, toInput } from '../../state/composition.ts';

const TYPING_PAUSE_MS = 400;

interface Judgement {
  /** The last answer; undefined until the first, and when nobody can be asked. */
  readonly answer: GateAnswer | undefined;
  /** Whether it is about what stands on the screen now. */
  readonly isFresh: boolean;
}

/** What the outbound gate says of a message, asked when the typing rests. */
export function useGate(clientId: number, channel: MessageChannelName, message: Composition): Judgement {
  const now = JSON.stringify(toInput(message, clientId, channel));
  const [asked, setAsked] = useState(now);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(now), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [now]);
  const { data, isPlaceholderData, isFetching } = useQuery({
    queryKey: ['gate', clientId, channel, asked],
    queryFn: () => call('POST /api/v1/messages/check', { body: JSON.parse(asked) as ReturnType<typeof toInput> }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    // as old as a draft's pause in typing: nobody looks at it again
    gcTime: 30_000,
    retry: false,
  });
  return { answer: data, isFresh: asked === now && !isPlaceholderData && !isFetching };
}
