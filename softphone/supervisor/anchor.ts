/** Where a window that many elements share is to open: at the one that asked for it. */
export const placeOf = (rect: DOMRect | undefined) => ({
  position: 'fixed' as const,
  pointerEvents: 'none' as const,
  ...(rect === undefined ? {} : { left: rect.left, top: rect.top, width: rect.width, height: rect.height }),
});
