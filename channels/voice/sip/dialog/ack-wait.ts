/** Repeats a 2xx until its ACK, whatever the transport (RFC 3261 section 13.3.1.4). */
import type { TimerHandle } from '../../../../server/kernel/clock.ts';
import { T1, T2 } from '../limits.ts';
import type { Waiting } from '../transaction/deadlines.ts';
import type { Timing } from '../transaction/timing.ts';

export interface AckWaitOptions {
  readonly timing: Timing;
  /** CSeq of the INVITE. */
  readonly cseq: number;
  /** We made the offer, the ACK brings the answer. */
  readonly lateOffer: boolean;
  resend(): void;
  /** No ACK within 64*T1. */
  timedOut(): void;
}

export interface AckWait {
  readonly cseq: number;
  readonly lateOffer: boolean;
  stop(): void;
}

export function awaitAck({ timing, cseq, lateOffer, resend, timedOut }: AckWaitOptions): AckWait {
  let timer: TimerHandle | undefined;
  const schedule = (interval: number): void => {
    timer = timing.clock.after(interval, () => {
      resend();
      schedule(Math.min(interval * 2, T2));
    });
  };
  const deadline: Waiting = {
    dueAt: 0,
    onDue() {
      timer?.cancel();
      timedOut();
    },
  };
  timing.long.add(deadline);
  schedule(T1);
  return {
    cseq,
    lateOffer,
    stop() {
      timer?.cancel();
      timing.long.delete(deadline);
    },
  };
}
