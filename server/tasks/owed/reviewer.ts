import type { Database } from '../../../db/client.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ClientId, UserId } from '../../kernel/ids.ts';
import type { Journal } from '../../kernel/journal.ts';
import type { Log } from '../../kernel/log.ts';
import { owedLimits } from '../limits.ts';
import type { Rota } from '../rota.ts';
import type { Turns } from './decision.ts';
import { lastInTurn } from './find-store.ts';
import { type Look, review } from './review.ts';

export interface ReviewerOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly rota: Rota;
  /** After the commit: whose lists are different now; null = everybody's. */
  readonly onChanged: (userIds: readonly (UserId | null)[]) => void;
  /** After the commit: something is somebody's until then. */
  readonly onUntil: (at: number) => void;
}

/** Reviews clients, and tells what was different. One run at a time. */
export interface Reviewer {
  /** Reads who of each queue got a client in turn last. */
  start(): Promise<void>;
  /**
   * Many clients at a time, each in one transaction with others; when it fails, its clients one by one, so that one bad
   * card keeps none of the others from it.
   * @param looks each client once
   * @param isEnough asked between transactions
   * @returns what went wrong with whom
   */
  review(looks: readonly Look[], isEnough?: () => boolean): Promise<Map<ClientId, unknown>>;
}

export function createReviewer(options: ReviewerOptions): Reviewer {
  const { db, clock, log, journal, rota, onChanged, onUntil } = options;
  let turns: Turns = new Map();

  async function together(looks: readonly Look[]): Promise<void> {
    const { done, entries } = await db.transaction(async (tx) => {
      const done = await review({ tx, now: clock.now(), rota, turns }, looks);
      return { done, entries: await journal.append(tx, done.events) };
    });
    turns = done.turns;
    journal.published(entries);
    if (done.users.length > 0) onChanged(done.users);
    if (done.firstUntil !== null) onUntil(done.firstUntil);
  }

  async function oneByOne(looks: readonly Look[]): Promise<[ClientId, unknown][]> {
    const errors: [ClientId, unknown][] = [];
    for (const look of looks) {
      const { clientId } = look;
      await together([look]).catch((error: unknown) => {
        log.warn({ err: error, clientId }, 'a row of the ledger could not be reviewed');
        errors.push([clientId, error]);
      });
    }
    return errors;
  }

  async function some(looks: readonly Look[]): Promise<[ClientId, unknown][]> {
    if (looks.length < 2) return oneByOne(looks);
    try {
      await together(looks);
      return [];
    } catch (error) {
      log.warn({ err: error, clients: looks.length }, 'rows of the ledger could not be reviewed together');
      return oneByOne(looks);
    }
  }

  return {
    async start() {
      turns = await lastInTurn(db);
    },
    async review(looks, isEnough = () => false) {
      const errors: [ClientId, unknown][] = [];
      for (let from = 0; from < looks.length && !isEnough(); from += owedLimits.clients)
        errors.push(...(await some(looks.slice(from, from + owedLimits.clients))));
      return new Map(errors);
    },
  };
}
