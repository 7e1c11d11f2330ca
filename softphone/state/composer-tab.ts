import { create } from 'zustand';
import type { ComposerTab } from './composition.ts';

interface ComposerStore {
  /** The chosen tab by place: a call, or a card that was opened by hand. */
  readonly tabs: Readonly<Record<string, ComposerTab>>;
  /** Grows when somebody asks for the field; the composer takes the focus then, and never by itself. */
  readonly focusRequests: number;
  /** The place that is on the screen. */
  readonly place: string | null;
  /** The timeline shows this conversation alone. */
  readonly shownAlone: string | null;
  /** Whom to give the conversation to is being asked. */
  readonly givingAway: boolean;
}

const initial: ComposerStore = { tabs: {}, focusRequests: 0, place: null, shownAlone: null, givingAway: false };

export const useComposer = create<ComposerStore>(() => initial);

export const resetComposer = (): void => useComposer.setState(initial);

/** The place whose tab is remembered: a call has its own, so that it begins with its note. */
export const composerPlace = (clientId: number, interactionId: string | undefined): string =>
  interactionId ?? `client-${clientId}`;

/** Opens a tab of the composer; with the focus, when a person asked for it. */
export function openTab(place: string, tab: ComposerTab, focus: boolean): void {
  useComposer.setState(({ tabs, focusRequests }) => ({
    tabs: { ...tabs, [place]: tab },
    focusRequests: focus ? focusRequests + 1 : focusRequests,
  }));
}
