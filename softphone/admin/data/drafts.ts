import { create } from 'zustand';
import type { Edit } from './edits.ts';

/** Edits that are not saved, by subject (`queue:3`). They outlive the screen they were made on. */
export interface Draft extends Edit<object> {
  readonly title: string;
  /** Where it is edited. */
  readonly path: string;
}

interface DraftStore {
  readonly drafts: ReadonlyMap<string, Draft>;
}

export const useDrafts = create<DraftStore>(() => ({ drafts: new Map() }));

/** The tab asks before it is closed or reloaded, as long as something would be lost. */
function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function replace(drafts: ReadonlyMap<string, Draft>): void {
  useDrafts.setState({ drafts });
  if (drafts.size > 0) globalThis.addEventListener('beforeunload', warn);
  else globalThis.removeEventListener('beforeunload', warn);
}

export function keepDraft(subject: string, draft: Draft): void {
  replace(new Map(useDrafts.getState().drafts).set(subject, draft));
}

export function dropDraft(subject: string): void {
  const drafts = new Map(useDrafts.getState().drafts);
  if (drafts.delete(subject)) replace(drafts);
}
