import { limits } from '../limits.ts';
import type { Notes } from './notes.ts';

/** One field: name in lower case, value unfolded, one character per byte (latin1): it is not decoded yet. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

export interface Head {
  readonly fields: HeaderField[];
  /** Offset of the first byte of the body. */
  readonly bodyAt: number;
}

const lineFeed = 10;
/** RFC 5322 section 3.6.8: printable ASCII without the colon. Blanks before the colon are the obsolete syntax of 4.5. */
const fieldLine = /^([!-9;-~]{1,120})[ \t]*:[ \t]*/;
/** The envelope line that mbox files put before a message; `>From ` when it went through one twice. */
const mboxLine = /^>?From /;

/** Past the empty line that ends a header which is too long to be read whole. */
function afterEmptyLine(bytes: Buffer, from: number): number {
  const bare = bytes.indexOf('\n\n', from);
  const proper = bytes.indexOf('\n\r\n', from);
  if (bare < 0 && proper < 0) return bytes.length;
  return proper < 0 || (bare >= 0 && bare < proper) ? bare + 2 : proper + 3;
}

/** Collects fields line by line. */
function createFields(notes: Notes) {
  const fields: { name: string; lines: string[]; length: number }[] = [];
  function append(text: string): void {
    const last = fields.at(-1);
    if (!last) return;
    if (last.length + text.length > limits.fieldBytes) {
      notes.truncated.add('header');
      return;
    }
    last.lines.push(text);
    last.length += text.length + 1;
  }
  return {
    count: () => fields.length,
    /** @returns false for a line that is neither a field nor its continuation */
    add(line: string): boolean {
      if (line.startsWith(' ') || line.startsWith('\t')) {
        append(line.trim());
        return true;
      }
      const match = fieldLine.exec(line);
      if (!match?.[1]) return false;
      fields.push({ name: match[1].toLowerCase(), lines: [], length: 0 });
      append(line.slice(match[0].length).trim());
      return true;
    },
    all: (): HeaderField[] => fields.map(({ name, lines }) => ({ name, value: lines.join(' ') })),
  };
}

/**
 * Splits an entity into its fields and its body (RFC 5322 section 2.2, RFC 2045 section 3). Lines without a colon are skipped;
 * when the very first line is none of a header, everything is body.
 */
export function readHead(bytes: Buffer, notes: Notes): Head {
  const fields = createFields(notes);
  let at = 0;
  while (at < bytes.length) {
    if (at >= limits.headBytes || fields.count() >= limits.fields) {
      notes.truncated.add('header');
      return { fields: fields.all(), bodyAt: afterEmptyLine(bytes, at - 1) };
    }
    const found = bytes.indexOf(lineFeed, at);
    const next = found < 0 ? bytes.length : found + 1;
    const line = bytes.toString('latin1', at, next).replace(/\r?\n$/, '');
    if (line === '' || line === '\r') return { fields: fields.all(), bodyAt: next };
    if (!fields.add(line)) {
      if (at === 0 && !mboxLine.test(line)) return { fields: [], bodyAt: 0 };
      if (!mboxLine.test(line)) notes.defects.add('header-junk');
    }
    at = next;
  }
  return { fields: fields.all(), bodyAt: bytes.length };
}

/** The first field of that name counts: a second From or Subject is what a forger adds. Null when there is none. */
export function fieldOf(fields: readonly HeaderField[], name: string): string | null {
  return fields.find((field) => field.name === name)?.value ?? null;
}

export const fieldsOf = (fields: readonly HeaderField[], name: string): string[] =>
  fields.filter((field) => field.name === name).map(({ value }) => value);
