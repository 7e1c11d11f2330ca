import type { SoundKind } from './ring-patterns.ts';

/** What a remote tab may ask of the tab that is the phone. */
export type TabCommand =
  | { readonly name: 'answer'; readonly interactionId: string }
  | { readonly name: 'end'; readonly interactionId: string }
  | { readonly name: 'mute'; readonly muted: boolean }
  | { readonly name: 'sample'; readonly sound: SoundKind };

/** What tabs of one browser say to each other. `view` is the phone's state, as its owner shows it. */
export type TabMessage =
  | { readonly type: 'hello' }
  | { readonly type: 'view'; readonly view: object }
  | { readonly type: 'request'; readonly id: string; readonly command: TabCommand }
  | { readonly type: 'answer'; readonly id: string; readonly done: boolean };

const MAX_TEXT = 100;
const sounds: readonly SoundKind[] = ['call', 'own', 'vip', 'task'];

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;

function readCommand(value: unknown): TabCommand | undefined {
  const { name, interactionId, muted, sound } = (value ?? {}) as Record<string, unknown>;
  switch (name) {
    case 'answer':
    case 'end':
      return isText(interactionId) ? { name, interactionId } : undefined;
    case 'mute':
      return typeof muted === 'boolean' ? { name, muted } : undefined;
    case 'sample': {
      const known = sounds.find((one) => one === sound);
      return known === undefined ? undefined : { name, sound: known };
    }
    default:
      return undefined;
  }
}

/**
 * A message of another tab, which may run an older or newer version of this page.
 * @returns undefined for whatever is none
 */
export function readTabMessage(value: unknown): TabMessage | undefined {
  const { type, id, view, command, done } = (value ?? {}) as Record<string, unknown>;
  switch (type) {
    case 'hello':
      return { type };
    case 'view':
      return typeof view === 'object' && view !== null ? { type, view } : undefined;
    case 'answer':
      return isText(id) && typeof done === 'boolean' ? { type, id, done } : undefined;
    case 'request': {
      const known = readCommand(command);
      return isText(id) && known !== undefined ? { type, id, command: known } : undefined;
    }
    default:
      return undefined;
  }
}
