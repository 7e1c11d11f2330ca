import type { LookUpResult, MessageChannel, SendResult } from '../../../channels/message-channel.ts';
import type { Database } from '../../../db/client.ts';
import type { Clock, TimerHandle } from '../../kernel/clock.ts';
import type { AccountId } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Conversations } from '../rooms.ts';
import { attempt, outgoingOf } from './attempt.ts';
import { type ClaimedMessage, claimDoubtful, claimDue, nextDue } from './claim-store.ts';
import { outboxLimits, patience } from './limits.ts';
import { createRate, type Rate } from './rate.ts';
import type { News, Settlement } from './settlement.ts';

export interface LaneOptions {
  readonly accountId: AccountId;
  /** The account's adapter now; undefined = off. Another object = its settings changed. */
  readonly channel: () => MessageChannel | undefined;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly settlement: Settlement;
  readonly readFile: Conversations['readFile'];
}

/** The messages of one account on their way out. */
export interface Lane {
  /** Something may be due. */
  wake(): void;
  /** Waits until nothing is under way but attempts. */
  idle(): Promise<void>;
  /** Begins nothing more; waits for attempts under way, with a bound: leases tell of the rest. Idempotent. */
  close(): Promise<void>;
}

/**
 * Claims as many due messages at once as the account's rate and its attempts at once allow, so that a statement serves many.
 * Pauses when the provider asks for it, stops when the account is refused, and looks after doubts and deadlines.
 */
