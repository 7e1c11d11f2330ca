/** Bounds of an export. */
export const exportLimits = {
  /** Cards that one statement reads: the embedded engine serves nobody else meanwhile (some 10 ms). */
  page: 500,
  /** Exports that run at once in the whole house. */
  atOnce: 2,
} as const;
