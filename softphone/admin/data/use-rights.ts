import { useWorkspaceStore } from '../../state/stores.ts';

export interface Rights {
  /** May look at these pages at all. */
  readonly mayRead: boolean;
  readonly isAdmin: boolean;
  /** May take the client base out of the house. */
  readonly mayExport: boolean;
  readonly userId: number | undefined;
}

/** What the person who is signed in may do here; the server decides again. */
export function useRights(): Rights {
  const me = useWorkspaceStore((store) => store.state?.me);
  return {
    mayRead: me?.role === 'admin' || me?.role === 'supervisor',
    isAdmin: me?.role === 'admin',
    mayExport: me?.mayExport ?? false,
    userId: me?.id,
  };
}
