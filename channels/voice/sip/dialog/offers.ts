/**
 * Offers and answers after the first one: re-INVITE (RFC 3261 section 14) and UPDATE (RFC 3311) in both directions, one
 * at a time, with session refreshes (RFC 4028) among them.
 */

import { allowLine, supportedLine } from '../core/capabilities.ts';
import { contactLine } from '../core/context.ts';
import { randomRetryLine, respond, sdpBody } from '../core/respond.ts';
import { limits } from '../limits.ts';
import { hasForeignBody, sdpOf } from '../message/bodies.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { type SipDialogHandlers, SipError, type Termination } from '../stack.ts';
import type { InviteServerTransaction } from '../transaction/invite-server.ts';
import type { NonInviteServerTransaction } from '../transaction/non-invite-server.ts';
import type { Flow } from '../transport/flow.ts';
import { type AckWait, awaitAck } from './ack-wait.ts';
import { refreshTarget } from './dialog-state.ts';
import { acknowledge, type Outcome, type RequestSender, sendInDialog } from './in-dialog-request.ts';
import {
  answerSessionExpires,
  createSessionTimer,
  intervalAfterRefusal,
  minSessionLine,
  type SessionInterval,
  type SessionTimer,
  sessionIntervalOf,
  sessionRequestLines,
} from './session-timer.ts';

/** The dialog that the exchange belongs to. */
export interface OffersHost {
  readonly sender: RequestSender;
  readonly handlers: SipDialogHandlers;
  readonly alive: boolean;
  /** We are the UAC of the dialog and own its Call-ID: decides who waits longer after a collision. */
  readonly ownsCallId: boolean;
  /** The peer is gone: ends the dialog, with BYE when it may still hear it. */
  lost(termination: Termination, sayBye: boolean): void;
  /** The ACK of a 2xx of ours came, or will not. */
  settled(): void;
}

/** One offer of ours on its way. */
interface Job {
  readonly offer: Buffer;
  resolve(answer: Buffer): void;
  reject(error: SipError): void;
  attempts: number;
}

const noAck: Termination = { status: 408, reason: 'No ACK', by: 'transport' };
const noAnswer: Termination = { status: 408, reason: 'No answer inside the dialog', by: 'transport' };
const noRefresh: Termination = { status: 408, reason: 'Session timer expired', by: 'transport' };

export class Offers {
  readonly #host: OffersHost;
  readonly #session: SessionTimer;
  #localSdp: Buffer;
  #outgoing = false;
  #incoming = false;
  #ackWait: AckWait | undefined;
  #ackExpected = false;
  #glareTimer: { cancel(): void } | undefined;
  #queue: Job[] = [];
  /** Session-Expires of our next request, raised by 422. */
  #seconds: number = limits.sessionExpiresSeconds;