export function createLane(options: LaneOptions): Lane {
  const { accountId, db, clock, log, settlement, readFile } = options;
  let channel: MessageChannel | undefined;
  let rate: Rate = createRate(1, clock.now());
  let pausedUntil = 0;
  let sweepAt = 0;
  let askAt = 0;
  let pumping: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let timer: TimerHandle | undefined;
  const under = new Set<Promise<void>>();

  function wake(): void {
    again = true;
    if (closed || pumping) return;
    pumping = pump()
      .catch((error: unknown) => {
        log.error({ err: error, accountId }, 'outbox lane failed');
        sleep(outboxLimits.pollMs);
      })
      .finally(() => {
        pumping = undefined;
        if (again && !closed) wake();
      });
  }

  function sleep(ms: number): void {
    timer?.cancel();
    timer = closed ? undefined : clock.after(Math.max(1, ms), wake);
  }

  async function pump(): Promise<void> {
    while (again && !closed) {
      again = false;
      lookAtChannel();
      if (!channel) return;
      if (clock.now() >= sweepAt) await sweep(channel);
      const room = roomOf(channel);
      if (room === 0) continue;
      const { leaseMs } = patience[channel.channel];
      const rows = await claimDue(db, accountId, { now: clock.now(), leaseMs, limit: room });
      rate.take(rows.length);
      // one message finds out whether it is still down; the others keep their attempts
      if (rows.length > 0 && channel.health().state === 'down') pauseUntil(clock.now() + outboxLimits.probeMs);
      const claimedFor = channel;
      // the account may have been set anew while its rows were read
      lookAtChannel();
      for (const row of rows) track(row.isRefused ? refuse(row) : send(channel ?? claimedFor, row));
      if (rows.length === room) again = true;
    }
    await sleepUntilDue();
  }

  /** An account that was set anew is tried at once. */
  function lookAtChannel(): void {
    const current = options.channel();
    if (current === channel) return;
    channel = current;
    pausedUntil = 0;
    sweepAt = 0;
    if (channel) rate = createRate(channel.capabilities.rate.perSecond, clock.now());
  }

  function roomOf({ capabilities, health }: MessageChannel): number {
    const now = clock.now();
    const { concurrency } = capabilities.rate;
    const free = concurrency - under.size;
    // a few slots are not worth a statement while others are about to come free
    if (now < pausedUntil || free <= 0 || (under.size > 0 && free < concurrency / 4)) return 0;
    const room = Math.min(free, rate.available(now), outboxLimits.batch);
    return health().state === 'down' ? Math.min(room, 1) : room;
  }

  function track(work: Promise<void>): void {
    under.add(work);
    void work.finally(() => {
      under.delete(work);
      wake();
    });
  }

  async function send(via: MessageChannel, row: ClaimedMessage): Promise<void> {
    const result = await attempt(via, outgoingOf(row, readFile), clock);
    heed(via, result);
    await settled({ kind: 'own', id: row.id, event: { kind: 'result', attempt: row.attempt, result } });
  }

  const refuse = ({ id, attempt: number }: ClaimedMessage): Promise<void> =>
    settled({ kind: 'own', id, event: { kind: 'refused', attempt: number } });

  /** What an answer says of the account. */
  function heed(via: MessageChannel, result: SendResult): void {
    const now = clock.now();
    if (result.kind === 'throttled' && !result.isAlone)
      pauseUntil(now + Math.min(result.afterMs ?? outboxLimits.throttleDefaultMs, outboxLimits.throttleMs));
    // the answer of an adapter that was replaced meanwhile is about settings of yesterday
    if (result.kind !== 'account_down' || via !== channel) return;
    log.warn({ accountId, problem: result.problem }, 'account of messages refused');
    pauseUntil(now + outboxLimits.accountDownMs);
  }

  const pauseUntil = (at: number): void => {
    pausedUntil = Math.max(pausedUntil, at);
  };

  /** The database may be away for a while: tried again as long as the process lives; after that the lease tells. */
  async function settled(news: News): Promise<void> {
    for (let waitMs = 50; ; waitMs = Math.min(2 * waitMs, 5_000)) {
      try {
        return await settlement.settle(news);
      } catch (error) {
        log.error({ err: error, accountId }, 'what became of a message was not stored');
        if (closed) return;
        await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
      }
    }
  }

  async function sweep(via: MessageChannel): Promise<void> {
    const now = clock.now();
    sweepAt = now + outboxLimits.pollMs;
    await settlement.sweep(accountId, 'lost');
    await settlement.sweep(accountId, 'expired');
    const askedAgainAt = now + patience[via.channel].settleMs;
    const asked = { now, again: askedAgainAt, limit: outboxLimits.lookUps };
    const doubtful = await claimDoubtful(db, accountId, asked);
    if (doubtful.length === outboxLimits.lookUps) sweepAt = now;
    for (const row of doubtful) track(lookUp(via, row));
  }

  async function lookUp(via: MessageChannel, row: ClaimedMessage): Promise<void> {
    const { settles } = via.capabilities;
    const found = await ask(via, row);
    const { attempt: number, startedAt } = row;
    await settled({
      kind: 'own',
      id: row.id,
      event: { kind: 'looked_up', attempt: number, found, settles, startedAt },
    });
  }

  async function ask(via: MessageChannel, row: ClaimedMessage): Promise<LookUpResult> {
    try {
      return (await via.lookUp?.(outgoingOf(row, readFile), row.startedAt)) ?? { kind: 'cannot_tell' };
    } catch (error) {
      log.error({ err: error, accountId }, 'look-up of a message failed');
      return { kind: 'cannot_tell' };
    }
  }

  /** Instants, not waits: time passes while the database is asked. */
  async function sleepUntilDue(): Promise<void> {
    if (closed) return;
    const now = clock.now();
    const wakeAt = [now + outboxLimits.pollMs];
    if (rate.waitMs(now) > 0) wakeAt.push(now + rate.waitMs(now));
    if (pausedUntil > now) wakeAt.push(pausedUntil);
    // while attempts are under way their ends wake us: the question can wait
    if (under.size > 0 && now < askAt) wakeAt.push(askAt);
    else wakeAt.push(...(await dueAt(now)));
    sleep(Math.min(...wakeAt) - clock.now());
  }

  async function dueAt(now: number): Promise<number[]> {
    askAt = now + outboxLimits.askMs;
    const due = await nextDue(db, accountId, now);
    if (due.sweepAt !== null) sweepAt = Math.min(sweepAt, Math.max(due.sweepAt, now + 1));
    return due.sendAt === null ? [sweepAt] : [sweepAt, Math.max(due.sendAt, pausedUntil)];
  }

  return {
    wake,
    async idle() {
      while (pumping) await pumping;
    },
    async close() {
      closed = true;
      timer?.cancel();
      await pumping;
      let bound: TimerHandle | undefined;
      const late = new Promise<void>((resolve) => {
        bound = clock.after(outboxLimits.closeMs, resolve);
      });
      await Promise.race([Promise.all(under), late]);
      bound?.cancel();
    },
  };
}
