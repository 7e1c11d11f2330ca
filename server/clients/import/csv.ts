import { importLimits } from './limits.ts';

export interface CsvReader {
  /** Rows that ended in this piece of text. */
  read(text: string): string[][];
  /** The last row, when the file does not end with a line end. */
  end(): string[][];
}

/**
 * Reads CSV (RFC 4180) piece by piece, forgiving what other programs write: line ends of any system, quotes inside
 * unquoted cells, text behind a closing quote, a quote that nobody closes. Rows without any text are left out. Cells
 * and rows longer than the limits are cut; nothing throws.
 */
export function createCsvReader(delimiter: string): CsvReader {
  let rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  /** `quote`: behind a quote inside a quoted cell, which is its end or the first of two. */
  let state: 'start' | 'plain' | 'quoted' | 'quote' = 'start';
  let wasReturn = false;
  let length = 0;

  function add(text: string): void {
    const room = Math.min(importLimits.cellText - cell.length, importLimits.rowText - length);
    if (room <= 0) return;
    const kept = text.length > room ? text.slice(0, room) : text;
    cell += kept;
    length += kept.length;
  }

  function endCell(): void {
    if (row.length < importLimits.columns) row.push(cell);
    cell = '';
    state = 'start';
  }

  function endRow(): void {
    endCell();
    if (row.some((one) => one.trim() !== '')) rows.push(row);
    row = [];
    length = 0;
  }

  /** One character that is not inside a run of plain text. */
  function take(char: string): void {
    if (state === 'quoted') {
      if (char === '"') state = 'quote';
      else add(char);
      return;
    }
    if (char === '"' && state === 'start') state = 'quoted';
    else if (char === '"' && state === 'quote') {
      add('"');
      state = 'quoted';
    } else if (char === delimiter) endCell();
    else if (char === '\n' && wasReturn) return;
    else if (char === '\n' || char === '\r') endRow();
    else {
      add(char);
      state = 'plain';
    }
  }

  const special = delimiter === '\t' ? /["\t\r\n]/g : new RegExp(`["\\r\\n${delimiter}]`, 'g');
  const quote = /"/g;

  return {
    read(text) {
      let at = 0;
      while (at < text.length) {
        // everything up to the next character that means something, at once
        const stop = state === 'quoted' ? quote : special;
        stop.lastIndex = at;
        const next = stop.exec(text)?.index ?? text.length;
        if (next > at) {
          add(text.slice(at, next));
          if (state !== 'quoted') state = 'plain';
          wasReturn = false;
        }
        if (next < text.length) {
          const char = text.charAt(next);
          const inside = state === 'quoted';
          take(char);
          wasReturn = char === '\r' && !inside;
        }
        at = next + 1;
      }
      const ended = rows;
      rows = [];
      return ended;
    },
    end() {
      if (state !== 'start' || row.length > 0) endRow();
      const ended = rows;
      rows = [];
      return ended;
    },
  };
}

/** A phone as people write it, perhaps with an extension; any other number with a sign is one too. */
const number = String.raw`[+-]?[ (]{0,2}\d[\d ().-]*(?:,? ?(?:доб|ext)\.? ?\d+ ?)?`;

/** One or more of them: the only text with a plus or minus in front that is no formula. A lone sign is none of them. */
const numbers = new RegExp(`^${number}(?:[,;] *${number})*$`);

const isFormula = (cell: string): boolean => /^[=@\t\r\n]/.test(cell) || (/^[+-]/.test(cell) && !numbers.test(cell));

/** One row as text, with a line end. Text that a spreadsheet would run as a formula is told to be text. */
export function csvLine(cells: readonly string[], delimiter = ','): string {
  const written = cells.map((cell) => {
    const harmless = isFormula(cell) ? `'${cell}` : cell;
    return /["\r\n\t,;]/.test(harmless) || harmless.includes(delimiter) || /^\s|\s$/.test(harmless)
      ? `"${harmless.replaceAll('"', '""')}"`
      : harmless;
  });
  return `${written.join(delimiter)}\r\n`;
}
