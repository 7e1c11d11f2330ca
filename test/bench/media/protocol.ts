/** Messages between the benchmark, the engine's process and the load generator's process. */

/** Sockets that the generator has opened for one call. */
export interface CallPorts {
  readonly agent: number;
  readonly customer: number;
}

/** Where the generator sends the packets of one call, and with which keys. */
export interface CallTarget {
  readonly webRtcPort: number;
  readonly ufrag: string;
  readonly pwd: string;
  /** Master keys and salts of SRTP, hex. */
  readonly keys: { readonly client: HexKey; readonly server: HexKey };
  readonly customerPort: number;
}

export interface HexKey {
  readonly key: string;
  readonly salt: string;
}

/** What the generator saw while it measured. */
export interface Delays {
  readonly sent: number;
  readonly received: number;
  /** Milliseconds from send to receipt; through the engine, and from socket to socket without it. */
  readonly p50: number;
  readonly p99: number;
  readonly controlP50: number;
  /** Share (0-1) that took longer than 5 ms. */
  readonly late: number;
  readonly controlLate: number;
}

export interface EngineCommands {
  open: { input: readonly CallPorts[]; output: readonly CallTarget[] };
  lateTicks: { input: null; output: number };
}

export interface GeneratorCommands {
  open: { input: number; output: readonly CallPorts[] };
  start: { input: readonly CallTarget[]; output: null };
  measure: { input: { seconds: number }; output: Delays };
}

export interface Request {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

export interface Reply {
  readonly id: number;
  readonly output?: unknown;
  readonly error?: string;
}
