import { playSample, type RingKind, type SoundKind, startRinging } from './ring-tone.ts';

export interface Sound {
  /** The shared audio context; suspended until the first gesture. */
  context(): AudioContext;
  isUnlocked(): boolean;
  /** Must run inside a click or a key press, or browsers keep the sound off. */
  unlock(): Promise<boolean>;
  ring(kind: RingKind): void;
  stopRinging(): void;
  sample(kind: SoundKind): void;
  setVolume(volume: number): void;
  /** The client's voice. */
  play(stream: MediaStream): void;
  stop(): void;
  close(): void;
}

/** Everything that this tab makes heard: ring tones and the client's voice. @param onChange unlocked or locked. */
export function createSound(onChange: () => void): Sound {
  const element = document.createElement('audio');
  element.autoplay = true;
  element.hidden = true;
  document.body.append(element);
  let context: AudioContext | undefined;
  let stopRing: (() => void) | undefined;
  let volume = 0.6;

  function open(): AudioContext {
    if (context === undefined) {
      context = new AudioContext({ latencyHint: 'interactive' });
      context.onstatechange = onChange;
    }
    return context;
  }

  return {
    context: open,
    isUnlocked: () => context?.state === 'running',
    async unlock() {
      const opened = open();
      // a promise that stays open until a gesture comes must not block the caller
      const waited = new Promise<void>((resolve) => setTimeout(resolve, 400));
      await Promise.race([opened.resume().catch(() => undefined), waited]);
      onChange();
      return opened.state === 'running';
    },
    ring(kind) {
      stopRing?.();
      stopRing = startRinging(open(), kind, volume);
    },
    stopRinging() {
      stopRing?.();
      stopRing = undefined;
    },
    sample: (kind) => playSample(open(), kind, volume),
    setVolume(next) {
      volume = next;
    },
    play(stream) {
      element.srcObject = stream;
      // refused only while the tab is still locked; unlock() is offered on the screen then
      element.play().catch(onChange);
    },
    stop() {
      element.srcObject = null;
    },
    close() {
      stopRing?.();
      element.srcObject = null;
      element.remove();
      context?.close().catch(() => undefined);
    },
  };
}
