/** INVITE server transaction (RFC 3261 section 17.2.1, RFC 6026 section 7.1). */
import type { TimerHandle } from '../../../../server/kernel/clock.ts';
import { T1, T2 } from '../limits.ts';
import type { SipRequest } from '../message/message.ts';
import { newTag } from '../message/tokens.ts';
import type { Flow, FlowWatcher } from '../transport/flow.ts';
import type { Waiting } from './deadlines.ts';
import { type InviteServerInput, type InviteServerState, inviteServerTable } from './tables.ts';
import type { Timing } from './timing.ts';

/** What the transaction tells its user; every field may be set or cleared at any time. */
export interface InviteServerEvents {
  /** A CANCEL came before the final response; its 200 has been sent. */
  cancelled?: ((cancel: SipRequest) => void) | undefined;
  /** The connection closed before the final response. */
  lost?: (() => void) | undefined;
}

export interface InviteServerOptions {
  readonly key: string;
  /** Where responses go. */
  readonly flow: Flow;
  readonly timing: Timing;
  /** See `mergeKeyOf` in the layer; undefined inside dialogs. */
  readonly mergeKey?: string | undefined;
  /** Called once, when the final response is sent or can no longer be. */
  readonly decided: () => void;
  readonly removed: (transaction: InviteServerTransaction) => void;
}

/** After the final response only its octets stay, for 32 s at most: the request belongs to the user. */
export class InviteServerTransaction implements Waiting, FlowWatcher {
  readonly method = 'INVITE';
  readonly key: string;
  readonly mergeKey: string | undefined;
  readonly flow: Flow;
  /** Our To tag: the same in every response and in the 200 to a CANCEL. */
  readonly localTag: string = newTag();
  readonly events: InviteServerEvents = {};
  dueAt = 0;
  #state: InviteServerState = 'proceeding';
  #response: Buffer | undefined;
  #retransmit: TimerHandle | undefined;
  #interval = T1;
  readonly #timing: Timing;
  readonly #decided: () => void;
  readonly #removed: (transaction: InviteServerTransaction) => void;

  constructor({ key, flow, timing, mergeKey, decided, removed }: InviteServerOptions) {
    this.key = key;
    this.flow = flow;
    this.#timing = timing;
    this.mergeKey = mergeKey;
    this.#decided = decided;
    this.#removed = removed;
    flow.watch(this);
  }

  get state(): InviteServerState {
    return this.#state;
  }

  /** Sends a response and keeps it for retransmissions. Ignored when the state does not allow it. */
  respond(status: number, response: Buffer): void {
    const input = status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure';
    const first = this.#state === 'proceeding';
    if (!this.#step(input)) return;
    this.#response = response;
    this.flow.send(response);
    if (!first || status < 200) return;
    this.#decided();
    this.#timing.long.add(this);
    if (input === 'failure' && !this.flow.reliable) this.#scheduleG(T1);
    // a 2xx is the user's to repeat on any transport (RFC 3261 section 13.3.1.4), and survives the connection
    if (input === 'success') this.flow.unwatch(this);
  }

  /** Sends the last response once more: a 2xx that waits for its ACK, a reliable provisional that waits for its PRACK. */
  resend(): void {
    if (this.#response) this.flow.send(this.#response);
  }

  /** The INVITE came again. */
  repeated(): void {
    const resends = this.#state === 'proceeding' || this.#state === 'completed';
    if (this.#step('request') && resends) this.resend();
  }

  /** True when the ACK belongs to a final response of 300 and more, false when it is the user's. */
  acknowledged(): boolean {
    const { state } = this;
    if (state === 'accepted' || state === 'terminated' || !this.#step('ack')) return false;
    if (state !== 'completed') return true;
    this.#retransmit?.cancel();
    this.#timing.long.delete(this);
    if (this.flow.reliable) this.#end('timer I');
    else this.#timing.short.add(this);
    return true;
  }

  onDue(): void {
    const timers = { completed: 'timer H', accepted: 'timer L', confirmed: 'timer I' } as const;
    const { state } = this;
    if (state === 'completed' || state === 'accepted' || state === 'confirmed') this.#end(timers[state]);
  }

  flowClosed(): void {
    const undecided = this.#state === 'proceeding';
    this.#end('transport error');
    if (!undecided) return;
    this.#decided();
    this.events.lost?.();
  }

  #scheduleG(interval: number): void {
    this.#interval = interval;
    this.#retransmit = this.#timing.clock.after(interval, () => {
      if (!this.#step('timer G')) return;
      this.resend();
      this.#scheduleG(Math.min(this.#interval * 2, T2));
    });
  }

  #step(input: InviteServerInput): boolean {
    const next = inviteServerTable[this.#state][input];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  #end(input: InviteServerInput): void {
    if (!this.#step(input) || this.#state !== 'terminated') return;
    this.#retransmit?.cancel();
    this.#timing.long.delete(this);
    this.#timing.short.delete(this);
    this.flow.unwatch(this);
    this.#response = undefined;
    this.#removed(this);
  }
}
