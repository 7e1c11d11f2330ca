import type { AccountHealth, MessageChannel } from '../../channels/message-channel.ts';
import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { limits } from './limits.ts';

export interface RunnerOptions {
  /** Makes a fresh adapter; each attempt to start has its own. */
  readonly make: () => Promise<MessageChannel>;
  readonly clock: Clock;
  readonly log: Log;
  /** The adapter that stands for the account from now on; null = none any more. */
  readonly onChannel: (channel: MessageChannel | null) => void;
}

/** Keeps one account running: an adapter that cannot be made or started is tried again, later and later. */
export interface Runner {
  health(): AccountHealth;
  /** The first attempt to start is over, well or not. Never rejects. */
  readonly begun: Promise<void>;
  /** Idempotent; waits for an attempt that is under way, then closes its adapter. */
  close(): Promise<void>;
}

export function startRunner({ make, clock, log, onChannel }: RunnerOptions): Runner {
  let channel: MessageChannel | null = null;
  /** What is told while no adapter is started. */
  let own: AccountHealth | null = { state: 'connecting', since: clock.now(), problem: '', catchUp: null };
  let pause: number = limits.startAgainMs.first;
  let timer: TimerHandle | undefined;
  let isClosed = false;
  let attempt = tryOnce();
  const begun = attempt;

  async function tryOnce(): Promise<void> {
    let made: MessageChannel | null = null;
    try {
      made = await make();
      if (isClosed) return void (await made.close());
      channel = made;
      onChannel(made);
      await made.start();
      own = null;
      pause = limits.startAgainMs.first;
    } catch (error) {
      if (isClosed) return;
      log.warn({ err: error }, 'an account of messages could not be started');
      // what is closed stands for nobody: messages wait for the next one, and spend no attempt
      onChannel(null);
      const problem = error instanceof Error ? error.message : String(error);
      own = { state: 'down', since: own?.state === 'down' ? own.since : clock.now(), problem, catchUp: null };
      const closed = made?.close().catch((error: unknown) => log.warn({ err: error }, 'did not close in order'));
      timer = clock.after(pause, () => {
        attempt = Promise.resolve(closed).then(tryOnce);
      });
      pause = Math.min(pause * 2, limits.startAgainMs.longest);
    }
  }

  async function end(): Promise<void> {
    isClosed = true;
    timer?.cancel();
    onChannel(null);
    await channel?.close();
    await attempt;
    // an attempt that was under way may have started it after all
    await channel?.close();
  }

  let closing: Promise<void> | undefined;
  return {
    begun,
    health: () => own ?? channel?.health() ?? { state: 'off', since: clock.now(), problem: '', catchUp: null },
    close() {
      closing ??= end();
      return closing;
    },
  };
}
