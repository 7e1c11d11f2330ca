/** An established INVITE dialog (RFC 3261 sections 12, 14 and 15), as the house sees it and as the wire does. */
import type { TimerHandle } from '../../../../server/kernel/clock.ts';
import type { DigestClient } from '../auth/digest-client.ts';
import { acceptLine, allExtensionsLine, allowLine, knownMethods, unsupportedExtensions } from '../core/capabilities.ts';
import { type StackContext, tell } from '../core/context.ts';
import { respond } from '../core/respond.ts';
import { limits } from '../limits.ts';
import { reasonLine } from '../message/build.ts';
import { parseReasons } from '../message/headers.ts';
import { headerLinesOf, headerOf, type SipRequest } from '../message/message.ts';
import type { SipDialog, SipDialogHandlers, SipSource, Termination } from '../stack.ts';
import { InviteServerTransaction } from '../transaction/invite-server.ts';
import type { ServerTransaction } from '../transaction/layer.ts';
import type { Flow, FlowWatcher } from '../transport/flow.ts';
import { acceptSequence, belongsTo, type DialogState } from './dialog-state.ts';
import type { DialogOwner } from './dialog-table.ts';
import { type RequestSender, sendInDialog } from './in-dialog-request.ts';
import { flowOfDialog } from './next-hop.ts';
import { Offers, type OffersHost } from './offers.ts';
import { type DialogInput, type DialogPhase, dialogPhases } from './phases.ts';
import type { SessionInterval } from './session-timer.ts';

export interface DialogOptions {
  readonly context: StackContext;
  readonly state: DialogState;
  readonly ownsCallId: boolean;
  readonly credentials?: DigestClient | undefined;
  /** Our side of the first offer and answer; refreshes by re-INVITE repeat it. */
  readonly localSdp: Buffer;
  readonly session: SessionInterval | undefined;
}

const connectionLost: Termination = { status: 408, reason: 'Connection lost', by: 'transport' };

export class Dialog implements SipDialog, DialogOwner, FlowWatcher, OffersHost {
  handlers: SipDialogHandlers = {};
  readonly sender: RequestSender;
  readonly ownsCallId: boolean;
  readonly offers: Offers;
  readonly #context: StackContext;
  readonly #state: DialogState;
  #phase: DialogPhase = 'confirmed';
  #watched: Flow;
  #orphaned: TimerHandle | undefined;
  /** Header lines of a BYE that waits for the ACK (section 15: the callee may not send it before). */
  #byeAfterAck: string | undefined;

  constructor({ context, state, ownsCallId, credentials, localSdp, session }: DialogOptions) {
    this.#context = context;
    this.#state = state;
    this.ownsCallId = ownsCallId;
    this.sender = { context, state, credentials };
    this.offers = new Offers(this, localSdp);
    this.offers.setSession(session);
    this.#watched = state.flow;
    this.#watched.watch(this);
    context.dialogs.set(state.localTag, this);
  }

  get dialogId(): string {
    return `${this.#state.callId};${this.#state.localTag};${this.#state.remoteTag}`;
  }

  get sipCallId(): string {
    return this.#state.callId;
  }

  get source(): SipSource {
    return this.#state.flow;
  }

  get alive(): boolean {
    return this.#phase === 'confirmed';
  }

