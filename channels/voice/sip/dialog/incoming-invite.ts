/** An INVITE that came in, from 100 Trying to its final response (RFC 3261 section 13.3, RFC 3262). */
import type { TimerHandle } from '../../../../server/kernel/clock.ts';
import { allowLine, supportedLine } from '../core/capabilities.ts';
import { contactLine, type StackContext, tell } from '../core/context.ts';
import { respond, sdpBody } from '../core/respond.ts';
import { limits } from '../limits.ts';
import { sdpOf } from '../message/bodies.ts';
import { headerLine } from '../message/build.ts';
import { parseNameAddress, parseRAck, parseReasons } from '../message/headers.ts';
import { hasToken, headerLinesOf, headerOf, type SipRequest } from '../message/message.ts';
import {
  type IncomingInvite,
  type NameAddress,
  SipError,
  type SipSource,
  type SipUri,
  type Termination,
} from '../stack.ts';
import type { InviteServerTransaction } from '../transaction/invite-server.ts';
import type { ServerTransaction } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';
import { Dialog } from './dialog.ts';
import { acceptSequence, belongsTo, type DialogState, stateOfInvite } from './dialog-state.ts';
import type { DialogOwner } from './dialog-table.ts';
import { answerEarlyRequest } from './early-request.ts';
import { createReliableProvisionals, type ReliableProvisionals } from './reliable-provisional.ts';
import type { SessionInterval } from './session-timer.ts';

export interface IncomingCallOptions {
  readonly context: StackContext;
  readonly request: SipRequest;
  readonly requestUri: SipUri;
  readonly transaction: InviteServerTransaction;
  readonly flow: Flow;
  /** What the 2xx says about session timers. */
  readonly session: { readonly headers: string; readonly interval: SessionInterval | undefined };
}

/** Proxies give up on an INVITE after three minutes without a response (RFC 3261 section 13.3.1.1). */
const repeatProvisionalMs = 60_000;

export class IncomingCall implements IncomingInvite, DialogOwner {
  onCancelled: ((termination: Termination) => void) | undefined;
  readonly requestUri: SipUri;
  readonly source: SipSource;
  readonly #context: StackContext;
  readonly #request: SipRequest;
  readonly #transaction: InviteServerTransaction;
  readonly #session: IncomingCallOptions['session'];
  readonly #state: DialogState;
  readonly #recordRoute: string;
  readonly #reliable: ReliableProvisionals | undefined;
  #repeat: TimerHandle | undefined;
  /** Answered, refused, or given up by the caller. */
  #over = false;
  /** Answered, but the 2xx waits for a PRACK (RFC 3262 section 3). */
  #waiting: Dialog | undefined;

  constructor({ context, request, requestUri, transaction, flow, session }: IncomingCallOptions) {
    this.#context = context;
    this.#request = request;
    this.#transaction = transaction;
    this.#session = session;
    this.requestUri = requestUri;
    this.source = flow;
    this.#state = stateOfInvite(request, transaction.localTag, flow);
    this.#recordRoute = this.#state.routeSet.map((route) => headerLine('Record-Route', route)).join('');
    this.#reliable = hasToken(request, 'require', '100rel') ? this.#createReliable() : undefined;
    transaction.events.cancelled = (cancel) => this.#cancelled(cancel);
    transaction.events.lost = () => this.#givenUp({ status: 487, reason: 'Connection lost', by: 'transport' });
    context.dialogs.set(transaction.localTag, this);
    this.#respond(100);
  }

  get sipCallId(): string {
    return this.#request.callId;
  }

