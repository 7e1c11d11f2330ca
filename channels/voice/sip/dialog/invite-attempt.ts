/**
 * One INVITE of ours to one target, until a dialog or a failure comes of it (RFC 3261 section 13.2, RFC 3262, RFC 4028
 * section 7.3, RFC 6026). Proxies on the way may fork it: the first 2xx wins, every other is acknowledged and ended.
 */
import type { DigestClient } from '../auth/digest-client.ts';
import { allowLine, supportedLine } from '../core/capabilities.ts';
import { contactLine, type StackContext } from '../core/context.ts';
import { respond, sdpBody } from '../core/respond.ts';
import { limits } from '../limits.ts';
import { sdpOf } from '../message/bodies.ts';
import { reasonLine } from '../message/build.ts';
import { deltaSeconds, parseReasons } from '../message/headers.ts';
import { hasToken, headerLinesOf, headerOf, type SipRequest, type SipResponse } from '../message/message.ts';
import { newTag } from '../message/tokens.ts';
import type { Termination } from '../stack.ts';
import type { InviteClientTransaction } from '../transaction/invite-client.ts';
import type { ServerTransaction } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';
import { Dialog } from './dialog.ts';
import { type DialogState, stateOfResponse } from './dialog-state.ts';
import type { DialogOwner } from './dialog-table.ts';
import { answerEarlyRequest } from './early-request.ts';
import { acknowledge, sendInDialog } from './in-dialog-request.ts';
import { intervalAfterRefusal, sessionIntervalOf, sessionRequestLines } from './session-timer.ts';

export interface AttemptOptions {
  readonly context: StackContext;
  readonly callId: string;
  readonly uri: string;
  readonly flow: Flow;
  /** Preloaded Route values: the Path of a binding. */
  readonly routes: readonly string[];
  /** From and To values without tags. */
  readonly from: string;
  readonly to: string;
  /** Complete header lines. */
  readonly headers: string;
  readonly offer: Buffer;
  readonly credentials: DigestClient | undefined;
  readonly handlers: AttemptHandlers;
}

/** `answered` or `failed` comes exactly once. */
export interface AttemptHandlers {
  progress(status: number, sdp: Buffer | null): void;
  answered(dialog: Dialog, sdp: Buffer): void;
  failed(termination: Termination): void;
}

/** What one branch behind a forking proxy has said so far. */
interface EarlyDialog {
  readonly state: DialogState;
  /** Highest RSeq acknowledged, 0 = none. */
  rseq: number;
  /** The answer, when a provisional response carried it. */
  sdp: Buffer | null;
}

const nobody: AttemptHandlers = { progress: () => {}, answered: () => {}, failed: () => {} };
const noOffer = Buffer.alloc(0);
const cancelled: Termination = { status: 487, reason: 'Cancelled', by: 'local' };
const timedOut: Termination = { status: 408, reason: 'No response', by: 'transport' };
const unreachable: Termination = { status: 503, reason: 'Connection lost', by: 'transport' };

export class InviteAttempt implements DialogOwner {
  readonly #localTag = newTag();
  readonly #early = new Map<string, EarlyDialog>();
  /** By the peer's tag: what repeats the ACK of a 2xx. */
  readonly #acknowledged = new Map<string, () => void>();
  #options: AttemptOptions;
  #transaction: InviteClientTransaction | undefined;
  #sequence = 0;
  #attempts = 0;
  #sessionSeconds: number = limits.sessionExpiresSeconds;
  #cancelled = false;
  /** `answered` or `failed` was told. */
  #over = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
    options.context.dialogs.set(this.#localTag, this);
  }

  start(): void {
    const { context, uri, flow, routes, from, to, callId, headers, offer, credentials } = this.#options;
    this.#attempts++;
    this.#sequence++;
    this.#early.clear();
    const lines =
      contactLine(flow) +
      allowLine +
      supportedLine +
      sessionRequestLines(this.#sessionSeconds) +
      (credentials?.authorize('INVITE', uri) ?? '') +
      headers +
      context.userAgentLine;
    this.#transaction = context.transactions.sendInvite(
      flow,
      {
        method: 'INVITE',
        uri,
        routes,
        from: `${from};tag=${this.#localTag}`,
        to,
        callId,
        cseq: this.#sequence,
        headers: lines,
      },
      sdpBody(offer),
      {
        response: (response) => this.#receive(response),
        timeout: () => this.#fail(timedOut),
        transportError: () => this.#fail(unreachable),
      },
    );
  }

