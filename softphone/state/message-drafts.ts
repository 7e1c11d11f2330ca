import { create } from 'zustand';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import {
  type ComposerTab,
  type Composition,
  type DraftState,
  emptyComposition,
  fromDraft,
  isEmpty,
  toInput,
} from './composition.ts';

interface HeldDraft {
  readonly composition: Composition;
  readonly state: DraftState;
}

/** What is being written, by client and tab; it outlives the composer, which may show another card meanwhile. */
export const useMessageDrafts = create<{ readonly drafts: Readonly<Record<string, HeldDraft>> }>(() => ({
  drafts: {},
}));

const SAVE_DELAY_MS = 700;
const RETRY_DELAY_MS = 4000;
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const loaded = new Set<number>();
/** On their way to the server. */
const writes = new Map<string, Promise<unknown>>();

const keyOf = (clientId: number, tab: ComposerTab): string => `${clientId}/${tab}`;

export const draftOf = (clientId: number, tab: ComposerTab): Composition =>
  useMessageDrafts.getState().drafts[keyOf(clientId, tab)]?.composition ?? emptyComposition;

/** What is being written in this tab of the composer; draws again when it changes. */
export function useDraft(
  clientId: number,
  tab: ComposerTab,
): { composition: Composition; state: DraftState | undefined } {
  const held = useMessageDrafts(({ drafts }) => drafts[keyOf(clientId, tab)]);
  return { composition: held?.composition ?? emptyComposition, state: held?.state };
}

function hold(key: string, draft: HeldDraft): void {
  useMessageDrafts.setState(({ drafts }) => ({ drafts: { ...drafts, [key]: draft } }));
}

/** Brings what this person was writing to a client, once; what is typed meanwhile stays. */
export async function loadDrafts(clientId: number): Promise<void> {
  if (loaded.has(clientId)) return;
  loaded.add(clientId);
  try {
    const { items, attachments } = await call('GET /api/v1/clients/:id/drafts', { params: { id: clientId } });
    for (const { channel, draft } of items) {
      const key = keyOf(clientId, channel);
      if (useMessageDrafts.getState().drafts[key] === undefined) {
        hold(key, { composition: fromDraft(draft, attachments), state: 'saved' });
      }
    }
  } catch {
    // the next visit of the card asks again
    loaded.delete(clientId);
  }
}

/** Changes what is being written; the server has it a moment later. */
export function editDraft(clientId: number, tab: ComposerTab, change: Partial<Composition>): void {
  hold(keyOf(clientId, tab), { composition: { ...draftOf(clientId, tab), ...change }, state: 'unsaved' });
  schedule(clientId, tab, SAVE_DELAY_MS);
}

/** What a field begins with for somebody who only looks: the server hears of it when he writes. */
export function prepareDraft(clientId: number, tab: ComposerTab, start: Partial<Composition>): void {
  hold(keyOf(clientId, tab), { composition: { ...emptyComposition, ...start }, state: 'saved' });
}

function schedule(clientId: number, tab: ComposerTab, delayMs: number): void {
  const key = keyOf(clientId, tab);
  clearTimeout(timers.get(key));
  timers.set(
    key,
    setTimeout(() => void save(clientId, tab), delayMs),
  );
}

async function save(clientId: number, tab: ComposerTab): Promise<void> {
  const key = keyOf(clientId, tab);
  const draft = useMessageDrafts.getState().drafts[key];
  if (draft === undefined || draft.state !== 'unsaved') return;
  const { composition } = draft;
  hold(key, { composition, state: 'saving' });
  const settle = (state: DraftState): void => {
    const latest = useMessageDrafts.getState().drafts[key];
    // what was typed meanwhile is marked unsaved and has its own timer
    if (latest?.composition === composition) hold(key, { composition, state });
  };
  try {
    const written = store(clientId, tab, composition);
    writes.set(key, written);
    await written;
    settle('saved');
  } catch (error) {
    settle('unsaved');
    // it stays on the screen, marked as not saved; the next letter tries again
    const code = failureCode(error);
    if (code === 'offline' || code === 'unavailable') schedule(clientId, tab, RETRY_DELAY_MS);
  }
}

function store(clientId: number, tab: ComposerTab, composition: Composition): Promise<unknown> {
  const params = { id: clientId, channel: tab };
  if (isEmpty(composition)) return call('DELETE /api/v1/clients/:id/drafts/:channel', { params });
  const { channel, ...input } = toInput(composition, clientId, tab === 'note' ? 'sms' : tab);
  const body = tab === 'note' ? { clientId, text: composition.text } : { channel, ...input };
  return call('PUT /api/v1/clients/:id/drafts/:channel', { params, body });
}

/** It was sent or is not wanted: gone here and on the server. */
export function forgetDraft(clientId: number, tab: ComposerTab): void {
  const key = keyOf(clientId, tab);
  clearTimeout(timers.get(key));
  timers.delete(key);
  useMessageDrafts.setState(({ drafts }) => {
    const { [key]: _gone, ...rest } = drafts;
    return { drafts: rest };
  });
  const written = writes.get(key);
  writes.delete(key);
  // a save that is still on its way would bring it back; one that stays behind is only offered again
  Promise.allSettled([written])
    .then(() => call('DELETE /api/v1/clients/:id/drafts/:channel', { params: { id: clientId, channel: tab } }))
    .catch(() => undefined);
}

/** Another person may sign in next in the same page. */
export function resetDrafts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  loaded.clear();
  useMessageDrafts.setState({ drafts: {} });
}
