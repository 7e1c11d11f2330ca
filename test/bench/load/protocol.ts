/** What the benchmark asks of the load generator, a process of its own so that the two do not share an event loop. */

export interface PhoneAccount {
  readonly login: string;
  readonly secret: string;
}

/** How the agents behave; durations in milliseconds. */
export interface AgentPlan {
  readonly accounts: readonly PhoneAccount[];
  /** From the INVITE to the 200. */
  readonly answerMs: number;
  /** From the 200 to the BYE, varied evenly by `talkSpread`. */
  readonly talkMs: number;
  readonly hangsUp: 'agent' | 'caller';
}

/** How the callers behave. */
export interface CallPlan {
  /** Number that is called, E.164. */
  readonly line: string;
  /** Callers' numbers, each used once at a time and in turn; with `keep` in a circle. */
  readonly numbers: readonly string[];
  /** Calls a second. */
  readonly rate: number;
  /** Whoever is served is replaced by a new caller, until the batch is stopped. */
  readonly keep?: boolean;
  /** A call that is not over so long after it began has failed. */
  readonly limitMs: number;
}

/** What became of a batch of calls. */
export interface CallReport {
  sent: number;
  /** Rung, answered by an agent, talked and ended in order. */
  completed: number;
  /** Refused with 503. */
  shed: number;
  /** Ended by `stop` before an agent answered. */
  stopped: number;
  failed: number;
  /** Why, with how many. */
  failures: Record<string, number>;
  /** Callers who have heard an answer: of an agent, or music. */
  answered: number;
  /** Calls that are not over yet. */
  open: number;
  /** Caller's INVITE sent to agent's INVITE received, milliseconds. */
  ringMs: number[];
}

/** Counted over all batches since the last `take`. */
export interface Observations {
  /** From an agent's hanging up to his next INVITE. */
  readonly refillMs: readonly number[];
  /** Caller's INVITE sent to the pop received in the agent's browser. */
  readonly popMs: readonly number[];
  /** Requests and final responses that we sent again (RFC 3261 section 17). */
  readonly retransmissions: number;
  /** Messages that the server sent again. */
  readonly repeats: number;
  /** How late the generator's own event loop was, 99th percentile. */
  readonly lagMs: number;
}

export interface Browser {
  readonly login: string;
  /** Session token, as in the cookie. */
  readonly token: string;
}

/** Each is answered once it is done. */
export interface Commands {
  register: { input: AgentPlan; output: null };
  unregister: { input: null; output: null };
  browse: { input: { url: string; browsers: readonly Browser[] }; output: null };
  /** Begins a batch; answered when every call of it is over. */
  call: { input: { batch: string; plan: CallPlan }; output: CallReport };
  progress: { input: { batch: string }; output: CallReport };
  /** Ends every call of the batch and starts no more; `call` is answered then. */
  stop: { input: { batch: string }; output: null };
  take: { input: null; output: Observations };
}

export type CommandName = keyof Commands;

export interface Request<N extends CommandName = CommandName> {
  readonly id: number;
  readonly name: N;
  readonly input: Commands[N]['input'];
}

export type Reply =
  | { readonly id: number; readonly value: Commands[CommandName]['output'] }
  | { readonly id: number; readonly error: string };

/** Talk times vary by this part of themselves, or they fall into step with the server's timers. */
export const talkSpread = 0.4;
