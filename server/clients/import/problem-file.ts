import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Executor } from '../../../db/client.ts';
import { AppError } from '../../kernel/errors.ts';
import { headRows, readHead } from './encoding.ts';
import { importLimits } from './limits.ts';
import { problemHeader, problemLine } from './report.ts';
import { isSeparatorLine } from './source.ts';
import { type ImportRow, readProblems } from './store.ts';

/** Column titles of the file; empty ones when it is gone or has none. */
async function headerOf(row: ImportRow, path: string): Promise<string[]> {
  if (!row.hasHeader || row.path === '') return [];
  const head = await readHead(path, row.encoding).catch(() => '');
  const [first = [], second = []] = headRows(head, row.delimiter, 2);
  return isSeparatorLine(first) ? second : first;
}

async function* ofPlan(header: string, path: string): AsyncGenerator<string | Buffer> {
  yield header;
  yield* createReadStream(path);
}

async function* ofImport(header: string, db: Executor, id: number, language: 'ru' | 'en'): AsyncGenerator<string> {
  yield header;
  for (let after = 0; ; ) {
    const rows = await readProblems(db, id, after, importLimits.largestBatch);
    const last = rows.at(-1);
    if (!last) return;
    after = last.row;
    yield rows
      .map(({ row, outcome, reasons, cells }) =>
        problemLine({ row, outcome, reasons: reasons ?? [], cells: cells ?? [] }, language),
      )
      .join('');
  }
}

/** The problem rows of an import as CSV, as they come. @throws AppError `not_found` before there is a plan */
export async function problemFile(
  db: Executor,
  row: ImportRow,
  { path, language }: { path: string; language: 'ru' | 'en' },
): Promise<Readable> {
  const header = problemHeader(await headerOf(row, path), language);
  if (row.startedAt) return Readable.from(ofImport(header, db, row.id, language), { objectMode: false });
  const planned = `${path}.problems`;
  const isThere = row.plan !== null && (await stat(planned).catch(() => null)) !== null;
  if (!isThere) throw new AppError('not_found', 'there is no plan of this import');
  return Readable.from(ofPlan(header, planned), { objectMode: false });
}
