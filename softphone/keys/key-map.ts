import type { MessageKey } from '../i18n/translate.ts';

export type KeyAction =
  | 'answer'
  | 'hangUp'
  | 'mute'
  | 'talk'
  | 'hold'
  | 'decline'
  | 'keypad'
  | 'promise'
  | 'note'
  | 'sms'
  | 'email'
  | 'undoSend'
  | 'take'
  | 'giveBack'
  | 'giveTo'
  | 'closeConversation'
  | 'status'
  | 'search'
  | 'next'
  | 'previous'
  | 'live'
  | 'map';

/** A chosen result in wrap-up, by its number. */
export interface DispositionKey {
  readonly disposition: number;
}

interface Binding {
  readonly action: KeyAction;
  readonly message: MessageKey;
  /** Physical key (event.code): on a Russian layout the letter would be another. */
  readonly single: { readonly code: string; readonly shift?: true; readonly shown: string };
  /** Works inside fields too. */
  readonly typing?: { readonly code: string; readonly ctrl?: true; readonly shown: string };
}

/** The map as the help shows it. Browsers leave F2, F4, F8 and F9 to the page. */
export const keyMap: readonly Binding[] = [
  {
    action: 'answer',
    message: 'key.answer',
    single: { code: 'KeyA', shown: 'A' },
    typing: { code: 'F2', shown: 'F2' },
  },
  {
    action: 'hangUp',
    message: 'key.hangUp',
    single: { code: 'KeyX', shown: 'X' },
    typing: { code: 'F4', shown: 'F4' },
  },
  { action: 'mute', message: 'key.mute', single: { code: 'KeyM', shown: 'M' }, typing: { code: 'F8', shown: 'F8' } },
  { action: 'talk', message: 'key.talk', single: { code: 'Space', shown: 'Space' } },
  { action: 'hold', message: 'key.hold', single: { code: 'KeyH', shown: 'H' }, typing: { code: 'F9', shown: 'F9' } },
  { action: 'decline', message: 'key.decline', single: { code: 'KeyD', shown: 'D' } },
  { action: 'keypad', message: 'key.keypad', single: { code: 'KeyK', shown: 'K' } },
  { action: 'promise', message: 'key.promise', single: { code: 'KeyO', shown: 'O' } },
  { action: 'note', message: 'key.note', single: { code: 'KeyN', shown: 'N' } },
  { action: 'sms', message: 'key.sms', single: { code: 'KeyS', shown: 'S' } },
  { action: 'email', message: 'key.email', single: { code: 'KeyE', shown: 'E' } },
  { action: 'undoSend', message: 'key.undoSend', single: { code: 'KeyU', shown: 'U' } },
  { action: 'take', message: 'key.take', single: { code: 'KeyW', shown: 'W' } },
  { action: 'giveBack', message: 'key.giveBack', single: { code: 'KeyB', shown: 'B' } },
  { action: 'giveTo', message: 'key.giveTo', single: { code: 'KeyG', shown: 'G' } },
  { action: 'closeConversation', message: 'key.closeConversation', single: { code: 'KeyF', shown: 'F' } },
  { action: 'status', message: 'key.status', single: { code: 'Period', shown: '.' } },
  {
    action: 'search',
    message: 'key.search',
    single: { code: 'Slash', shown: '/' },
    typing: { code: 'KeyK', ctrl: true, shown: 'Ctrl K' },
  },
  { action: 'next', message: 'key.next', single: { code: 'KeyJ', shown: 'J' } },
  { action: 'previous', message: 'key.previous', single: { code: 'KeyJ', shift: true, shown: 'Shift J' } },
  { action: 'live', message: 'key.live', single: { code: 'KeyC', shown: 'C' } },
  { action: 'map', message: 'key.map', single: { code: 'Slash', shift: true, shown: '?' } },
];

/** What a key press says, as far as shortcuts care. */
export interface KeyPress {
  readonly code: string;
  /** The character, only for `?`: layouts have it on different keys. */
  readonly key: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly repeat: boolean;
}

export interface KeyContext {
  /** The focus is in a field. */
  readonly typing: boolean;
  /** The focus is on a button or link, which Space presses. */
  readonly onControl: boolean;
  /** A menu or dialog is open: its own keys come first. */
  readonly overlay: boolean;
  /** Single keys may be switched off for screen readers. */
  readonly singleKeys: boolean;
  readonly wrapUp: boolean;
}

const DIGIT = /^(?:Digit|Numpad)([1-9])$/;

/** What a key press means here, or undefined when it is not ours. Pure. */
export function keyAction(press: KeyPress, context: KeyContext): KeyAction | DispositionKey | undefined {
  if (press.alt || press.repeat) return undefined;
  const always = keyMap.find(
    ({ typing }) => typing?.code === press.code && (typing.ctrl ?? false) === press.ctrl && !press.shift,
  );
  if (always !== undefined) return always.action;
  if (context.typing || context.overlay || !context.singleKeys || press.ctrl) return undefined;
  if (press.key === '?') return 'map';
  const digit = DIGIT.exec(press.code)?.[1];
  if (digit !== undefined) return context.wrapUp && !press.shift ? { disposition: Number(digit) } : undefined;
  if (press.code === 'Space' && context.onControl) return undefined;
  return keyMap.find(({ single }) => single.code === press.code && (single.shift ?? false) === press.shift)?.action;
}
