/** Messages between the benchmark, the engine's process and the callers' process. */

/** What the callers heard while it was measured. */
export interface Heard {
  readonly received: number;
  /** Sequence numbers that never came. */
  readonly lost: number;
  /** Share (0-1) of packets that came more than 5 ms after their time; from the engine, and from socket to socket. */
  readonly late: number;
  readonly controlLate: number;
}

export interface EngineCommands {
  /** Lets callers wait with music: ports of the callers, to ports of the engine. */
  wait: { input: readonly number[]; output: readonly number[] };
  /** From now on the music of each is interrupted every 30 s by a prompt, of all in turn. */
  interrupt: { input: null; output: null };
  lateTicks: { input: null; output: number };
}

export interface CallerCommands {
  open: { input: number; output: readonly number[] };
  /** Begins to speak to these ports of the engine. */
  speak: { input: readonly number[]; output: null };
  measure: { input: { seconds: number }; output: Heard };
}
