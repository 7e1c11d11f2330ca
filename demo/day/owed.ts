import type { Owed } from './compare.ts';
import type { Query, Records } from './records.ts';

/** Clients whom we owe an answer, and how many rows of the ledger are closed. */
export interface Ledger {
  readonly clients: ReadonlySet<number>;
  readonly closed: number;
}

export async function readLedger(query: Query): Promise<Ledger> {
  const rows = await query<{ clientId: number }>(
    'SELECT client_id::int AS "clientId" FROM owed WHERE closed_at IS NULL',
    [],
  );
  const [closed] = await query<{ rows: number }>(
    'SELECT count(*)::int AS rows FROM owed WHERE closed_at IS NOT NULL',
    [],
  );
  return { clients: new Set(rows.map(({ clientId }) => clientId)), closed: closed?.rows ?? 0 };
}

export const owedBetween = (before: Ledger, after: Ledger): Owed => ({
  open: after.clients.size - before.clients.size,
  closed: after.closed - before.closed,
});

/**
 * What the ledger should say after these calls: a call that nobody took opens a row, a talk closes it. Whoever hides his
 * number cannot be called back and is owed nothing.
 * @param wasTaken whether the script saw the call answered
 */
export function expectedOwed(before: Ledger, { calls }: Records, wasTaken: (id: string) => boolean): Owed {
  const owed = new Set(before.clients);
  let closed = 0;
  const inOrder = [...calls].sort((a, b) => (a.answeredAt ?? a.endedAt ?? 0) - (b.answeredAt ?? b.endedAt ?? 0));
  for (const { id, clientId, direction, peer } of inOrder) {
    if (wasTaken(id)) {
      if (owed.delete(clientId)) closed++;
    } else if (direction === 'in' && peer !== '') owed.add(clientId);
  }
  return { open: owed.size - before.clients.size, closed };
}
