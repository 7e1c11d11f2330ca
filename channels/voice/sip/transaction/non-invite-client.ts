/** Non-INVITE client transaction (RFC 3261 section 17.1.2). */
import type { TimerHandle } from '../../../../server/kernel/clock.ts';
import { T1, T2 } from '../limits.ts';
import { type Body, buildRequest, type RequestHead } from '../message/build.ts';
import type { SipResponse } from '../message/message.ts';
import type { Flow, FlowWatcher } from '../transport/flow.ts';
import type { ClientHandlers } from './client.ts';
import type { Waiting } from './deadlines.ts';
import { type NonInviteClientInput, type NonInviteClientState, nonInviteClientTable } from './tables.ts';
import type { Timing } from './timing.ts';

export interface NonInviteClientOptions {
  readonly key: string;
  readonly flow: Flow;
  readonly head: RequestHead;
  readonly body: Body | undefined;
  readonly handlers: ClientHandlers;
  readonly timing: Timing;
  readonly removed: (transaction: NonInviteClientTransaction) => void;
}

export class NonInviteClientTransaction implements Waiting, FlowWatcher {
  readonly key: string;
  readonly flow: Flow;
  dueAt = 0;
  readonly #options: NonInviteClientOptions;
  #state: NonInviteClientState = 'trying';
  #request: Buffer | undefined;
  #retransmit: TimerHandle | undefined;

  constructor(options: NonInviteClientOptions) {
    this.key = options.key;
    this.flow = options.flow;
    this.#options = options;
  }

  get state(): NonInviteClientState {
    return this.#state;
  }

  start(): void {
    const { flow, head, body, timing } = this.#options;
    this.#request = buildRequest(head, body);
    flow.watch(this);
    timing.long.add(this);
    flow.send(this.#request, () => queueMicrotask(() => this.flowClosed()));
    if (!flow.reliable) this.#scheduleE(T1);
  }

  receive(response: SipResponse): void {
    if (!this.#step(response.status < 200 ? 'provisional' : 'final')) return;
    if (response.status >= 200) this.#finish();
    this.#options.handlers.response(response);
  }

  onDue(): void {
    if (this.#state === 'completed') {
      this.#end('timer K');
      return;
    }
    this.#end('timer F');
    this.#options.handlers.timeout();
  }

  flowClosed(): void {
    const open = this.#state === 'trying' || this.#state === 'proceeding';
    this.#end('transport error');
    if (open) this.#options.handlers.transportError();
  }

  #finish(): void {
    const { timing, flow } = this.#options;
    this.#retransmit?.cancel();
    this.#request = undefined;
    timing.long.delete(this);
    flow.unwatch(this);
    if (flow.reliable) this.#end('timer K');
    else timing.short.add(this);
  }

  #scheduleE(interval: number): void {
    this.#retransmit = this.#options.timing.clock.after(interval, () => {
      if (!this.#step('timer E') || !this.#request) return;
      this.flow.send(this.#request);
      this.#scheduleE(this.#state === 'proceeding' ? T2 : Math.min(interval * 2, T2));
    });
  }

  #step(input: NonInviteClientInput): boolean {
    const next = nonInviteClientTable[this.#state][input];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  #end(input: NonInviteClientInput): void {
    if (!this.#step(input) || this.#state !== 'terminated') return;
    this.#retransmit?.cancel();
    this.#options.timing.long.delete(this);
    this.flow.unwatch(this);
    this.#options.removed(this);
  }
}
