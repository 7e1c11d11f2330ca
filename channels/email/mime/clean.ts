/** Explicit direction overrides, embeddings and isolates (UAX 9): they make text read as what it is not. */
const overrides = /[\u202a-\u202e\u2066-\u2069]/g;

/** Header values: one line, no control characters, no NUL (PostgreSQL refuses it), no lone surrogates. */
export function oneLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim()
    .toWellFormed();
}

/** Body text: line ends are \n, tabs stay, other control characters and direction overrides go. */
export function manyLines(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\t\n]/gu, '')
    .replace(overrides, '')
    .toWellFormed();
}

/** At most `length` code units, no surrogate pair cut in two. */
export function atMost(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
