import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import { createJournal, type JournalEntry, type StatementRunner } from '../../../server/kernel/journal.ts';
import { silentLog } from '../../../server/kernel/log.ts';

/** An outbox whose sweeps are written down. */
function openOutbox() {
  const swept: unknown[] = [];
  const clock = createFakeClock();
  const db: StatementRunner = {
    async run({ name, values }) {
      if (name === 'outbox_sweep') swept.push(...(values[0] as number[]));
      return [];
    },
  };
  return { journal: createJournal({ db, log: silentLog, after: clock.after }), clock, swept };
}

const entries: JournalEntry[] = [1, 2, 3].map((seq) => ({ seq, type: 'interaction.opened' }));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('readers of the journal', () => {
  it('hear of every event in order, also while another reader is busy with the first, or fails', async () => {
    const { journal, clock, swept } = openOutbox();
    const heard: number[] = [];
    const busy = Promise.withResolvers<void>();
    journal.subscribe(({ seq }) => (seq === 1 ? busy.promise : undefined));
    journal.subscribe(({ seq }) => {
      if (seq === 2) throw new Error('cannot read this one');
    });
    journal.subscribe(({ seq }) => void heard.push(seq));
    journal.published(entries);
    expect(heard).toEqual([1, 2, 3]);
    await turn();
    clock.advance(1_000);
    await turn();
    // what somebody has not read yet, or could not, is told again at the next start
    expect(swept).toEqual([3]);
    busy.resolve();
    await turn();
    await journal.close();
    expect(swept).toEqual([3, 1]);
  });

  it('hear of what a crash left in order, many beside each other; what one could not read stays', async () => {
    const rows = Array.from({ length: 450 }, (_, index) => ({ seq: index + 1, type: 'client.changed', data: {} }));
    const swept: number[] = [];
    const db = {
      run: async ({ name, values }: { name: string; values: readonly unknown[] }) => {
        if (name === 'outbox_replay') return rows;
        if (name === 'outbox_sweep') swept.push(...(values[0] as number[]));
        return [];
      },
    } as StatementRunner;
    const journal = createJournal({ db, log: silentLog, after: createFakeClock().after });
    const heard: number[] = [];
    let beside = 0;
    let most = 0;
    journal.subscribe(async ({ seq }) => {
      heard.push(seq);
      most = Math.max(most, ++beside);
      await turn();
      beside--;
      if (seq === 7) throw new Error('cannot read this one');
    });
    expect(await journal.replay()).toBe(450);
    const all = rows.map(({ seq }) => seq);
    expect(heard).toEqual(all);
    expect(most).toBe(200);
    expect(swept.toSorted((one, other) => one - other)).toEqual(all.filter((seq) => seq !== 7));
  });
});
