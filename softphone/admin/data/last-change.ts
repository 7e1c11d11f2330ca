import { create } from 'zustand';
import type { SetupKind } from '../../../server/contract/setup-words.ts';
import { call } from '../../net/api.ts';
import { useWorkspaceStore } from '../../state/stores.ts';
import { refreshSetup } from './queries.ts';

/** What was done last from this screen, and can be taken back. */
export interface LastChange {
  readonly did: 'created' | 'changed' | 'removed' | 'undone';
  readonly name: string;
  readonly kind: SetupKind;
  readonly id: number;
  /** How many versions it made: undo goes back before the first of them. */
  readonly steps: number;
  /** Where a change is not one version of one thing (an order): how it is taken back. */
  readonly undo?: () => Promise<unknown>;
}

interface ChangeStore {
  readonly last: LastChange | null;
}

export const useLastChange = create<ChangeStore>(() => ({ last: null }));

/** A change succeeded: it is said at the foot of the page, with an undo, until the next one. */
export function recordChange(change: Omit<LastChange, 'steps'> & { readonly steps?: number }): void {
  useLastChange.setState({ last: { steps: 1, ...change } });
}

export function forgetChange(): void {
  useLastChange.setState({ last: null });
}

/** Puts the thing back as it was before the change. @throws RequestFailure */
export async function undoChange({ kind, id, steps, name, undo }: LastChange): Promise<void> {
  if (undo === undefined) await rollBack({ kind, id, steps });
  else await undo();
  recordChange({ did: 'undone', name, kind, id });
  await refreshSetup();
}

async function rollBack({ kind, id, steps }: Pick<LastChange, 'kind' | 'id' | 'steps'>): Promise<void> {
  // a colleague's later change is not mine to take back by this button
  const me = useWorkspaceStore.getState().state?.me;
  const { items } = await call('GET /api/v1/setup/versions', {
    querystring: { kind, subjectId: id, limit: steps, ...(me === undefined ? {} : { userId: me.id }) },
  });
  const first = items.at(-1);
  if (first === undefined) return;
  await call('POST /api/v1/setup/versions/:id/roll-back', { params: { id: first.id } });
}
