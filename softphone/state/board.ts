import type { BoardView } from '../../server/contract/board.ts';

/** Of two boards the one to be shown: the one that knows more of the journal; of equal ones the later. Pure. */
export function newerBoard(held: BoardView | undefined, next: BoardView): BoardView {
  if (held === undefined || next.seq > held.seq) return next;
  return next.seq === held.seq && next.at >= held.at ? next : held;
}
