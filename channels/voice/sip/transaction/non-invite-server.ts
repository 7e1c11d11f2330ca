/** Non-INVITE server transaction (RFC 3261 section 17.2.2). */
import type { Flow } from '../transport/flow.ts';
import type { Waiting } from './deadlines.ts';
import { type NonInviteServerInput, type NonInviteServerState, nonInviteServerTable } from './tables.ts';
import type { Timing } from './timing.ts';

export interface NonInviteServerOptions {
  readonly method: string;
  readonly key: string;
  /** Where responses go. */
  readonly flow: Flow;
  readonly timing: Timing;
  /** See `mergeKeyOf` in the layer; undefined inside dialogs. */
  readonly mergeKey?: string | undefined;
  /** Called once, when the final response is sent or can no longer be. */
  readonly decided: () => void;
  readonly removed: (transaction: NonInviteServerTransaction) => void;
}

export class NonInviteServerTransaction implements Waiting {
  readonly method: string;
  readonly key: string;
  readonly mergeKey: string | undefined;
  readonly flow: Flow;
  dueAt = 0;
  #state: NonInviteServerState = 'trying';
  #response: Buffer | undefined;
  readonly #timing: Timing;
  readonly #decided: () => void;
  readonly #removed: (transaction: NonInviteServerTransaction) => void;

  constructor({ method, key, flow, timing, mergeKey, decided, removed }: NonInviteServerOptions) {
    this.method = method;
    this.key = key;
    this.flow = flow;
    this.#timing = timing;
    this.mergeKey = mergeKey;
    this.#decided = decided;
    this.#removed = removed;
  }

  get state(): NonInviteServerState {
    return this.#state;
  }

  /** Sends a response and keeps it for retransmissions. Ignored after the final one. */
  respond(status: number, response: Buffer): void {
    if (!this.#step(status < 200 ? 'provisional' : 'final')) return;
    this.#response = response;
    this.flow.send(response);
    if (status < 200) return;
    this.#decided();
    if (this.flow.reliable) this.#end('timer J');
    else this.#timing.long.add(this);
  }

  /** The request came again. */
  repeated(): void {
    if (this.#step('request') && this.#response) this.flow.send(this.#response);
  }

  onDue(): void {
    this.#end('timer J');
  }

  #step(input: NonInviteServerInput): boolean {
    const next = nonInviteServerTable[this.#state][input];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  #end(input: NonInviteServerInput): void {
    if (!this.#step(input) || this.#state !== 'terminated') return;
    this.#response = undefined;
    this.#removed(this);
  }
}
