import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { BoardView } from '../../server/contract/board.ts';
import type { AgentListItem, QueueView } from '../../server/contract/schemas.ts';
import type { OwedPage } from '../../server/contract/tasks-schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { call } from '../net/api.ts';
import { coalesce } from '../net/coalesce.ts';
import { newerBoard } from '../state/board.ts';

/** Pushes keep all of it fresh; this is for the one that got lost, and for calls that leave the last half hour. */
const SPARE_INTERVAL_MS = 15_000;
/** A phone that comes or goes is told by no push. */
const AGENTS_INTERVAL_MS = 3000;
/** With many pushes a second these lists are still read no more often. */
const AGENTS_GAP_MS = 500;
const OWED_GAP_MS = 1000;
/** As many as the server gives at once. */
const OWED_SHOWN = 200;

export const boardQueries = {
  board: ['board'],
  queues: ['queues'],
  agents: ['agents'],
  owed: ['owed'],
} as const satisfies Record<string, QueryKey>;

export interface Board {
  /** undefined until the first answer. */
  readonly board: BoardView | undefined;
  readonly queues: readonly QueueView[];
  readonly agents: readonly AgentListItem[];
  readonly owed: OwedPage | undefined;
  /** What could not be read; what was read before stays on the screen. */
  readonly failure: Error | null;
}

const noQueues: readonly QueueView[] = [];
const noAgents: readonly AgentListItem[] = [];

/**
 * Everything on the board, live: queues and figures are pushed; any push says that agents and people we owe may have
 * changed too. After a reconnect the desk has all queries read again.
 */
export function useBoard(): Board {
  const pushed = usePushes();
  const board = useQuery({
    queryKey: boardQueries.board,
    queryFn: async () => {
      pushed.current = undefined;
      const read = await call('GET /api/v1/board');
      // what was pushed while it was on its way may know more
      return pushed.current === undefined ? read : newerBoard(read, pushed.current);
    },
    refetchInterval: SPARE_INTERVAL_MS,
  });
  const queues = useQuery({
    queryKey: boardQueries.queues,
    queryFn: async (): Promise<readonly QueueView[]> => (await call('GET /api/v1/queues')).items,
    refetchInterval: SPARE_INTERVAL_MS,
  });
  const agents = useQuery({
    queryKey: boardQueries.agents,
    queryFn: () => call('GET /api/v1/agents'),
    refetchInterval: AGENTS_INTERVAL_MS,
  });
  const owed = useQuery({
    queryKey: boardQueries.owed,
    queryFn: () => call('GET /api/v1/owed', { querystring: { scope: 'all', limit: OWED_SHOWN } }),
    refetchInterval: SPARE_INTERVAL_MS,
  });
  return {
    board: board.data,
    queues: queues.data ?? noQueues,
    agents: agents.data?.items ?? noAgents,
    owed: owed.data,
    failure: board.error ?? queues.error ?? agents.error ?? owed.error,
  };
}

/** Takes the pushes into the cache. @returns the last board that was pushed */
function usePushes(): { current: BoardView | undefined } {
  const { watchBoard } = useDeskTools();
  const client = useQueryClient();
  const pushed = useRef<BoardView | undefined>(undefined);
  useEffect(() => {
    const read = (queryKey: QueryKey) => () => client.invalidateQueries({ queryKey });
    const agents = coalesce(read(boardQueries.agents), AGENTS_GAP_MS);
    const owed = coalesce(read(boardQueries.owed), OWED_GAP_MS);
    const stop = watchBoard({
      onQueues(queues) {
        client.setQueryData<readonly QueueView[]>(boardQueries.queues, queues);
        agents.call();
        owed.call();
      },
      onBoard(board) {
        pushed.current = newerBoard(pushed.current, board);
        client.setQueryData<BoardView>(boardQueries.board, (held) => newerBoard(held, board));
      },
    });
    return () => {
      stop();
      agents.close();
      owed.close();
    };
  }, [watchBoard, client]);
  return pushed;
}
