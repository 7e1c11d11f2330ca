import { limits } from '../limits.ts';
import type { HtmlToken } from './tokens.ts';
import { visibleTokens } from './visible.ts';

export interface HtmlText {
  readonly text: string;
  /** Where in `text` the quoted original begins, when an element says so that is no blockquote. */
  readonly originalAt: number | null;
}

const words = (list: string): Set<string> => new Set(list.split(' '));
/** Begin and end on a line of their own. */
const blocks = words(
  'address article aside blockquote center dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul',
);
/** With an empty line round them. */
const paragraphs = words('blockquote h1 h2 h3 h4 h5 h6 ol p pre ul');

type OpenToken = Extract<HtmlToken, { kind: 'open' }>;

/** The elements with which Outlook and its relatives begin the original; no quotation mark follows them. */
function beginsOriginal({ attributes }: OpenToken): boolean {
  const id = attributes.get('id') ?? '';
  if (/^(?:x_)?(?:appendonsend|divRplyFwdMsg|OLK_SRC_BODY_SECTION)$/.test(id)) return true;
  const style = (attributes.get('style') ?? '').replace(/\s+/g, '').toLowerCase();
  return /border:none;border-top:solid#?(?:e1e1e1|b5c4df)/.test(style);
}

/** Lines with their quotation marks; never two empty lines one after another, none at the beginning. */
function createLines() {
  const lines: string[] = [];
  let length = 0;
  let line: string[] = [];
  let quotes = 0;
  let preformatted = 0;
  const mark = () => '> '.repeat(Math.min(quotes, limits.quoteDepth));
  /** Of the last line: marks and blanks only. Asked of every gap, so it is kept and not looked for. */
  let empty = true;
  let gapped = false;
  function push(text: string): void {
    lines.push(text);
    length += text.length + 1;
    empty = /^[> ]*$/.test(text);
    gapped = false;
  }
  function flush(): void {
    const raw = line.join('');
    line = [];
    const text = preformatted > 0 ? raw.trimEnd() : raw.replace(/[ \t\n\r\f]+/g, ' ').trim();
    // in <pre> the line ends are the writer's
    if (text !== '') for (const one of text.split('\n')) push(mark() + one);
  }
  function gap(): void {
    flush();
    // the gap after a quotation is not part of it
    if (gapped) length -= (lines.pop()?.length ?? 0) + 1;
    else if (empty) return;
    push(mark().trimEnd());
    gapped = true;
  }
  return {
    isFull: () => length > limits.textLength,
    write: (text: string) => line.push(text),
    flush,
    gap,
    /** A line end that the writer made: an empty line counts, but only one. */
    breakLine(): void {
      if (line.join('').trim() === '') gap();
      else flush();
    },
    quote(step: 1 | -1): void {
      flush();
      quotes = Math.max(0, quotes + step);
    },
    preformat(step: 1 | -1): void {
      flush();
      preformatted = Math.max(0, preformatted + step);
    },
    /** Offset at which the next line will begin. */
    offset(): number {
      flush();
      return length;
    },
    text: () => lines.join('\n'),
  };
}

type Lines = ReturnType<typeof createLines>;

function open(lines: Lines, { name }: OpenToken): void {
  if (name === 'br') lines.breakLine();
  else if (paragraphs.has(name)) lines.gap();
  else if (blocks.has(name)) lines.flush();
  if (name === 'blockquote') lines.quote(1);
  if (name === 'pre') lines.preformat(1);
  if (name === 'li') lines.write('• ');
  if (name === 'td' || name === 'th') lines.write(' ');
}

function close(lines: Lines, name: string): void {
  if (name === 'pre') lines.preformat(-1);
  if (name === 'blockquote') lines.quote(-1);
  if (paragraphs.has(name)) lines.gap();
  else if (blocks.has(name)) lines.flush();
}

/**
 * The words of an HTML part for search, for lists and for finding the quotation: blocks as lines, blockquotes as `> `, table cells
 * side by side. No layout, no links, no images. At most about limits.textLength.
 */
export function htmlToText(html: string): HtmlText {
  const lines = createLines();
  let originalAt: number | null = null;
  for (const token of visibleTokens(html)) {
    if (lines.isFull()) break;
    if (token.kind === 'text') lines.write(token.text.replaceAll('\u00a0', ' '));
    else if (token.kind === 'close') close(lines, token.name);
    else {
      if (originalAt === null && beginsOriginal(token)) originalAt = lines.offset();
      open(lines, token);
    }
  }
  lines.flush();
  return { text: lines.text().trimEnd(), originalAt };
}
