/** A microphone or a loudspeaker of this computer. The id is the browser's own and differs between browsers. */
export interface AudioDevice {
  readonly id: string;
  readonly label: string;
}

/** What a person chose; null = whatever the system calls its default. Kept with its label, which outlives the id. */
export type DeviceChoice = AudioDevice | null;

export interface AudioDevices {
  readonly microphones: readonly AudioDevice[];
  readonly outputs: readonly AudioDevice[];
}

/** As the browser lists them (MediaDeviceInfo). */
export interface DeviceInfo {
  readonly kind: string;
  readonly deviceId: string;
  readonly label: string;
}

export const noDevices: AudioDevices = { microphones: [], outputs: [] };

/** The name of the system's own choice, in lists where it stands beside "none". */
export const systemDevice: AudioDevice = { id: 'default', label: '' };

const MAX_DEVICES = 32;
const MAX_TEXT = 200;

/** Entries of the list that are not devices but roles of them. */
const ROLES: readonly string[] = ['default', 'communications'];

/** Devices by kind, without the roles of the system and without those that have no name before the permission. */
export function readDevices(infos: readonly DeviceInfo[]): AudioDevices {
  const ofKind = (kind: string): AudioDevice[] =>
    infos
      .filter((info) => info.kind === kind && info.deviceId !== '' && !ROLES.includes(info.deviceId))
      .slice(0, MAX_DEVICES)
      .map(({ deviceId, label }) => ({ id: deviceId, label: label.slice(0, MAX_TEXT) }));
  return { microphones: ofKind('audioinput'), outputs: ofKind('audiooutput') };
}

/** Which device the system's default is now, as far as the browser says it; changes when another one becomes it. */
export function defaultOf(infos: readonly DeviceInfo[], kind: string): string {
  return infos.find((info) => info.kind === kind && info.deviceId === 'default')?.label ?? '';
}

/**
 * The chosen device among those that are plugged in: by its id, or by its label in another browser.
 * @returns undefined when it is not there; the choice null is never looked for
 */
export function findDevice(choice: AudioDevice, devices: readonly AudioDevice[]): AudioDevice | undefined {
  return (
    devices.find(({ id }) => id === choice.id) ?? devices.find(({ label }) => label !== '' && label === choice.label)
  );
}

/** A choice as the server kept it; anything unexpected is no choice. */
export function readChoice(value: unknown): DeviceChoice {
  const { id, label } = (value ?? {}) as Partial<AudioDevice>;
  if (typeof id !== 'string' || typeof label !== 'string' || id === '') return null;
  return { id: id.slice(0, MAX_TEXT), label: label.slice(0, MAX_TEXT) };
}
