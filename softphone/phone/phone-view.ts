import { type AudioDevices, noDevices } from './audio-devices.ts';
import type { CallSessionState } from './call-session.ts';
import type { Hearing } from './hearing.ts';
import type { ChoiceState, MicrophoneState } from './microphone.ts';
import type { CallSessionEnd } from './session-end.ts';

/** `elsewhere`: another tab of this browser is the phone, and has not said yet how it is. */
export type PhoneConnection = 'off' | 'elsewhere' | 'connecting' | 'registered' | 'reconnecting';

export interface PhoneCall {
  readonly interactionId: string;
  readonly state: Exclude<CallSessionState, 'ended'>;
  readonly hearing: Hearing | null;
}

/** What became of the chosen devices. */
export interface ChoiceStates {
  readonly microphone: ChoiceState;
  readonly speaker: ChoiceState;
  readonly secondRing: ChoiceState;
}

/** Everything the screen shows of the phone, the same in all tabs of a browser; a new object after each change. */
export interface PhoneView {
  /** Whether this tab is the phone, or a remote control of the tab that is. */
  readonly tab: 'phone' | 'remote';
  readonly connection: PhoneConnection;
  readonly microphone: MicrophoneState;
  readonly soundUnlocked: boolean;
  readonly calls: readonly PhoneCall[];
  /** A call of others that is heard silently in this browser. */
  readonly listeningTo: string | null;
  readonly muted: boolean;
  /** How the phone's last leg ended: tells "a colleague answered" from "missed". */
  readonly lastEnd: { readonly interactionId: string; readonly end: CallSessionEnd } | null;
  readonly devices: AudioDevices;
  readonly choices: ChoiceStates;
}

export const phoneOff: PhoneView = {
  tab: 'phone',
  connection: 'off',
  microphone: 'closed',
  soundUnlocked: false,
  calls: [],
  listeningTo: null,
  muted: false,
  lastEnd: null,
  devices: noDevices,
  choices: { microphone: 'ok', speaker: 'ok', secondRing: 'ok' },
};

/** Whether it can ring and be heard. */
export const isWorking = (view: PhoneView): boolean => view.soundUnlocked && view.microphone === 'live';
