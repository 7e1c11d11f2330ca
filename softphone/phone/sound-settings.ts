import { type DeviceChoice, readChoice } from './audio-devices.ts';

/** How this person wants to hear, be heard and be rung. Volumes are 0 to 1. */
export interface SoundSettings {
  readonly microphone: DeviceChoice;
  /** Where the client is heard and where it rings. */
  readonly speaker: DeviceChoice;
  /** Where it rings too; null = nowhere else. */
  readonly secondRing: DeviceChoice;
  readonly ringVolume: number;
  readonly secondRingVolume: number;
  /** Reminders, and what else is no call. */
  readonly messageVolume: number;
  /** Nothing sounds; the screen flashes instead. */
  readonly silentRing: boolean;
}

export const defaultSound: SoundSettings = {
  microphone: null,
  speaker: null,
  secondRing: null,
  ringVolume: 0.6,
  secondRingVolume: 0.6,
  messageVolume: 0.6,
  silentRing: false,
};

/** Sound settings as the server keeps them; anything unexpected falls back to the default. */
export function readSound(stored: Readonly<Record<string, unknown>>): SoundSettings {
  const volume = (name: 'ringVolume' | 'secondRingVolume' | 'messageVolume'): number => {
    const value = stored[name];
    return typeof value === 'number' && value >= 0 && value <= 1 ? value : defaultSound[name];
  };
  return {
    microphone: readChoice(stored['microphone']),
    speaker: readChoice(stored['speaker']),
    secondRing: readChoice(stored['secondRing']),
    ringVolume: volume('ringVolume'),
    secondRingVolume: volume('secondRingVolume'),
    messageVolume: volume('messageVolume'),
    silentRing: stored['silentRing'] === true,
  };
}
