/** One measured value with what it was measured under. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly [dimension: string]: string | number | boolean;
}

/** Prints a figure as one line of JSON. A value that could not be measured is not printed. */
export function printFigure(figure: Figure): void {
  if (!Number.isFinite(figure.value)) return;
  process.stdout.write(`${JSON.stringify({ ...figure, value: round(figure.value) })}\n`);
}

/** Three digits that mean something. */
export const round = (value: number): number =>
  Math.abs(value) >= 100 ? Math.round(value * 10) / 10 : Number(value.toPrecision(3));

/** The value below which `share` (0-1) of the samples lie; NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
