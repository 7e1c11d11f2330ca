import { describe, expect, it } from 'vitest';
import { type KeyContext, type KeyPress, keyAction, keyMap } from '../../softphone/keys/key-map.ts';

const press = (code: string, change: Partial<KeyPress> = {}): KeyPress => ({
  code,
  key: '',
  ctrl: false,
  alt: false,
  shift: false,
  repeat: false,
  ...change,
});
const free: KeyContext = { typing: false, onControl: false, overlay: false, singleKeys: true, wrapUp: false };
const typing: KeyContext = { ...free, typing: true };

describe('keys', () => {
  it.each(keyMap)('$single.shown means $action when no field has the focus', ({ action, single }) => {
    expect(keyAction(press(single.code, { shift: single.shift ?? false }), free)).toBe(action);
  });

  it.each(keyMap.filter((binding) => binding.typing !== undefined))(
    '$typing.shown means $action while typing',
    ({ action, typing: key }) => {
      expect(keyAction(press(key?.code ?? '', { ctrl: key?.ctrl ?? false }), typing)).toBe(action);
    },
  );

  it.each(keyMap)('$single.shown is only a letter while typing', ({ single }) => {
    expect(keyAction(press(single.code, { shift: single.shift ?? false }), typing)).toBeUndefined();
  });

  it('has no key twice', () => {
    const used = keyMap.map(({ single }) => `${single.code}${single.shift ?? ''}`);
    expect(new Set(used).size).toBe(used.length);
  });

  it('goes by the place of the key, whatever the layout writes', () => {
    expect(keyAction(press('KeyA', { key: 'ф' }), free)).toBe('answer');
  });

  it('opens the map for "?" wherever the layout has it', () => {
    expect(keyAction(press('Digit7', { key: '?', shift: true }), free)).toBe('map');
  });

  it('chooses a result by digit in wrap-up only', () => {
    expect(keyAction(press('Digit3'), { ...free, wrapUp: true })).toEqual({ disposition: 3 });
    expect(keyAction(press('Numpad3'), { ...free, wrapUp: true })).toEqual({ disposition: 3 });
    expect(keyAction(press('Digit3'), free)).toBeUndefined();
    expect(keyAction(press('Digit3'), { ...typing, wrapUp: true })).toBeUndefined();
  });

  it('leaves Space to a focused button', () => {
    expect(keyAction(press('Space'), { ...free, onControl: true })).toBeUndefined();
  });

  it('leaves single keys to an open menu or dialog, and to those who switched them off', () => {
    expect(keyAction(press('KeyA'), { ...free, overlay: true })).toBeUndefined();
    expect(keyAction(press('KeyA'), { ...free, singleKeys: false })).toBeUndefined();
    expect(keyAction(press('F2'), { ...free, singleKeys: false, overlay: true })).toBe('answer');
  });

  it('keeps off the browser: Ctrl+A, Alt+F4 and a held key are not ours', () => {
    expect(keyAction(press('KeyA', { ctrl: true }), free)).toBeUndefined();
    expect(keyAction(press('F4', { alt: true }), free)).toBeUndefined();
    expect(keyAction(press('KeyX', { repeat: true }), free)).toBeUndefined();
  });
});
