import type { SignedInUser } from './access/route.ts';
import type { BoardView } from './contract/board.ts';
import type { QueueView } from './contract/schemas.ts';
import type { Clock, TimerHandle } from './kernel/clock.ts';
import type { Journal } from './kernel/journal.ts';
import type { Log } from './kernel/log.ts';
import type { Gateway } from './realtime/gateway.ts';

/** Supervisors see a change within these times; many changes are one push. */
const queuesMs = 250;
const boardMs = 500;
/** Time alone changes figures too: what was "lately" is so no more, what is owed falls overdue. */
const stillMs = 30_000;

export interface LiveBoardOptions {
  readonly gateway: Gateway;
  readonly journal: Pick<Journal, 'subscribe'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly queues: (user: SignedInUser) => QueueView[];
  readonly reports: { board(): Promise<(user: SignedInUser) => BoardView>; onChanged: (() => void) | undefined };
}

/** Pushes the queues and the figures of the day to the supervisors who watch them. For nobody nothing is made. */
export function liveBoard({ gateway, journal, clock, log, queues, reports }: LiveBoardOptions): { close(): void } {
  let isClosed = false;
  const pushQueues = soon(queuesMs, () => gateway.pushQueues(queues));
  const pushBoard = soon(boardMs, () => {
    still();
    reports.board().then(gateway.pushBoard, (error: unknown) => log.warn({ err: error }, 'no board could be made'));
  });
  let silence: TimerHandle | undefined;
  function still(): void {
    silence?.cancel();
    silence = clock.after(stillMs, pushBoard.ask);
  }

  /** Runs once some time after it was asked for, however often that was, when somebody watches. */
  function soon(ms: number, push: () => void): { ask(): void; close(): void } {
    let timer: TimerHandle | undefined;
    return {
      ask() {
        if (isClosed || !gateway.queuesWatched()) return;
        timer ??= clock.after(ms, () => {
          timer = undefined;
          push();
        });
      },
      close: () => timer?.cancel(),
    };
  }

  gateway.onQueuesWatched = () => {
    pushQueues.ask();
    pushBoard.ask();
  };
  journal.subscribe(pushQueues.ask);
  reports.onChanged = pushBoard.ask;
  return {
    close() {
      isClosed = true;
      silence?.cancel();
      pushQueues.close();
      pushBoard.close();
    },
  };
}
