/** What a browser makes heard: a ring, or once that the time of a task has come. */
export type SoundKind = RingKind | 'task';

/** `own`: a client of mine; `vip`: marked so on the card; `call`: anybody else. They differ by ear, not by loudness. */
export type RingKind = 'call' | 'own' | 'vip';

interface Beep {
  readonly at: number;
  readonly seconds: number;
  readonly hertz: readonly number[];
}

interface Pattern {
  readonly periodSeconds: number;
  readonly beeps: readonly Beep[];
}

/** Chords that a small loudspeaker carries well (600 to 1200 Hz). */
export const ringPatterns: Record<SoundKind, Pattern> = {
  // falls where rings rise: by ear it is no call
  task: {
    periodSeconds: 2,
    beeps: [
      { at: 0, seconds: 0.3, hertz: [880] },
      { at: 0.35, seconds: 0.6, hertz: [587] },
    ],
  },
  call: {
    periodSeconds: 3,
    beeps: [
      { at: 0, seconds: 0.35, hertz: [659, 784] },
      { at: 0.5, seconds: 0.35, hertz: [659, 784] },
    ],
  },
  own: {
    periodSeconds: 3,
    beeps: [
      { at: 0, seconds: 0.25, hertz: [659] },
      { at: 0.28, seconds: 0.25, hertz: [784] },
      { at: 0.56, seconds: 0.5, hertz: [988] },
    ],
  },
  vip: {
    periodSeconds: 2.4,
    beeps: [
      { at: 0, seconds: 0.18, hertz: [784, 1175] },
      { at: 0.24, seconds: 0.18, hertz: [784, 1175] },
      { at: 0.48, seconds: 0.5, hertz: [988, 1175] },
    ],
  },
};

const ATTACK_SECONDS = 0.02;

function playPattern(context: AudioContext, out: AudioNode, pattern: Pattern, from: number): void {
  for (const beep of pattern.beeps) {
    const envelope = context.createGain();
    const start = from + beep.at;
    const end = start + beep.seconds;
    envelope.gain.setValueAtTime(0, start);
    envelope.gain.linearRampToValueAtTime(1 / beep.hertz.length, start + ATTACK_SECONDS);
    envelope.gain.setTargetAtTime(0, end - beep.seconds / 3, beep.seconds / 6);
    envelope.connect(out);
    for (const hertz of beep.hertz) {
      const tone = context.createOscillator();
      tone.type = 'triangle';
      tone.frequency.value = hertz;
      tone.connect(envelope);
      tone.start(start);
      tone.stop(end + 0.3);
    }
  }
}

/** Rings until the returned function is called. @param volume 0 to 1. */
export function startRinging(context: AudioContext, kind: RingKind, volume: number): () => void {
  const out = context.createGain();
  out.gain.value = volume;
  out.connect(context.destination);
  const pattern = ringPatterns[kind];
  playPattern(context, out, pattern, context.currentTime + 0.02);
  const timer = setInterval(
    () => playPattern(context, out, pattern, context.currentTime + 0.02),
    pattern.periodSeconds * 1000,
  );
  return () => {
    clearInterval(timer);
    out.gain.setTargetAtTime(0, context.currentTime, 0.02);
    setTimeout(() => out.disconnect(), 200);
  };
}

/** Two short beeps, for a volume slider or the first proof that sound works. */
export function playSample(context: AudioContext, kind: SoundKind, volume: number): void {
  const out = context.createGain();
  out.gain.value = volume;
  out.connect(context.destination);
  playPattern(context, out, ringPatterns[kind], context.currentTime + 0.02);
  setTimeout(() => out.disconnect(), 2000);
}
