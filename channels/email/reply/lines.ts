/** One line of a text and where it stands in it. */
export interface Line {
  readonly text: string;
  /** Without blanks at either end. */
  readonly bare: string;
  readonly start: number;
  /** Past its line end. */
  readonly end: number;
}

export function linesOf(text: string): Line[] {
  let start = 0;
  const pieces = text.split('\n');
  return pieces.map((piece, index) => {
    const end = start + piece.length + (index < pieces.length - 1 ? 1 : 0);
    const line = { text: piece, bare: piece.trim(), start, end };
    start = end;
    return line;
  });
}

export const isBlank = (line: Line | undefined): boolean => line?.bare === '';
export const isQuoted = (line: Line | undefined): boolean => line?.bare.startsWith('>') ?? false;
