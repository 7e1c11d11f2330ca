import type { ImportState } from '../../contract/client-imports.ts';
import type { TransitionTable } from '../../kernel/transition.ts';

export type ImportInput =
  | 'received'
  | 'change'
  | 'plan'
  | 'ready'
  | 'start'
  | 'finish'
  | 'cancel'
  | 'fail'
  | 'undo'
  | 'taken_back';

/**
 * uploading -> uploaded -> planning -> planned -> running -> done -> undoing -> undone; a change of how the file is
 * read asks for a new plan. What was written before a cancel or a failure can be undone as well.
 */
export const importTransitions: TransitionTable<ImportState, ImportInput> = {
  uploading: { received: 'uploaded', fail: 'failed' },
  uploaded: { change: 'uploaded', plan: 'planning' },
  planning: { ready: 'planned', cancel: 'uploaded', fail: 'uploaded' },
  planned: { change: 'uploaded', plan: 'planning', start: 'running' },
  running: { finish: 'done', cancel: 'cancelled', fail: 'failed' },
  done: { undo: 'undoing' },
  cancelled: { undo: 'undoing' },
  failed: { undo: 'undoing' },
  undoing: { taken_back: 'undone', fail: 'failed' },
  undone: {},
};
