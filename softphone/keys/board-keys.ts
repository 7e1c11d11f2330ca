import type { MessageKey } from '../i18n/translate.ts';
import type { KeyContext, KeyPress } from './key-map.ts';

export type BoardAction = 'next' | 'previous' | 'listen' | 'status' | 'finish' | 'map';

/** A jump to one of the blocks, by its number from the top. */
export interface BlockKey {
  readonly block: number;
}

/** Tiles, queues, agents, people we owe, messages. */
export const BLOCKS = 5;

interface Binding {
  readonly action: BoardAction;
  readonly message: MessageKey;
  /** Physical keys (event.code). */
  readonly codes: readonly string[];
  readonly shift?: true;
  readonly shown: string;
}

/** The supervisor's single keys. Enter on a row is the row's own. */
export const boardKeys: readonly Binding[] = [
  { action: 'next', message: 'boardKey.next', codes: ['KeyJ', 'ArrowDown'], shown: 'J, ↓' },
  { action: 'previous', message: 'boardKey.previous', codes: ['ArrowUp'], shown: '↑' },
  { action: 'previous', message: 'boardKey.previous', codes: ['KeyJ'], shift: true, shown: 'Shift J' },
  { action: 'listen', message: 'boardKey.listen', codes: ['KeyL'], shown: 'L' },
  { action: 'status', message: 'boardKey.status', codes: ['KeyS'], shown: 'S' },
  { action: 'finish', message: 'boardKey.finish', codes: ['KeyF'], shown: 'F' },
  { action: 'map', message: 'boardKey.map', codes: ['Slash'], shift: true, shown: '?' },
];

const DIGIT = /^(?:Digit|Numpad)([1-9])$/;

/** What a key press means on the board, or undefined when it is not ours. Pure. */
export function boardAction(
  press: KeyPress,
  context: Pick<KeyContext, 'typing' | 'overlay' | 'singleKeys'>,
): BoardAction | BlockKey | undefined {
  if (press.alt || press.ctrl || context.typing || context.overlay) return undefined;
  // arrows move in any case: they are no letters that somebody could say or slip on
  const isArrow = press.code.startsWith('Arrow');
  if (!isArrow && (press.repeat || !context.singleKeys)) return undefined;
  if (press.key === '?') return 'map';
  const digit = Number(DIGIT.exec(press.code)?.[1]);
  if (digit <= BLOCKS && !press.shift) return { block: digit };
  return boardKeys.find(({ codes, shift = false }) => codes.includes(press.code) && shift === press.shift)?.action;
}
