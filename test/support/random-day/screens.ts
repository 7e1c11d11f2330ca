import type { Push } from '../../../server/contract/events.ts';
import type { InteractionView } from '../../../server/contract/schemas.ts';
import type { UserId } from '../../../server/kernel/ids.ts';
import { afterPush, type WorkspaceState } from '../../../softphone/state/workspace-state.ts';

/** What the open workspaces show, by their pushes alone: they were opened when the process began. */
export interface Screens {
  push(userId: UserId, push: Push): void;
  /** What stands on this user's work list. */
  of(userId: UserId): readonly InteractionView[];
}

/** A workspace as its snapshot says when nothing is in hand; the parts that no push of a call reads are left out. */
const emptyFor = (id: UserId): WorkspaceState => {
  const state: Partial<WorkspaceState> = {
    me: { id } as Partial<WorkspaceState['me']> as WorkspaceState['me'],
    interactions: {},
    pops: {},
    callsToday: 0,
  };
  return { ...state, lastClosed: null, lastOfferEnd: null } as WorkspaceState;
};

export function createScreens(): Screens {
  const screens = new Map<UserId, WorkspaceState>();
  return {
    push(userId, push) {
      screens.set(userId, afterPush(screens.get(userId) ?? emptyFor(userId), push));
    },
    of: (userId) => Object.values(screens.get(userId)?.interactions ?? {}),
  };
}
