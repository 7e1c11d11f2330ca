import type { Database, Executor, Statement } from '../../../db/client.ts';
import { createJournal, type JournalEntry } from '../../../server/kernel/journal.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { createLedger, type Ledger } from '../../../server/tasks/owed/ledger.ts';
import { createRota } from '../../../server/tasks/rota.ts';
import type { openHouse } from './house.ts';

type House = Awaited<ReturnType<typeof openHouse>>;

/** What happens in the house is written down, and nobody hears of it. @returns the entries so far, and begins anew */
export function holdBack(house: House): () => JournalEntry[] {
  let held: JournalEntry[] = [];
  house.journal.published = (entries) => void held.push(...entries);
  return () => {
    const entries = held;
    held = [];
    return entries;
  };
}

export interface LoneLedger {
  readonly ledger: Ledger;
  /** Own events of it, in order. */
  readonly heard: JournalEntry[];
  /** Tells it of these at once, and waits until it has followed them. */
  tell(entries: readonly JournalEntry[]): Promise<void>;
}

/** A ledger of its own over the house's database, with a journal of its own. */
export function openLedger(db: Database, house: House): LoneLedger {
  const { clock, setup } = house;
  const journal = createJournal({ db, log: silentLog, after: (ms, fn) => clock.after(ms, fn) });
  const heard: JournalEntry[] = [];
  journal.subscribe((entry) => void (entry.type.startsWith('owed.') && heard.push(entry)));
  const rota = createRota(setup);
  const ledger = createLedger({ db, clock, log: silentLog, journal, rota, onChanged: () => {} });
  return {
    ledger,
    heard,
    async tell(entries) {
      journal.published(entries);
      await ledger.idle();
    },
  };
}

type WrittenStatement = Pick<Statement, 'name' | 'values'>;

/** The same database, with every statement written down, begin and commit included. */
export function written(db: Database): { readonly db: Database; readonly statements: WrittenStatement[] } {
  const statements: WrittenStatement[] = [];
  const over = <T extends Executor>(executor: T): T => ({
    ...executor,
    run: <Row>(statement: Statement) => {
      statements.push(statement);
      return executor.run<Row>(statement);
    },
  });
  const transaction: Database['transaction'] = async (work) => {
    statements.push({ name: 'begin', values: [] });
    const result = await db.transaction((tx) => work(over(tx)));
    statements.push({ name: 'commit', values: [] });
    return result;
  };
  return { db: { ...over(db), transaction }, statements };
}
