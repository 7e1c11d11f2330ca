import { type DeviceChoice, findDevice, systemDevice } from './audio-devices.ts';
import type { DeviceWatch } from './device-watch.ts';
import type { ChoiceState } from './microphone.ts';

/** An audio element that can be told where to sound (W3C audio-output); Safari cannot before version 26. */
type Element = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

export interface AudioOutput {
  choiceState(): ChoiceState;
  /** Sounds there from now on; null = the system's default, which also stands in while the chosen one is not plugged in. */
  choose(choice: DeviceChoice): void;
  /** What is plugged in has changed. */
  devicesChanged(): void;
  /** Plays a stream until the next one; null stops. */
  play(stream: MediaStream | null): void;
  /** Tries again what the browser refused before the first gesture. */
  resume(): void;
  close(): void;
}

/** One place where sound comes out. @param onChange the choice failed, is missing or is back, or the browser keeps it silent */
export function createOutput(devices: Pick<DeviceWatch, 'list'>, onChange: () => void): AudioOutput {
  const element: Element = document.createElement('audio');
  element.autoplay = true;
  element.hidden = true;
  document.body.append(element);
  let choice: DeviceChoice = null;
  let choiceState: ChoiceState = 'ok';
  let sink = '';
  let moving: Promise<void> = Promise.resolve();

  function set(next: ChoiceState): void {
    if (next === choiceState) return;
    choiceState = next;
    onChange();
  }

  async function moveTo(id: string, stateThere: ChoiceState): Promise<void> {
    if (id !== sink) {
      try {
        await element.setSinkId?.(id);
        sink = id;
      } catch {
        // stays where it was: said on the screen, and tried again when something is plugged in
        return set('failed');
      }
    }
    set(stateThere);
  }

  function follow(): void {
    const { outputs, microphones } = devices.list();
    const wanted = choice === null || choice.id === systemDevice.id ? undefined : choice;
    const found = wanted === undefined ? undefined : findDevice(wanted, outputs);
    // before the microphone is allowed the browser names no device: nothing can be said of the chosen one yet
    const isMissing = wanted !== undefined && found === undefined && outputs.length + microphones.length > 0;
    // one after the other: two moves at once end where the slower one went
    moving = moving.then(() => moveTo(found?.id ?? '', isMissing ? 'missing' : 'ok'));
  }

  function start(): void {
    // refused only while the tab is still locked; that is shown, and a gesture starts it
    if (element.srcObject !== null) element.play().catch(onChange);
  }

  return {
    choiceState: () => choiceState,
    choose(next) {
      choice = next;
      follow();
    },
    devicesChanged: follow,
    play(stream) {
      element.srcObject = stream;
      start();
    },
    resume() {
      if (element.paused) start();
    },
    close() {
      element.srcObject = null;
      element.remove();
    },
  };
}
