import { closeSync, openSync, readSync } from 'node:fs';
import type { ImportDelimiter, ImportEncoding } from '../../contract/client-imports.ts';
import { createCsvReader } from './csv.ts';
import { importLimits } from './limits.ts';

/** How a file is read. */
export interface FileFormat {
  readonly encoding: ImportEncoding;
  readonly delimiter: ImportDelimiter;
  readonly hasHeader: boolean;
}

/** A first line `sep=;` tells a spreadsheet the delimiter and is no row. */
export const isSeparatorLine = (row: readonly string[]): boolean => /^sep=.?$/i.test(row[0] ?? '');

/** A row of a file and how many bytes were read when it came. */
export interface SourceRow {
  readonly row: number;
  readonly cells: readonly string[];
  readonly bytesRead: number;
}

/** Rows of a file under its header, from the row with this number on; blocks while it reads: for a thread of its own. */
export function* rowsOf(path: string, format: FileFormat, after = 0): Generator<SourceRow> {
  const file = openSync(path, 'r');
  try {
    const decoder = new TextDecoder(format.encoding);
    const reader = createCsvReader(format.delimiter);
    const chunk = new Uint8Array(importLimits.chunkBytes);
    let row = format.hasHeader ? -1 : 0;
    let isFirst = true;
    let bytesRead = 0;
    for (let isEnd = false; !isEnd; ) {
      const count = readSync(file, chunk);
      bytesRead += count;
      isEnd = count === 0;
      const rows = reader.read(decoder.decode(chunk.subarray(0, count), { stream: !isEnd }));
      if (isEnd) rows.push(...reader.end());
      for (const cells of rows) {
        const skip = isFirst && isSeparatorLine(cells);
        isFirst = false;
        if (skip) continue;
        row++;
        if (row > importLimits.rows) return;
        if (row > after) yield { row, cells, bytesRead };
      }
    }
  } finally {
    closeSync(file);
  }
}