  get from(): NameAddress {
    return parseNameAddress(headerOf(this.#request, 'from') ?? '');
  }

  get to(): NameAddress {
    return parseNameAddress(headerOf(this.#request, 'to') ?? '');
  }

  get offer(): Buffer | null {
    return sdpOf(this.#request);
  }

  header(name: string): string | undefined {
    return headerOf(this.#request, name);
  }

  headers(name: string): readonly string[] {
    return headerLinesOf(this.#request, name);
  }

  ring(sdp?: Buffer): void {
    if (this.#over) return;
    const status = sdp === undefined ? 180 : 183;
    if (this.#reliable) this.#reliable.push(status, sdp);
    else this.#respond(status, this.#dialogLines(), sdp);
    this.#scheduleRepeat();
  }

  /** @throws SipError 487 when the INVITE is over */
  answer(sdp: Buffer): Dialog {
    if (this.#over) throw new SipError(487, 'The INVITE is over');
    this.#over = true;
    const { headers, interval } = this.#session;
    const dialog = new Dialog({
      context: this.#context,
      state: this.#state,
      ownsCallId: false,
      localSdp: sdp,
      session: interval,
    });
    const accept = (): void => {
      this.#waiting = undefined;
      this.#finish();
      this.#context.dialogs.set(this.#state.localTag, dialog);
      this.#respond(200, this.#dialogLines() + headers, sdp);
      dialog.offers.awaitAck(this.#transaction, this.#request.cseq, this.offer === null);
    };
    this.#waiting = dialog;
    dialog.offers.expectAck();
    this.#context.dialogs.set(this.#state.localTag, this);
    if (this.#reliable) this.#reliable.whenDone(accept);
    else accept();
    return dialog;
  }

  reject(status: number, reason?: string, retryAfterSeconds?: number): void {
    if (this.#over) return;
    const headers = retryAfterSeconds === undefined ? '' : headerLine('Retry-After', retryAfterSeconds);
    this.#refuse(status >= 300 && status <= 699 ? status : 500, headers, reason);
  }

  receive(request: SipRequest, transaction: ServerTransaction, flow: Flow): void {
    const answer = (status: number): void => respond(this.#context, { request, transaction, status });
    if (request.method === 'PRACK' && this.#reliable && belongsTo(this.#state, request)) {
      this.#state.remoteSequence = Math.max(this.#state.remoteSequence, request.cseq);
      const rack = parseRAck(headerOf(request, 'rack'));
      if (!this.#reliable.acknowledge(rack, () => answer(200))) answer(481);
    } else if (this.#waiting) this.#waiting.receive(request, transaction, flow);
    else if (!belongsTo(this.#state, request)) answer(481);
    else if (!acceptSequence(this.#state, request, flow)) answer(500);
    else if (request.method === 'BYE') {
      answer(200);
      this.#refuse(487);
      this.#givenUp({ status: 487, reason: 'BYE', by: 'remote' });
    } else answerEarlyRequest(this.#context, request, transaction, flow);
  }

  acknowledge(): void {
    // the ACK of a refusal belongs to the transaction, and there is no 2xx yet
  }

  shutDown(): void {
    this.#waiting = undefined;
    if (this.#transaction.state === 'proceeding')
      this.#refuse(503, headerLine('Retry-After', limits.retryAfterSeconds));
  }

  #createReliable(): ReliableProvisionals {
    return createReliableProvisionals({
      clock: this.#context.clock,
      cseq: this.#request.cseq,
      send: (status, lines, sdp) => this.#respond(status, lines + this.#dialogLines(), sdp),
      resend: () => this.#transaction.resend(),
      timedOut: () => {
        this.#refuse(504);
        this.#givenUp({ status: 504, reason: 'No PRACK', by: 'transport' });
      },
    });
  }

  #cancelled(cancel: SipRequest): void {
    const { text, q850, sipCause } = parseReasons(headerLinesOf(cancel, 'reason'));
    // another phone took the call: who shows missed calls must not show this one
    const reason = text || (sipCause === 200 ? 'Call completed elsewhere' : 'CANCEL');
    this.#refuse(487);
    this.#givenUp({ status: 487, reason, q850, by: 'remote' });
  }

  /** The caller is gone, or as good as gone. */
  #givenUp(termination: Termination): void {
    const waiting = this.#waiting;
    this.#finish();
    this.#context.dialogs.delete(this.#state.localTag, this);
    if (waiting) waiting.lost(termination, false);
    else tell(this.#context, 'onCancelled', () => this.onCancelled?.(termination));
  }

  #refuse(status: number, headers = '', reason?: string): void {
    this.#finish();
    this.#context.dialogs.delete(this.#state.localTag, this);
    const transaction = this.#transaction;
    respond(this.#context, {
      request: this.#request,
      transaction,
      status,
      headers,
      reason,
      localTag: transaction.localTag,
    });
  }

  #finish(): void {
    this.#over = true;
    this.#repeat?.cancel();
    this.#reliable?.stop();
    this.#transaction.events.cancelled = undefined;
    this.#transaction.events.lost = undefined;
  }

  #scheduleRepeat(): void {
    this.#repeat?.cancel();
    this.#repeat = this.#context.clock.after(repeatProvisionalMs, () => {
      this.#transaction.resend();
      this.#scheduleRepeat();
    });
  }

  /** What a response that creates the dialog carries (section 12.1.1). */
  #dialogLines(): string {
    return this.#recordRoute + contactLine(this.#state.flow) + allowLine + supportedLine;
  }

  #respond(status: number, headers = '', sdp?: Buffer): void {
    respond(this.#context, {
      request: this.#request,
      transaction: this.#transaction,
      status,
      headers,
      localTag: this.#transaction.localTag,
      body: sdp && sdpBody(sdp),
    });
  }
}