  constructor(host: OffersHost, localSdp: Buffer) {
    this.#host = host;
    this.#localSdp = localSdp;
    this.#session = createSessionTimer(host.sender.context.clock, {
      refresh: () => this.#refresh(),
      expired: () => host.lost(noRefresh, true),
    });
  }

  /** A 2xx of ours is to come, or waits for its ACK. */
  get awaitsAck(): boolean {
    return this.#ackExpected || this.#ackWait !== undefined;
  }

  /** The 2xx is decided and will follow. */
  expectAck(): void {
    this.#ackExpected = true;
  }

  setSession(interval: SessionInterval | undefined): void {
    if (interval) this.#seconds = Math.max(interval.seconds, limits.minSessionExpiresSeconds);
    this.#session.set(interval);
  }

  /** Repeats our 2xx until the ACK comes. */
  awaitAck(transaction: InviteServerTransaction, cseq: number, lateOffer: boolean): void {
    this.#ackExpected = false;
    this.#ackWait?.stop();
    this.#ackWait = awaitAck({
      timing: this.#host.sender.context.transactions.timing,
      cseq,
      lateOffer,
      resend: () => transaction.resend(),
      timedOut: () => {
        this.#ackWait = undefined;
        this.#host.lost(noAck, true);
        this.#host.settled();
      },
    });
  }

  acknowledged(request: SipRequest): void {
    const wait = this.#ackWait;
    if (wait?.cseq !== request.cseq) return;
    wait.stop();
    this.#ackWait = undefined;
    const answer = wait.lateOffer ? sdpOf(request) : null;
    try {
      if (answer) this.#host.handlers.answered?.(answer);
    } finally {
      this.#host.settled();
      this.#next();
    }
  }

  receiveInvite(request: SipRequest, transaction: InviteServerTransaction): void {
    if (this.#outgoing) {
      this.#answer(request, transaction, 491);
      return;
    }
    // an ACK that got lost is implied by the next INVITE, unless it was to bring an answer
    if (this.#incoming || this.#ackWait?.lateOffer) {
      this.#answer(request, transaction, 500, randomRetryLine());
      return;
    }
    const session = answerSessionExpires(request);
    if (session.kind === 'too small') this.#answer(request, transaction, 422, minSessionLine);
    else if (hasForeignBody(request)) this.#answer(request, transaction, 415, 'Accept: application/sdp\r\n');
    else this.#answerInvite(request, transaction, session);
  }

  receiveUpdate(request: SipRequest, transaction: NonInviteServerTransaction): void {
    const session = answerSessionExpires(request);
    const offer = sdpOf(request);
    if (session.kind === 'too small') {
      this.#answer(request, transaction, 422, minSessionLine);
    } else if (offer === null) {
      refreshTarget(this.#host.sender.state, request);
      this.setSession(session.interval ?? this.#session.interval);
      this.#answer(request, transaction, 200, session.headers + this.#targetLines());
    } else if (this.#outgoing) {
      this.#answer(request, transaction, 491);
    } else if (this.#incoming || this.#ackWait?.lateOffer) {
      this.#answer(request, transaction, 500, randomRetryLine());
    } else {
      this.#incoming = true;
      this.#produce(offer).then((result) => {
        this.#incoming = false;
        if (!this.#host.alive) return;
        if (result instanceof SipError) {
          this.#answer(request, transaction, result.status);
        } else {
          refreshTarget(this.#host.sender.state, request);
          this.setSession(session.interval ?? this.#session.interval);
          this.#localSdp = result;
          this.#answer(request, transaction, 200, session.headers + this.#targetLines(), result);
        }
        this.#next();
      });
    }
  }

  /** @throws SipError when the peer refuses, or the dialog ends first */
  reinvite(offer: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (!this.#host.alive) reject(new SipError(481, 'The dialog is over'));
      else if (this.#queue.length >= limits.queuedOffers) reject(new SipError(491, 'Too many offers wait'));
      else this.#enqueue({ offer, resolve, reject, attempts: 0 });
    });
  }

  /** Ends every wait; offers of ours are refused with 481. */
  stop(): void {
    this.#session.stop();
    this.#ackWait?.stop();
    this.#ackWait = undefined;
    this.#glareTimer?.cancel();
    for (const job of this.#queue.splice(0)) job.reject(new SipError(481, 'The dialog is over'));
  }

  #enqueue(job: Job): void {
    this.#queue.push(job);
    this.#next();
  }

  #next(): void {
    if (this.#outgoing || this.#incoming || this.awaitsAck || this.#glareTimer || !this.#host.alive) return;
    const job = this.#queue.shift();
    if (job) this.#send(job);
  }

  #send(job: Job): void {
    const { sender } = this.#host;
    this.#outgoing = true;
    job.attempts++;
    let acknowledgeAgain = (): void => {};
    const request = {
      method: 'INVITE',
      headers: (flow: Flow) => contactLine(flow) + allowLine + supportedLine + this.#sessionLines(),
      body: sdpBody(job.offer),
    };
    const done = (outcome: Outcome): void => {
      this.#outgoing = false;
      const accepted = outcome.kind === 'response' && outcome.response.status < 300;
      if (accepted) acknowledgeAgain = acknowledge(sender, outcome.response.cseq);
      if (!this.#host.alive) job.reject(new SipError(481, 'The dialog is over'));
      else if (accepted) this.#accepted(job, outcome.response);
      else this.#refused(job, outcome);
      this.#next();
    };
    sendInDialog(sender, request, done, () => acknowledgeAgain());
  }

  #accepted(job: Job, response: SipResponse): void {
    refreshTarget(this.#host.sender.state, response);
    this.setSession(sessionIntervalOf(response));
    const answer = sdpOf(response);
    if (answer === null) {
      job.reject(new SipError(488, 'The answer has no SDP'));
      return;
    }
    this.#localSdp = job.offer;
    job.resolve(answer);
  }

  #refused(job: Job, outcome: Outcome): void {
    if (this.#died(outcome)) {
      job.reject(new SipError(481, 'The dialog is over'));
      return;
    }
    if (outcome.kind !== 'response') {
      job.reject(new SipError(503, 'The peer is out of reach'));
      return;
    }
    const { response } = outcome;
    const again = job.attempts < limits.glareAttempts;
    if (response.status === 491 && again) this.#retryLater(job);
    else if (response.status === 422 && again && this.#raiseInterval(response)) this.#queue.unshift(job);
    else job.reject(new SipError(response.status, response.reason));
  }

  /** RFC 3261 section 14.1: the owner of the Call-ID waits 2.1-4 s, the other 0-2 s, in steps of 10 ms. */
  #retryLater(job: Job): void {
    const steps = this.#host.ownsCallId ? 210 + Math.random() * 190 : Math.random() * 200;
    this.#queue.unshift(job);
    this.#glareTimer = this.#host.sender.context.clock.after(Math.floor(steps) * 10, () => {
      this.#glareTimer = undefined;
      this.#next();
    });
  }

  /** RFC 3261 section 12.2.1.2: no answer, 408 and 481 end the dialog. */
  #died(outcome: Outcome): boolean {
    const status = outcome.kind === 'response' ? outcome.response.status : outcome.kind === 'timeout' ? 408 : 0;
    if (status !== 408 && status !== 481) return false;
    this.#host.lost(
      status === 408 ? noAnswer : { status, reason: 'The peer forgot the dialog', by: 'remote' },
      status === 408,
    );
    return true;
  }

  #raiseInterval(response: SipResponse): boolean {
    const seconds = intervalAfterRefusal(response);
    if (seconds === null || seconds <= this.#seconds) return false;
    this.#seconds = seconds;
    return true;
  }

  /** A refresh names who refreshes on: whoever did so far (RFC 4028 section 7.4). */
  #sessionLines(): string {
    const current = this.#session.interval;
    return sessionRequestLines(this.#seconds, current && (current.weRefresh ? 'uac' : 'uas'));
  }

  /** UPDATE where the peer knows it, otherwise our last SDP once more. */
  #refresh(): void {
    const { sender } = this.#host;
    if (!sender.state.peerAllowsUpdate) {
      this.reinvite(this.#localSdp).catch(() => {
        // the peer is heard again before the interval ends, or the dialog ends with it
      });
      return;
    }
    const headers = (flow: Flow): string => contactLine(flow) + supportedLine + this.#sessionLines();
    sendInDialog(sender, { method: 'UPDATE', headers }, (outcome) => {
      if (!this.#host.alive || this.#died(outcome) || outcome.kind !== 'response') return;
      const { response } = outcome;
      if (response.status < 300) this.setSession(sessionIntervalOf(response));
      else if (response.status === 422 && this.#raiseInterval(response)) this.#refresh();
    });
  }

  #answerInvite(
    request: SipRequest,
    transaction: InviteServerTransaction,
    session: { headers: string; interval: SessionInterval | undefined },
  ): void {
    this.#ackWait?.stop();
    this.#ackWait = undefined;
    this.#incoming = true;
    this.#answer(request, transaction, 100);
    transaction.events.cancelled = () => this.#answer(request, transaction, 487);
    const offer = sdpOf(request);
    this.#produce(offer).then((result) => {
      this.#incoming = false;
      if (!this.#host.alive) {
        this.#answer(request, transaction, 487);
        return;
      }
      if (transaction.state === 'proceeding') {
        if (result instanceof SipError) this.#answer(request, transaction, result.status);
        else this.#accept(request, transaction, session, result);
      }
      this.#next();
    });
  }

  #accept(
    request: SipRequest,
    transaction: InviteServerTransaction,
    session: { headers: string; interval: SessionInterval | undefined },
    sdp: Buffer,
  ): void {
    refreshTarget(this.#host.sender.state, request);
    this.setSession(session.interval ?? this.#session.interval);
    this.#localSdp = sdp;
    this.#answer(request, transaction, 200, session.headers + this.#targetLines() + supportedLine, sdp);
    this.awaitAck(transaction, request.cseq, sdpOf(request) === null);
  }

  /** The SDP for the answer (or our offer), or why there is none. */
  async #produce(offer: Buffer | null): Promise<Buffer | SipError> {
    const { handlers, sender } = this.#host;
    if (!handlers.offer) return new SipError(488, 'Offers are not taken');
    try {
      return await handlers.offer(offer);
    } catch (error) {
      if (error instanceof SipError) return error;
      sender.context.log.error({ err: error, sipCallId: sender.state.callId }, 'SIP offer handler failed');
      return new SipError(500, 'Offer failed');
    }
  }

  #targetLines(): string {
    return contactLine(this.#host.sender.state.flow) + allowLine;
  }

  #answer(
    request: SipRequest,
    transaction: InviteServerTransaction | NonInviteServerTransaction,
    status: number,
    headers = '',
    sdp?: Buffer,
  ): void {
    respond(this.#host.sender.context, { request, transaction, status, headers, body: sdp && sdpBody(sdp) });
  }
}
