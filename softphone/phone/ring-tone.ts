import { type Pattern, type RingKind, ringPatterns, type SoundKind } from './ring-patterns.ts';

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

/** Where a sound comes out, and how loud: 0 to 1. */
export interface RingOut {
  readonly node: AudioNode;
  readonly volume: number;
}

/** One volume knob per output behind one source. */
function connectOuts(context: AudioContext, outs: readonly RingOut[]): GainNode {
  const source = context.createGain();
  for (const { node, volume } of outs) {
    const gain = context.createGain();
    gain.gain.value = volume;
    source.connect(gain).connect(node);
  }
  return source;
}

/** Rings until the returned function is called. */
export function startRinging(context: AudioContext, kind: RingKind, outs: readonly RingOut[]): () => void {
  const source = connectOuts(context, outs);
  const pattern = ringPatterns[kind];
  playPattern(context, source, pattern, context.currentTime + 0.02);
  const timer = setInterval(
    () => playPattern(context, source, pattern, context.currentTime + 0.02),
    pattern.periodSeconds * 1000,
  );
  return () => {
    clearInterval(timer);
    source.gain.setTargetAtTime(0, context.currentTime, 0.02);
    setTimeout(() => source.disconnect(), 200);
  };
}

/** The sound once, for a volume slider or a reminder. */
export function playSample(context: AudioContext, kind: SoundKind, outs: readonly RingOut[]): void {
  const source = connectOuts(context, outs);
  playPattern(context, source, ringPatterns[kind], context.currentTime + 0.02);
  setTimeout(() => source.disconnect(), 2000);
}
