import { createContext, useContext } from 'react';
import type { BoardView } from '../server/contract/board.ts';
import type { QueueView } from '../server/contract/schemas.ts';
import type { Commands } from './state/commands.ts';
import type { Desk } from './state/desk.ts';

export interface BoardListener {
  readonly onQueues: (queues: readonly QueueView[]) => void;
  readonly onBoard: (board: BoardView) => void;
}

/** What the components of a signed-in page work with. */
export interface DeskTools {
  readonly desk: Desk;
  readonly commands: Commands;
  /** What is pushed to supervisors, until the returned function is called. */
  watchBoard(listener: BoardListener): () => void;
  signOut(): Promise<void>;
}

export const DeskContext = createContext<DeskTools | undefined>(undefined);

/** @throws Error outside a signed-in page. */
export function useDeskTools(): DeskTools {
  const tools = useContext(DeskContext);
  if (tools === undefined) throw new Error('useDeskTools outside of a signed-in page');
  return tools;
}
