/** INVITE client transaction (RFC 3261 sections 9.1 and 17.1.1, RFC 6026 section 7.2). */
import type { TimerHandle } from '../../../../server/kernel/clock.ts';
import { T1, transactionTimeoutMs } from '../limits.ts';
import { type Body, buildRequest, type RequestHead } from '../message/build.ts';
import { headerOf, type SipResponse } from '../message/message.ts';
import type { Flow, FlowWatcher } from '../transport/flow.ts';
import type { ClientHandlers, SendCancel } from './client.ts';
import type { Waiting } from './deadlines.ts';
import { type InviteClientInput, type InviteClientState, inviteClientTable } from './tables.ts';
import type { Timing } from './timing.ts';

export interface InviteClientOptions {
  readonly key: string;
  readonly flow: Flow;
  readonly head: RequestHead;
  readonly body: Body | undefined;
  readonly handlers: ClientHandlers;
  readonly timing: Timing;
  /** Opens the transaction of a CANCEL on the same branch. */
  readonly sendCancel: SendCancel;
  readonly removed: (transaction: InviteClientTransaction) => void;
}

export class InviteClientTransaction implements Waiting, FlowWatcher {
  readonly key: string;
  readonly flow: Flow;
  dueAt = 0;
  readonly #options: InviteClientOptions;
  #state: InviteClientState = 'calling';
  #request: Buffer | undefined;
  #ack: Buffer | undefined;
  #retransmit: TimerHandle | undefined;
  #cancelTimer: TimerHandle | undefined;
  /** Header lines of a CANCEL that was asked for; it leaves with the first provisional response. */
  #cancelHeaders: string | undefined;
  #cancelSent = false;

  constructor(options: InviteClientOptions) {
    this.key = options.key;
    this.flow = options.flow;
    this.#options = options;
  }

  get state(): InviteClientState {
    return this.#state;
  }

  start(): void {
    const { flow, head, body, timing } = this.#options;
    this.#request = buildRequest(head, body);
    flow.watch(this);
    timing.long.add(this);
    flow.send(this.#request, () => queueMicrotask(() => this.flowClosed()));
    if (!flow.reliable) this.#scheduleA(T1);
  }

  receive(response: SipResponse): void {
    const { status } = response;
    const before = this.#state;
    if (!this.#step(status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure')) return;
    if (before === 'completed') {
      if (this.#ack) this.flow.send(this.#ack);
      return;
    }
    if (before === 'calling') {
      this.#retransmit?.cancel();
      this.#options.timing.long.delete(this);
    }
    if (status < 200) {
      if (this.#cancelHeaders !== undefined) this.#sendCancel();
    } else if (before !== 'accepted') {
      this.#finish(response);
    }
    this.#options.handlers.response(response);
  }

  /**
   * CANCEL, as soon as a provisional response allows it (RFC 3261 section 9.1). When no final response follows within
   * 64*T1 the transaction ends as a timeout. Idempotent.
   */
  cancel(headers: string): void {
    if (this.#cancelHeaders !== undefined) return;
    this.#cancelHeaders = headers;
    if (this.#state === 'proceeding') this.#sendCancel();
  }

  onDue(): void {
    const timers = { calling: 'timer B', accepted: 'timer M', completed: 'timer D' } as const;
    const { state } = this;
    if (state !== 'calling' && state !== 'accepted' && state !== 'completed') return;
    this.#end(timers[state]);
    if (state === 'calling') this.#options.handlers.timeout();
  }

  flowClosed(): void {
    const open = this.#state === 'calling' || this.#state === 'proceeding';
    this.#end('transport error');
    if (open) this.#options.handlers.transportError();
  }

  /** Keeps what late responses need and nothing else. */
  #finish(response: SipResponse): void {
    const { timing, flow } = this.#options;
    this.#request = undefined;
    this.#cancelTimer?.cancel();
    if (response.status < 300) {
      timing.long.add(this);
      // a 2xx may be repeated on another connection; there is nothing left here that the close could fail
      flow.unwatch(this);
      return;
    }
    this.#sendAck(response);
    if (flow.reliable) this.#end('timer D');
    else timing.long.add(this);
  }

  /** RFC 3261 section 17.1.1.3: same branch and Route as the INVITE, To of the response. */
  #sendAck(response: SipResponse): void {
    const { head, flow } = this.#options;
    const to = headerOf(response, 'to') ?? head.to;
    this.#ack = buildRequest({ ...head, method: 'ACK', to, headers: '' });
    flow.send(this.#ack);
  }

  #sendCancel(): void {
    if (this.#cancelSent) return;
    this.#cancelSent = true;
    const { head, flow, timing, sendCancel } = this.#options;
    sendCancel({ ...head, method: 'CANCEL', headers: this.#cancelHeaders ?? '' }, flow);
    this.#cancelTimer = timing.clock.after(transactionTimeoutMs, () => {
      if (this.#state !== 'proceeding') return;
      this.#end('cancel timeout');
      this.#options.handlers.timeout();
    });
  }

  #scheduleA(interval: number): void {
    this.#retransmit = this.#options.timing.clock.after(interval, () => {
      if (!this.#step('timer A') || !this.#request) return;
      this.flow.send(this.#request);
      this.#scheduleA(interval * 2);
    });
  }

  #step(input: InviteClientInput): boolean {
    const next = inviteClientTable[this.#state][input];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  #end(input: InviteClientInput): void {
    if (!this.#step(input) || this.#state !== 'terminated') return;
    this.#retransmit?.cancel();
    this.#cancelTimer?.cancel();
    this.#options.timing.long.delete(this);
    this.flow.unwatch(this);
    this.#options.removed(this);
  }
}
