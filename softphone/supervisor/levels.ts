import type { BoardView, MessagesWaiting, Share } from '../../server/contract/board.ts';
import { percentOf } from './figures.ts';

/** How much a tile wants to be looked at; the icon and the word say the same as the colour. */
export type Level = 'calm' | 'attention' | 'trouble';

/** Per cent of calls that are to be answered in time, until queues have targets of their own: the field's usual 80. */
export const SERVICE_LEVEL_TARGET = 80;
/** So far below the target it is no longer chance. */
const TARGET_MARGIN = 10;

/** @param longestMs wait of the one who waits longest, 0 = nobody waits */
export function waitingLevel(longestMs: number, waiting: number, answerSeconds: number): Level {
  if (waiting === 0) return 'calm';
  return longestMs > answerSeconds * 1000 ? 'trouble' : 'attention';
}

/** By the last half hour; when nobody called in it, by the day. A day without calls is calm. */
export function levelOfService(day: Share, recent: Share): Level {
  const percent = percentOf(recent) ?? percentOf(day);
  if (percent === null || percent >= SERVICE_LEVEL_TARGET) return 'calm';
  return percent >= SERVICE_LEVEL_TARGET - TARGET_MARGIN ? 'attention' : 'trouble';
}

/** Of one share alone, for a cell of a table. */
export const shareLevel = (share: Share): Level => levelOfService(share, share);

/** With less than this left somebody should look whether it will be answered. */
const SOON_MS = 15 * 60_000;

/** Somebody who wrote waits past his time, or soon will. @param now ms since the epoch */
export function messagesLevel({ waiting, overdue, firstDueAt }: MessagesWaiting, now: number): Level {
  if (waiting === 0 || firstDueAt === null) return 'calm';
  const leftMs = Date.parse(firstDueAt) - now;
  if (overdue > 0 || leftMs <= 0) return 'trouble';
  return leftMs < SOON_MS ? 'attention' : 'calm';
}

/** Somebody whom we owe an answer has waited too long for it. */
export function owedLevel({ open, overdue }: BoardView['owed']): Level {
  if (overdue > 0) return 'trouble';
  return open > 0 ? 'attention' : 'calm';
}

/** Nobody can take a call while somebody waits; nobody could; somebody who should be there is not. */
export function staffLevel(counts: { readonly available: number; readonly missing: number }, waiting: number): Level {
  if (counts.available === 0 && waiting > 0) return 'trouble';
  return counts.available === 0 || counts.missing > 0 ? 'attention' : 'calm';
}

/** The board is not live; or agents were rung who could not hear it. */
export function healthLevel(online: boolean, phantomRings: number): Level {
  if (!online) return 'trouble';
  return phantomRings > 0 ? 'attention' : 'calm';
}
