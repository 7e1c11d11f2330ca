/** What a browser makes heard: a ring, or once that the time of a task has come or that somebody wrote. */
export type SoundKind = RingKind | 'task' | 'message';

/** `own`: a client of mine; `vip`: marked so on the card; `call`: anybody else. They differ by ear, not by loudness. */
export type RingKind = 'call' | 'own' | 'vip';

interface Beep {
  readonly at: number;
  readonly seconds: number;
  readonly hertz: readonly number[];
}

/** Beeps that come again each period. */
export interface Pattern {
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
  // two short drops: over before a ring would have begun its second beep
  message: {
    periodSeconds: 1,
    beeps: [
      { at: 0, seconds: 0.12, hertz: [1175] },
      { at: 0.16, seconds: 0.22, hertz: [784] },
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
