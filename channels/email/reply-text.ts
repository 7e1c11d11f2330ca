import { isBlank, isQuoted, type Line, linesOf } from './reply/lines.ts';
import {
  attributionAt,
  isForwardMark,
  isHeaderBlock,
  isOriginalMark,
  isOwnMark,
  isSignatureStart,
} from './reply/marks.ts';

/**
 * `written`: the writer's words of now. `answered`: quotation between which he answers, so it is needed to understand them.
 * `quoted`: the rest of the conversation and the lines that introduce it. `signature`: who he is, again.
 */
export type ReplyPartKind = 'written' | 'answered' | 'quoted' | 'signature';

/** A stretch of the text: `text.slice(start, end)`. */
export interface ReplyPart {
  readonly kind: ReplyPartKind;
  readonly start: number;
  readonly end: number;
}

/** The line from which on everything is the original, by a mark of ours, Outlook's lines, or the HTML. Null for a forward. */
function originalFrom(lines: readonly Line[], originalAt: number | null): number | null {
  let hasWords = false;
  for (const [index, line] of lines.entries()) {
    if (isForwardMark(line)) return null;
    const byHtml = originalAt !== null && line.start >= originalAt && (lines[index - 1]?.start ?? -1) < originalAt;
    // with nothing above them these two say nothing: the answer is below
    const below = hasWords && (byHtml || isOwnMark(line));
    if (below || isOriginalMark(line) || isHeaderBlock(lines, index)) return index;
    hasWords ||= !isBlank(line) && !isQuoted(line);
  }
  return lines.length;
}

/** Without the empty lines and the rule that stand in front of an original. */
function withoutRule(lines: readonly Line[], end: number): number {
  let last = end;
  while (last > 0 && (isBlank(lines[last - 1]) || /^_{5,}$/.test(lines[last - 1]?.bare ?? ''))) last--;
  return last;
}

/** Every line before `end` as words, quotation or attribution; empty lines belong to what is above them. */
function sortLines(lines: readonly Line[], end: number): ('words' | 'quotation' | 'attribution')[] {
  const kinds: ('words' | 'quotation' | 'attribution')[] = [];
  for (let at = 0; at < end; at++) {
    if (isBlank(lines[at])) {
      kinds.push(kinds.at(-1) ?? 'words');
      continue;
    }
    const introducing = isQuoted(lines[at]) ? 0 : attributionAt(lines, at);
    for (let count = 0; count < introducing; count++) kinds.push('attribution');
    if (introducing > 0) at += introducing - 1;
    else kinds.push(isQuoted(lines[at]) ? 'quotation' : 'words');
  }
  return kinds;
}

interface Run {
  readonly kind: 'words' | 'quotation' | 'attribution';
  readonly from: number;
  to: number;
  /** First line of its signature; `to` when it has none. */
  signatureFrom: number;
}

/** Where the signature of a run of words begins. Above it something must be written, in this run or before. */
function signatureOf(lines: readonly Line[], { from, to }: Run, hasWords: boolean): number {
  let written = hasWords;
  for (let at = from; at < to; at++) {
    if (isBlank(lines[at])) continue;
    if (written && isSignatureStart(lines, at, to)) return at;
    written = true;
  }
  return to;
}

function runsOf(lines: readonly Line[], end: number): Run[] {
  const runs: Run[] = [];
  for (const [at, kind] of sortLines(lines, end).entries()) {
    const last = runs.at(-1);
    if (last?.kind === kind) last.to = at + 1;
    else runs.push({ kind, from: at, to: at + 1, signatureFrom: at + 1 });
  }
  let hasWords = false;
  for (const run of runs) {
    run.signatureFrom = run.kind === 'words' ? signatureOf(lines, run, hasWords) : run.to;
    hasWords ||= hasWordsOfNow(lines, run);
  }
  return runs;
}

function hasWordsOfNow(lines: readonly Line[], { kind, from, signatureFrom }: Run): boolean {
  return kind === 'words' && lines.slice(from, signatureFrom).some((line) => !isBlank(line));
}

/** Are there words below a quotation and words elsewhere too? Then the answers stand between the lines. */
function isInterleaved(lines: readonly Line[], runs: readonly Run[]): boolean {
  const written = runs.filter((run) => hasWordsOfNow(lines, run));
  const last = written.at(-1);
  const firstQuotation = runs.findIndex(({ kind }) => kind === 'quotation');
  return written.length > 1 && last !== undefined && firstQuotation >= 0 && firstQuotation < runs.indexOf(last);
}

/** Kinds of all lines. */
function kindsOf(lines: readonly Line[], originalAt: number | null): ReplyPartKind[] {
  const original = originalFrom(lines, originalAt);
  if (original === null) return lines.map(() => 'written');
  const runs = runsOf(lines, withoutRule(lines, original));
  const lastWritten = runs.findLastIndex((run) => hasWordsOfNow(lines, run));
  // nothing but quotation is shown rather than nothing
  if (lastWritten < 0) return lines.map(() => 'written');
  const interleaved = isInterleaved(lines, runs);
  const kinds: ReplyPartKind[] = lines.map(() => 'quoted');
  for (const [index, { kind, from, to, signatureFrom }] of runs.entries()) {
    if (kind === 'quotation' && interleaved && index < lastWritten) kinds.fill('answered', from, to);
    if (kind !== 'words') continue;
    kinds.fill('written', from, signatureFrom);
    kinds.fill('signature', signatureFrom, to);
  }
  return kinds;
}

/**
 * What in a text is new. Language hardly matters: quotation marks, times and addresses do. A forward is never cut, and when nothing
 * would be left everything is written. The parts follow each other without gaps and together are the whole text: nothing is lost.
 *
 * @param originalAt where the HTML says that the original begins (ReadMail.originalAt)
 */
export function replyParts(text: string, originalAt: number | null = null): ReplyPart[] {
  const lines = linesOf(text);
  const parts: { kind: ReplyPartKind; start: number; end: number }[] = [];
  for (const [index, kind] of kindsOf(lines, originalAt).entries()) {
    const { start, end } = lines[index] ?? { start: 0, end: 0 };
    const last = parts.at(-1);
    if (last?.kind === kind) last.end = end;
    else parts.push({ kind, start, end });
  }
  return parts;
}

/** What to show first: the writer's words and the quotation that they answer. Empty only for an empty text. */
export function writtenText(text: string, originalAt: number | null = null): string {
  return replyParts(text, originalAt)
    .filter(({ kind }) => kind === 'written' || kind === 'answered')
    .map(({ start, end }) => text.slice(start, end))
    .join('')
    .trim();
}