  /** `failed` comes with 487 when the peer has let go. Does nothing after `answered` or `failed`. */
  cancel(reason: { status: number; text: string } | undefined): void {
    if (this.#over || this.#cancelled) return;
    this.#cancelled = true;
    this.#transaction?.cancel(reasonLine(reason));
  }

  receive(request: SipRequest, transaction: ServerTransaction, flow: Flow): void {
    const { context, callId } = this.#options;
    const early = this.#early.get(request.fromTag);
    const known = early !== undefined && request.callId === callId;
    if (known && request.cseq > early.state.remoteSequence) {
      early.state.remoteSequence = request.cseq;
      answerEarlyRequest(context, request, transaction, flow);
    } else respond(context, { request, transaction, status: known ? 500 : 481 });
  }

  acknowledge(): void {
    // we sent the INVITE: the ACKs are ours
  }

  shutDown(): void {
    this.cancel({ status: 503, text: 'Shutting down' });
  }

  #receive(response: SipResponse): void {
    const { status } = response;
    if (status < 200) this.#receiveProvisional(response);
    else if (status < 300) this.#receiveSuccess(response);
    else this.#receiveFailure(response);
  }

  #receiveProvisional(response: SipResponse): void {
    if (response.status === 100 || this.#over) return;
    const early = this.#earlyDialog(response);
    const sdp = sdpOf(response);
    if (early) {
      if (!this.#acceptReliable(early, response)) return;
      early.sdp = sdp ?? early.sdp;
    }
    if (!this.#cancelled) this.#options.handlers.progress(response.status, sdp);
  }

  /** The early dialog of a provisional response; none without a tag or past the limit of forks. */
  #earlyDialog(response: SipResponse): EarlyDialog | undefined {
    const known = this.#early.get(response.toTag);
    if (known || response.toTag === '' || this.#early.size >= limits.forksPerInvite) return known;
    const early = { state: this.#stateOf(response), rseq: 0, sdp: null };
    this.#early.set(response.toTag, early);
    return early;
  }

  /** RFC 3262 section 4: PRACK in order; false for one that was seen, or that left a gap. */
  #acceptReliable(early: EarlyDialog, response: SipResponse): boolean {
    const rseq = deltaSeconds(headerOf(response, 'rseq')) ?? 0;
    if (rseq === 0 || !hasToken(response, 'require', '100rel')) return true;
    if (early.rseq !== 0 && rseq !== early.rseq + 1) return false;
    early.rseq = rseq;
    const { context, credentials } = this.#options;
    const headers = (): string => `RAck: ${rseq} ${response.cseq} INVITE\r\n`;
    sendInDialog({ context, state: early.state, credentials }, { method: 'PRACK', headers }, () => {});
    return true;
  }

  #receiveSuccess(response: SipResponse): void {
    const again = this.#acknowledged.get(response.toTag);
    if (again) {
      again();
      return;
    }
    if (this.#acknowledged.size >= limits.forksPerInvite) return;
    const { context, credentials, handlers, offer } = this.#options;
    const early = this.#early.get(response.toTag);
    const state = this.#stateOf(response, early?.state.localSequence);
    const sender = { context, state, credentials };
    this.#acknowledged.set(response.toTag, acknowledge(sender, response.cseq));
    const sdp = sdpOf(response) ?? early?.sdp ?? null;
    if (this.#over || this.#cancelled || sdp === null) {
      sendInDialog(sender, { method: 'BYE' }, () => {});
      this.#fail({ status: 488, reason: 'The answer has no SDP', by: 'local' });
      return;
    }
    this.#settle();
    const dialog = new Dialog({
      context,
      state,
      ownsCallId: true,
      credentials,
      localSdp: offer,
      session: sessionIntervalOf(response),
    });
    handlers.answered(dialog, sdp);
  }

  #receiveFailure(response: SipResponse): void {
    if (this.#over) return;
    if (!this.#cancelled && this.#attempts < limits.attemptsPerRequest && this.#mayRetry(response)) {
      this.start();
      return;
    }
    const { text, q850 } = parseReasons(headerLinesOf(response, 'reason'));
    this.#fail({ status: response.status, reason: text || response.reason, q850, by: 'remote' });
  }

  #mayRetry(response: SipResponse): boolean {
    if (response.status === 401 || response.status === 407) {
      return this.#options.credentials?.challenged(response) ?? false;
    }
    if (response.status !== 422) return false;
    const seconds = intervalAfterRefusal(response);
    if (seconds === null || seconds <= this.#sessionSeconds) return false;
    this.#sessionSeconds = seconds;
    return true;
  }

  /** Requests of an early dialog have used sequence numbers that the confirmed one goes on from. */
  #stateOf(response: SipResponse, sequence = 0): DialogState {
    const { uri, flow, from, to } = this.#options;
    const state = stateOfResponse(response, {
      uri,
      flow,
      localTag: this.#localTag,
      localAddress: from,
      remoteAddress: to,
    });
    state.localSequence = Math.max(state.localSequence, sequence);
    return state;
  }

  #fail(termination: Termination): void {
    if (this.#over) return;
    const { handlers } = this.#options;
    this.#settle();
    handlers.failed(this.#cancelled ? cancelled : termination);
  }

  /** Keeps what late 2xx need for 32 s and lets go of the rest. */
  #settle(): void {
    this.#over = true;
    this.#transaction = undefined;
    this.#options.context.dialogs.delete(this.#localTag, this);
    this.#options = { ...this.#options, headers: '', offer: noOffer, handlers: nobody };
  }
}