  bye(reason?: { status: number; text: string }): void {
    if (!this.#step('bye')) return;
    const headers = reasonLine(reason);
    if (this.offers.awaitsAck) this.#byeAfterAck = headers;
    else this.#sendBye(headers);
  }

  reinvite(offer: Buffer): Promise<Buffer> {
    return this.offers.reinvite(offer);
  }

  info(contentType: string, body: Buffer): Promise<number> {
    return new Promise((resolve) => {
      if (!this.alive) {
        resolve(481);
        return;
      }
      const request = { method: 'INFO', body: { contentType, bytes: body } };
      sendInDialog(this.sender, request, (outcome) => {
        if (outcome.kind === 'response') resolve(outcome.response.status);
        else resolve(outcome.kind === 'timeout' ? 408 : 503);
      });
    });
  }

  receive(request: SipRequest, transaction: ServerTransaction, flow: Flow): void {
    const unsupported = unsupportedExtensions(request);
    if (!belongsTo(this.#state, request)) this.#answer(request, transaction, 481);
    else if (!acceptSequence(this.#state, request, flow)) this.#answer(request, transaction, 500);
    else if (unsupported.length > 0)
      this.#answer(request, transaction, 420, `Unsupported: ${unsupported.join(', ')}\r\n`);
    else if (request.method === 'BYE') this.#receiveBye(request, transaction);
    else if (!this.alive) this.#answer(request, transaction, 481);
    else this.#dispatch(request, transaction);
  }

  acknowledge(request: SipRequest): void {
    if (!belongsTo(this.#state, request)) return;
    tell(this.#context, 'answered', () => this.offers.acknowledged(request));
  }

  settled(): void {
    if (this.#byeAfterAck === undefined) return;
    const headers = this.#byeAfterAck;
    this.#byeAfterAck = undefined;
    this.#sendBye(headers);
  }

  lost(termination: Termination, sayBye: boolean): void {
    if (!this.alive) return;
    if (sayBye) this.bye({ status: termination.status, text: termination.reason });
    else this.#end('peer gone');
    tell(this.#context, 'ended', () => this.handlers.ended?.(termination));
  }

  shutDown(): void {
    this.bye({ status: 503, text: 'Shutting down' });
  }

  /** A connection that was lost may come back: the peer has a while to register again or to send something. */
  flowClosed(flow: Flow): void {
    if (flow.transport !== 'ws' || !this.alive) return;
    this.#orphaned?.cancel();
    this.#orphaned = this.#context.clock.after(limits.orphanedDialogMs, () => {
      if (flowOfDialog(this.#context, this.#state) === null) this.lost(connectionLost, false);
      else this.#follow();
    });
  }

  #dispatch(request: SipRequest, transaction: ServerTransaction): void {
    this.#follow();
    const { method } = request;
    if (transaction instanceof InviteServerTransaction) this.offers.receiveInvite(request, transaction);
    else if (method === 'UPDATE') this.offers.receiveUpdate(request, transaction);
    else if (method === 'INFO') this.#answer(request, transaction, this.#receiveInfo(request));
    else if (method === 'OPTIONS') this.#answer(request, transaction, 200, allowLine + allExtensionsLine + acceptLine);
    // every reliable provisional response was acknowledged before the 2xx
    else if (method === 'PRACK') this.#answer(request, transaction, 481);
    else this.#answer(request, transaction, knownMethods.has(method) ? 405 : 501, allowLine);
  }

  #receiveInfo(request: SipRequest): number {
    let status = 200;
    tell(this.#context, 'info', () => {
      status = this.handlers.info?.(headerOf(request, 'content-type') ?? '', request.body) ?? status;
    });
    return status >= 200 && status <= 699 ? status : 500;
  }

  /** A BYE that crosses ours is welcome too. */
  #receiveBye(request: SipRequest, transaction: ServerTransaction): void {
    this.#answer(request, transaction, 200);
    const asked = this.#phase === 'ending';
    this.#end('peer bye');
    if (asked) return;
    const { text, q850 } = parseReasons(headerLinesOf(request, 'reason'));
    tell(this.#context, 'ended', () =>
      this.handlers.ended?.({ status: 200, reason: text || 'BYE', q850, by: 'remote' }),
    );
  }

  /** The dialog stays findable until the answer, so that a BYE from the other side is not told 481. */
  #sendBye(headers: string): void {
    this.offers.stop();
    sendInDialog(this.sender, { method: 'BYE', headers: () => headers }, () => this.#end('bye answered'));
  }

  #step(input: DialogInput): boolean {
    const next = dialogPhases[this.#phase][input];
    if (next === undefined) return false;
    this.#phase = next;
    return true;
  }

  #end(input: DialogInput): void {
    if (!this.#step(input)) return;
    this.#orphaned?.cancel();
    this.#byeAfterAck = undefined;
    this.offers.stop();
    this.#watched.unwatch(this);
    this.#context.dialogs.delete(this.#state.localTag, this);
  }

  /** Watches the connection that the peer is on now. */
  #follow(): void {
    const { flow } = this.#state;
    if (flow === this.#watched) return;
    this.#orphaned?.cancel();
    this.#watched.unwatch(this);
    this.#watched = flow;
    flow.watch(this);
  }

  #answer(request: SipRequest, transaction: ServerTransaction, status: number, headers = ''): void {
    respond(this.#context, { request, transaction, status, headers });
  }
}
