import { describe, expect, it } from 'vitest';
import type { BoardView } from '../../server/contract/board.ts';
import { createFakeClock } from '../../server/kernel/clock.ts';
import type { JournalReader } from '../../server/kernel/journal.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { liveBoard } from '../../server/live-board.ts';
import type { Gateway } from '../../server/realtime/gateway.ts';

/** Supervisors' screens, and how often something was made for them. */
function openScreens() {
  const clock = createFakeClock();
  const pushed = { queues: 0, board: 0 };
  let made = 0;
  let watched = false;
  let reader: JournalReader = () => undefined;
  const gateway: Gateway = {
    push: () => undefined,
    pushToCard: () => undefined,
    isCardWatched: () => false,
    pushQueues: () => void pushed.queues++,
    pushBoard: () => void pushed.board++,
    queuesWatched: () => watched,
    pushSetupChange: () => undefined,
    pushChannelHealth: () => undefined,
    seq: () => 0,
    isConnected: () => false,
    onConnection: undefined,
    onOfferSeen: undefined,
    onQueuesWatched: undefined,
    close: async () => undefined,
  };
  const reports = {
    onChanged: undefined as (() => void) | undefined,
    board: async () => {
      made++;
      if (made === 1) throw new Error('the database is away');
      return () => ({}) as BoardView;
    },
  };
  const live = liveBoard({
    gateway,
    clock,
    log: silentLog,
    reports,
    journal: {
      subscribe(told) {
        reader = told;
      },
    },
    queues: () => [],
  });
  return {
    boardsMade: () => made,
    pushed,
    live,
    happens() {
      void reader({ seq: 1, type: 'interaction.opened' });
      reports.onChanged?.();
    },
    watch(on: boolean) {
      watched = on;
      if (on) gateway.onQueuesWatched?.();
    },
    async pass(ms: number) {
      clock.advance(ms);
      // a board is made in a promise
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('queues and board of supervisors', () => {
  it('are not made while nobody watches', async () => {
    const { happens, pass, boardsMade, pushed, watch } = openScreens();
    happens();
    await pass(60_000);
    expect([pushed.queues, boardsMade()]).toEqual([0, 0]);
    watch(true);
    await pass(1_000);
    watch(false);
    happens();
    await pass(120_000);
    // the one silence that had begun asks once more, and finds nobody
    expect([pushed.queues, boardsMade()]).toEqual([1, 1]);
  });

  it('come at once to whoever begins to watch, many changes as one push within a second; a failure is the next one’s', async () => {
    const { happens, pass, boardsMade, pushed, watch } = openScreens();
    watch(true);
    await pass(1_000);
    expect(boardsMade()).toBe(1);
    expect(pushed).toEqual({ queues: 1, board: 0 });
    for (let i = 0; i < 50; i++) happens();
    await pass(1_000);
    expect(pushed).toEqual({ queues: 2, board: 1 });
  });

  it('the board comes again while nothing happens: time changes figures too', async () => {
    const { pass, pushed, watch } = openScreens();
    watch(true);
    await pass(1_000);
    const before = pushed.board;
    await pass(31_000);
    expect(pushed).toEqual({ queues: 1, board: before + 1 });
  });

  it('nothing is pushed after the end', async () => {
    const { happens, live, pass, boardsMade, pushed, watch } = openScreens();
    watch(true);
    live.close();
    live.close();
    happens();
    await pass(60_000);
    expect([pushed.queues, boardsMade()]).toEqual([0, 0]);
  });
});
