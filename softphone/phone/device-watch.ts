import { type AudioDevices, defaultOf, noDevices, readDevices } from './audio-devices.ts';

export interface DeviceWatch {
  list(): AudioDevices;
  /** Which microphone the system calls its default; '' where the browser keeps it to itself. */
  defaultMicrophone(): string;
  /** Looks again: labels are there only once the microphone is allowed. */
  refresh(): Promise<void>;
  close(): void;
}

/** Knows what is plugged in. @param onChange after each look that found something else */
export function watchDevices(onChange: () => void): DeviceWatch {
  let devices = noDevices;
  let defaultMicrophone = '';
  let seen = '';

  async function refresh(): Promise<void> {
    // refused where there is no secure origin: then there is no microphone either, which is said elsewhere
    const infos = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    devices = readDevices(infos);
    defaultMicrophone = defaultOf(infos, 'audioinput');
    const now = JSON.stringify([devices, defaultMicrophone]);
    if (now === seen) return;
    seen = now;
    onChange();
  }

  const look = (): void => void refresh();
  navigator.mediaDevices?.addEventListener('devicechange', look);
  look();
  return {
    list: () => devices,
    defaultMicrophone: () => defaultMicrophone,
    refresh,
    close: () => navigator.mediaDevices?.removeEventListener('devicechange', look),
  };
}
