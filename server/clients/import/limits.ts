/** Bounds of an import: of the file, of what is read from it, and of what one statement writes. */
export const importLimits = {
  fileBytes: 200 * 1024 * 1024,
  fileName: 200,
  rows: 2_000_000,
  columns: 200,
  /** Characters of one cell, and of all cells of one row. */
  cellText: 10_000,
  rowText: 100_000,
  /** Addresses of one row. */
  phones: 20,
  emails: 20,
  tags: 50,
  tagText: 50,
  warningText: 500,
  /** Rows shown before anything is planned, and bytes read for them. */
  previewRows: 20,
  previewBytes: 131_072,
  /** Problem rows and cards kept by an undo that are shown; the rest is in the file. */
  problems: 100,
  imports: 50,
  /** Bytes read at once. */
  chunkBytes: 262_144,
  /** Rows of one batch: as many as take about `batchMs`. */
  firstBatch: 50,
  smallestBatch: 10,
  largestBatch: 1000,
  /**
   * How long one batch may keep the database. The embedded engine serves one statement at a time, so this is what a
   * call may have to wait.
   */
  batchMs: { embedded: 20, postgres: 200 },
  /** Cards of one look-up while planning. */
  planBatch: 200,
  /** A batch that meets a card changed meanwhile is read and decided again, so often. */
  attempts: 8,
  undoDays: 30,
} as const;
