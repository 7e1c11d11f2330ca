import type { ClientId } from '../../kernel/ids.ts';

/** Since when what clients did is looked at. */
export type Since = ReadonlyMap<ClientId, number>;

/** As two arrays of parameters. */
export const sinceValues = (since: Since): unknown[] => [
  [...since.keys()],
  [...since.values()].map((at) => new Date(at)),
];

/** Rows of many clients by client; their order stays. */
export function byClient<Row extends { client_id: ClientId }>(rows: readonly Row[]): Map<ClientId, Row[]> {
  const found = new Map<ClientId, Row[]>();
  for (const row of rows) {
    const known = found.get(row.client_id);
    if (known) known.push(row);
    else found.set(row.client_id, [row]);
  }
  return found;
}
