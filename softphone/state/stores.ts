import { create } from 'zustand';
import type { FailureCode } from '../net/problem.ts';
import { type PhoneView, phoneOff } from '../phone/phone-view.ts';
import type { WorkspaceState } from './workspace-state.ts';

export interface Connection {
  readonly online: boolean;
  /** Since when there is no connection, by this browser's clock. */
  readonly offlineSince: number | null;
  /** Length of the last outage, shown for a while after it. */
  readonly lastOutageMs: number | null;
}

interface WorkspaceStore {
  /** null until the first snapshot. */
  readonly state: WorkspaceState | null;
  readonly failure: FailureCode | null;
  readonly connection: Connection;
}

export const useWorkspaceStore = create<WorkspaceStore>(() => ({
  state: null,
  failure: null,
  connection: { online: true, offlineSince: null, lastOutageMs: null },
}));

export const usePhoneStore = create<PhoneView>(() => phoneOff);

export interface ScreenStore {
  /** What a command answered with an error last; shown under the strip until the next command. */
  readonly commandFailure: FailureCode | null;
  readonly keypadOpen: boolean;
  readonly statusMenuOpen: boolean;
  readonly keyMapOpen: boolean;
  /** The start-of-shift screen was answered in this page. */
  readonly shiftScreenDone: boolean;
  /** The line that calls go out from; null = the first one. */
  readonly lineId: number | null;
}

const initialScreen: ScreenStore = {
  commandFailure: null,
  keypadOpen: false,
  statusMenuOpen: false,
  keyMapOpen: false,
  shiftScreenDone: false,
  lineId: null,
};

export const useScreenStore = create<ScreenStore>(() => initialScreen);

/** Another person may sign in next in the same page: nothing of this one stays. */
export function resetStores(): void {
  useWorkspaceStore.setState({
    state: null,
    failure: null,
    connection: { online: true, offlineSince: null, lastOutageMs: null },
  });
  usePhoneStore.setState(phoneOff);
  useScreenStore.setState(initialScreen);
}

/** A server command from the screen failed, or (null) a new one begins. */
export function setCommandFailure(code: FailureCode | null): void {
  useScreenStore.setState({ commandFailure: code });
}
