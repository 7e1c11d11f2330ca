import { describe, expect, it } from 'vitest';
import { boardAction, boardKeys } from '../../softphone/keys/board-keys.ts';
import type { KeyPress } from '../../softphone/keys/key-map.ts';

const press = (code: string, change: Partial<KeyPress> = {}): KeyPress => ({
  code,
  key: '',
  ctrl: false,
  alt: false,
  shift: false,
  repeat: false,
  ...change,
});
const free = { typing: false, overlay: false, singleKeys: true };

describe('the keys of the board', () => {
  const all = boardKeys.flatMap(({ action, codes, shift = false }) => codes.map((code) => ({ action, code, shift })));

  it.each(all)('$code (shift: $shift) means $action', ({ action, code, shift }) => {
    expect(boardAction(press(code, { shift }), free)).toBe(action);
  });

  it.each(all)('$code (shift: $shift) is left to a field and to an open window', ({ code, shift }) => {
    expect(boardAction(press(code, { shift }), { ...free, typing: true })).toBeUndefined();
    expect(boardAction(press(code, { shift }), { ...free, overlay: true })).toBeUndefined();
    expect(boardAction(press(code, { shift, ctrl: true }), free)).toBeUndefined();
    expect(boardAction(press(code, { shift, alt: true }), free)).toBeUndefined();
  });

  it('have no key twice', () => {
    const used = all.map(({ code, shift }) => `${code}${shift}`);
    expect(new Set(used).size).toBe(used.length);
  });

  it('jump to the five blocks by 1 to 5, on either row of digits', () => {
    expect(boardAction(press('Digit1'), free)).toEqual({ block: 1 });
    expect(boardAction(press('Numpad5'), free)).toEqual({ block: 5 });
    expect(boardAction(press('Digit6'), free)).toBeUndefined();
    expect(boardAction(press('Digit1', { shift: true }), free)).toBeUndefined();
  });

  it('go by the place of the key, whatever the layout writes', () => {
    expect(boardAction(press('KeyL', { key: 'д' }), free)).toBe('listen');
    expect(boardAction(press('Digit7', { key: '?', shift: true }), free)).toBe('map');
  });

  it('but for the arrows rest where single keys are switched off, and while a key is held', () => {
    expect(boardAction(press('KeyF'), { ...free, singleKeys: false })).toBeUndefined();
    expect(boardAction(press('Digit2'), { ...free, singleKeys: false })).toBeUndefined();
    expect(boardAction(press('KeyF', { repeat: true }), free)).toBeUndefined();
    expect(boardAction(press('ArrowDown', { repeat: true }), { ...free, singleKeys: false })).toBe('next');
  });
});
