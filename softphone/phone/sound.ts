import { type AudioOutput, createOutput } from './audio-output.ts';
import type { DeviceWatch } from './device-watch.ts';
import type { ChoiceState } from './microphone.ts';
import type { RingKind, SoundKind } from './ring-patterns.ts';
import { playSample, type RingOut, startRinging } from './ring-tone.ts';
import { defaultSound, type SoundSettings } from './sound-settings.ts';

export interface Sound {
  /** The shared audio context; suspended until the first gesture. */
  context(): AudioContext;
  isUnlocked(): boolean;
  /** Must run inside a click or a key press, or browsers keep the sound off. */
  unlock(): Promise<boolean>;
  ring(kind: RingKind): void;
  stopRinging(): void;
  sample(kind: SoundKind): void;
  configure(settings: SoundSettings): void;
  devicesChanged(): void;
  /** What became of the chosen outputs. */
  speakerState(): ChoiceState;
  secondRingState(): ChoiceState;
  /** The client's voice. */
  play(stream: MediaStream): void;
  stop(): void;
  close(): void;
}

const GESTURES = ['pointerdown', 'keydown'] as const;

/**
 * Everything that this tab makes heard: the client's voice and reminders on the chosen output, rings there and on a second
 * one. @param onChange unlocked or locked, or an output is gone or back
 */
export function createSound(devices: Pick<DeviceWatch, 'list'>, onChange: () => void): Sound {
  const voice = createOutput(devices, onChange);
  const ringer = createOutput(devices, onChange);
  const second = createOutput(devices, onChange);
  const outputs: readonly AudioOutput[] = [voice, ringer, second];
  let context: AudioContext | undefined;
  const buses = new Map<AudioOutput, MediaStreamAudioDestinationNode>();
  let stopRing: (() => void) | undefined;
  let settings = defaultSound;

  function open(): AudioContext {
    if (context === undefined) {
      context = new AudioContext({ latencyHint: 'interactive' });
      context.onstatechange = onChange;
    }
    return context;
  }

  /** Web Audio knows one output for all; an element at the end of a stream can be told its own. */
  function nodeOf(output: AudioOutput): AudioNode {
    const known = buses.get(output);
    if (known !== undefined) return known;
    const bus = open().createMediaStreamDestination();
    output.play(bus.stream);
    buses.set(output, bus);
    return bus;
  }

  const ringerNode = (): AudioNode => (settings.speaker === null ? open().destination : nodeOf(ringer));

  function outs(kind: SoundKind): readonly RingOut[] {
    if (settings.silentRing) return [];
    if (kind === 'task' || kind === 'message') return [{ node: ringerNode(), volume: settings.messageVolume }];
    // where it cannot be told from the first one, the second ring would only be louder
    const isElsewhere = settings.secondRing !== null && second.choiceState() === 'ok';
    const too = !isElsewhere ? [] : [{ node: nodeOf(second), volume: settings.secondRingVolume }];
    return [{ node: ringerNode(), volume: settings.ringVolume }, ...too];
  }

  // a tab that becomes the phone without its own "start" is unlocked by whatever is pressed in it
  const onGesture = (): void => {
    if (context?.state === 'suspended') context.resume().catch(() => undefined);
    for (const output of outputs) output.resume();
  };
  for (const gesture of GESTURES) globalThis.addEventListener(gesture, onGesture, { passive: true });

  return {
    context: open,
    isUnlocked: () => context?.state === 'running',
    async unlock() {
      const opened = open();
      // their elements must be started by the same gesture
      outs('call');
      // a promise that stays open until a gesture comes must not block the caller
      const waited = new Promise<void>((resolve) => setTimeout(resolve, 400));
      await Promise.race([opened.resume().catch(() => undefined), waited]);
      onChange();
      return opened.state === 'running';
    },
    ring(kind) {
      stopRing?.();
      stopRing = startRinging(open(), kind, outs(kind));
    },
    stopRinging() {
      stopRing?.();
      stopRing = undefined;
    },
    sample: (kind) => playSample(open(), kind, outs(kind)),
    configure(next) {
      settings = next;
      voice.choose(next.speaker);
      ringer.choose(next.speaker);
      second.choose(next.secondRing);
    },
    devicesChanged() {
      for (const output of outputs) output.devicesChanged();
    },
    speakerState: voice.choiceState,
    secondRingState: second.choiceState,
    play: voice.play,
    stop: () => voice.play(null),
    close() {
      stopRing?.();
      for (const gesture of GESTURES) globalThis.removeEventListener(gesture, onGesture);
      for (const output of outputs) output.close();
      context?.close().catch(() => undefined);
    },
  };
}
