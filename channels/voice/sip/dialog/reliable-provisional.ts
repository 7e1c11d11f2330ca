/** Reliable provisional responses of a UAS (RFC 3262 section 3): one at a time, repeated until their PRACK. */
import { randomInt } from 'node:crypto';
import type { Clock, TimerHandle } from '../../../../server/kernel/clock.ts';
import { T1, transactionTimeoutMs } from '../limits.ts';
import type { RAck } from '../message/headers.ts';

export interface ReliableProvisionalsOptions {
  readonly clock: Clock;
  /** CSeq of the INVITE. */
  readonly cseq: number;
  /** Sends the response with these lines (Require and RSeq) added. */
  send(status: number, lines: string, sdp: Buffer | undefined): void;
  resend(): void;
  /** No PRACK within 64*T1: the INVITE is to be refused with 504. */
  timedOut(): void;
}

export interface ReliableProvisionals {
  push(status: number, sdp: Buffer | undefined): void;
  /**
   * False when the RAck fits no response that waits (then 481). Otherwise runs `answer` before anything that waited
   * for the PRACK.
   */
  acknowledge(rack: RAck | null, answer: () => void): boolean;
  /** Runs once nothing waits any more: a 2xx must not overtake a response with SDP. */
  whenDone(run: () => void): void;
  stop(): void;
}

export function createReliableProvisionals(options: ReliableProvisionalsOptions): ReliableProvisionals {
  const { clock, cseq } = options;
  const queue: { status: number; sdp: Buffer | undefined }[] = [];
  let rseq = randomInt(1, 2 ** 30);
  let waiting = false;
  let elapsedMs = 0;
  let timer: TimerHandle | undefined;
  let afterwards: (() => void) | undefined;

  const repeatAfter = (interval: number): void => {
    timer = clock.after(interval, () => {
      elapsedMs += interval;
      if (elapsedMs >= transactionTimeoutMs) {
        stop();
        options.timedOut();
        return;
      }
      options.resend();
      repeatAfter(Math.min(interval * 2, transactionTimeoutMs - elapsedMs));
    });
  };
  const next = (): void => {
    const response = queue.shift();
    waiting = response !== undefined;
    if (!response) {
      const run = afterwards;
      afterwards = undefined;
      run?.();
      return;
    }
    rseq++;
    elapsedMs = 0;
    options.send(response.status, `Require: 100rel\r\nRSeq: ${rseq}\r\n`, response.sdp);
    repeatAfter(T1);
  };
  const stop = (): void => {
    timer?.cancel();
    queue.length = 0;
    waiting = false;
    afterwards = undefined;
  };

  return {
    push(status, sdp) {
      queue.push({ status, sdp });
      if (!waiting) next();
    },
    acknowledge(rack, answer) {
      if (!waiting || !rack || rack.rseq !== rseq || rack.cseq !== cseq || rack.method !== 'INVITE') return false;
      timer?.cancel();
      answer();
      next();
      return true;
    },
    whenDone(run) {
      if (waiting) afterwards = run;
      else run();
    },
    stop,
  };
}
