import { create } from 'zustand';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import type { DraftState } from './composition.ts';
import { takeInteraction } from './desk.ts';
import { setCommandFailure } from './stores.ts';

interface Draft {
  readonly text: string;
  readonly state: DraftState;
}

/** Notes being typed, by interaction; they outlive the composer, which may show another card meanwhile. */
export const useDrafts = create<{ readonly notes: Readonly<Record<string, Draft>> }>(() => ({ notes: {} }));

const SAVE_DELAY_MS = 500;
const RETRY_DELAY_MS = 4000;
const timers = new Map<string, ReturnType<typeof setTimeout>>();

function setDraft(interactionId: string, draft: Draft): void {
  useDrafts.setState(({ notes }) => ({ notes: { ...notes, [interactionId]: draft } }));
}

function schedule(interactionId: string, delayMs: number): void {
  clearTimeout(timers.get(interactionId));
  timers.set(
    interactionId,
    setTimeout(() => void saveNote(interactionId), delayMs),
  );
}

/** The note of a call, kept on the server nearly letter by letter. */
export function typeNote(interactionId: string, text: string): void {
  setDraft(interactionId, { text, state: 'unsaved' });
  schedule(interactionId, SAVE_DELAY_MS);
}

async function saveNote(interactionId: string): Promise<void> {
  const draft = useDrafts.getState().notes[interactionId];
  if (draft === undefined || draft.state !== 'unsaved') return;
  setDraft(interactionId, { text: draft.text, state: 'saving' });
  try {
    const body = { note: draft.text };
    takeInteraction(await call('PATCH /api/v1/interactions/:id', { params: { id: interactionId }, body }));
    noteSaved(interactionId, draft.text);
  } catch (error) {
    const code = failureCode(error);
    const latest = useDrafts.getState().notes[interactionId];
    if (latest !== undefined) setDraft(interactionId, { text: latest.text, state: 'unsaved' });
    if (code === 'offline' || code === 'unavailable') schedule(interactionId, RETRY_DELAY_MS);
    else setCommandFailure(code);
  }
}

/** The server has this text; what was typed after it stays unsaved. */
function noteSaved(interactionId: string, text: string): void {
  const latest = useDrafts.getState().notes[interactionId];
  if (latest === undefined) return;
  // what was typed meanwhile is marked unsaved and has its own timer
  if (latest.text === text) setDraft(interactionId, { text, state: 'saved' });
}

/** Text of a note that the server may not have yet: it travels with the command that ends the wrap-up. */
export function unsavedNote(interactionId: string): string | undefined {
  const draft = useDrafts.getState().notes[interactionId];
  return draft === undefined || draft.state === 'saved' ? undefined : draft.text;
}

/** The interaction is over: its note is on the timeline now. */
export function forgetNote(interactionId: string): void {
  clearTimeout(timers.get(interactionId));
  timers.delete(interactionId);
  useDrafts.setState(({ notes }) => {
    const { [interactionId]: _gone, ...rest } = notes;
    return { notes: rest };
  });
}
