import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import type { ConversationView } from '../../server/contract/messages-schemas.ts';
import { type DeskTools, useDeskTools } from '../desk-context.ts';
import { type KeyAction, keyAction } from '../keys/key-map.ts';
import { callPath } from '../routes.ts';
import { composerPlace, openTab, useComposer } from '../state/composer-tab.ts';
import type { ComposerTab } from '../state/composition.ts';
import { closeConversation, conversationInHand, giveTo, takeOver, waitingForMe } from '../state/conversations.ts';
import { useSettings } from '../state/settings.ts';
import { usePhoneStore, useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import { forToday } from '../state/task-list.ts';
import { useTasks } from '../state/tasks.ts';
import { liveInteractions, offeredInteractions } from '../state/workspace-state.ts';
import { useUndoSend } from './messages/sent-bar.tsx';
import { openTaskForm } from './open-task-form.ts';
import { SEARCH_FIELD_ID } from './search-box.tsx';
import type { Open } from './use-open.ts';
import { neighbour, workItems } from './work-items.ts';

const FIELDS = 'input:not([type="range"]):not([type="checkbox"]), textarea, select, [contenteditable="true"]';
const CONTROLS = 'button, a[href], input[type="checkbox"], [role="menuitem"], [role="option"], summary';
const OVERLAYS = '[role="dialog"], [role="menu"]';

function focusField(id: string): void {
  document.getElementById(id)?.focus();
}

interface Scene extends DeskTools {
  readonly undoSend: () => Promise<void>;
  readonly open: Open;
  readonly path: string;
  readonly navigate: (path: string) => void;
}

/** What each action does here. Those that do not fit the moment do nothing. */
const actions: Record<KeyAction, (scene: Scene) => void> = {
  answer({ commands, navigate }) {
    const { state } = useWorkspaceStore.getState();
    const offer = state === null ? undefined : offeredInteractions(state)[0];
    if (offer === undefined) return;
    commands.answer(offer);
    navigate(callPath(offer.id));
  },
  hangUp({ commands, open }) {
    if (open.inStrip !== undefined && open.inStrip.state !== 'offered') void commands.hangUpOrFinish(open.inStrip);
  },
  mute({ commands, open }) {
    if (isTalking(open)) commands.toggleMute();
  },
  talk({ commands, open }) {
    if (isTalking(open) && usePhoneStore.getState().muted) commands.setMuted(false);
  },
  hold({ commands, open }) {
    if (open.inStrip !== undefined && isTalking(open)) void commands.toggleHold(open.inStrip);
  },
  decline({ commands }) {
    const { state } = useWorkspaceStore.getState();
    const offer = state === null ? undefined : offeredInteractions(state)[0];
    if (offer !== undefined) void commands.decline(offer);
  },
  keypad({ open }) {
    if (isTalking(open)) useScreenStore.setState({ keypadOpen: true });
  },
  promise: ({ open }) => openTaskForm('promise', open),
  note: ({ open }) => write(open, 'note'),
  sms: ({ open }) => write(open, 'sms'),
  email: ({ open }) => write(open, 'email'),
  undoSend: ({ undoSend }) => void undoSend(),
  take: ({ open }) => withConversationOf(open, ({ id }) => void takeOver(id)),
  giveBack: ({ open }) => withConversationOf(open, ({ id }) => void giveTo(id, null)),
  giveTo: ({ open }) => withConversationOf(open, () => useComposer.setState({ givingAway: true })),
  closeConversation: ({ open }) => withConversationOf(open, ({ id }) => void closeConversation(id)),
  status: () => useScreenStore.setState({ statusMenuOpen: true }),
  search: () => focusField(SEARCH_FIELD_ID),
  next: (scene) => step(scene, 1),
  previous: (scene) => step(scene, -1),
  live({ navigate }) {
    const { state } = useWorkspaceStore.getState();
    const live = state === null ? undefined : liveInteractions(state)[0];
    if (live !== undefined) navigate(callPath(live.id));
  },
  map: () => useScreenStore.setState({ keyMapOpen: true }),
};

function write({ clientId, interaction }: Open, tab: ComposerTab): void {
  if (clientId !== undefined) openTab(composerPlace(clientId, interaction?.id), tab, true);
}

function withConversationOf({ clientId, conversationId }: Open, act: (conversation: ConversationView) => void): void {
  const conversation = clientId === undefined ? undefined : conversationInHand(clientId, conversationId);
  if (conversation !== undefined) act(conversation);
}

function isTalking(open: Open): boolean {
  return open.inStrip?.state === 'active' || open.inStrip?.state === 'held';
}

function step({ open, path, navigate }: Scene, by: 1 | -1): void {
  const { state } = useWorkspaceStore.getState();
  if (state === null) return;
  const here = open.interaction === undefined ? path : callPath(open.interaction.id);
  const tasks = forToday(useTasks.getState().tasks, Date.now());
  const target = neighbour(workItems(state, { conversations: waitingForMe(), tasks }), here, by);
  if (target !== undefined) navigate(target);
}

/** Listens to the whole window: physical keys, so that a Russian layout changes nothing. */
export function useKeys(open: Open): void {
  const tools = useDeskTools();
  const [path, navigate] = useLocation();
  const undoSend = useUndoSend();
  const scene = useRef<Scene>({ ...tools, open, path, navigate, undoSend });
  scene.current = { ...tools, open, path, navigate, undoSend };

  useEffect(() => {
    let talkingWhileMuted = false;
    function onKeyDown(event: KeyboardEvent): void {
      if (talkingWhileMuted && event.code === 'Space') event.preventDefault();
      if (event.defaultPrevented || event.isComposing) return;
      const focus = event.target instanceof Element ? event.target : document.body;
      const press = {
        code: event.code,
        key: event.key,
        ctrl: event.ctrlKey || event.metaKey,
        alt: event.altKey,
        shift: event.shiftKey,
        repeat: event.repeat,
      };
      const action = keyAction(press, {
        typing: focus.matches(FIELDS),
        // muted in a call, Space speaks wherever the focus is; Enter still presses a button
        onControl: focus.matches(CONTROLS) && !(isTalking(scene.current.open) && usePhoneStore.getState().muted),
        overlay: document.querySelector(OVERLAYS) !== null,
        singleKeys: useSettings.getState().singleKeys,
        wrapUp: scene.current.open.inStrip?.state === 'wrap_up',
      });
      if (action === undefined) return;
      event.preventDefault();
      if (typeof action === 'object') {
        chooseDisposition(scene.current, action.disposition);
        return;
      }
      if (action === 'talk') talkingWhileMuted = usePhoneStore.getState().muted;
      actions[action](scene.current);
    }
    function onKeyUp(event: KeyboardEvent): void {
      if (event.code !== 'Space' || !talkingWhileMuted) return;
      talkingWhileMuted = false;
      event.preventDefault();
      scene.current.commands.setMuted(true);
    }
    globalThis.addEventListener('keydown', onKeyDown);
    globalThis.addEventListener('keyup', onKeyUp);
    return () => {
      globalThis.removeEventListener('keydown', onKeyDown);
      globalThis.removeEventListener('keyup', onKeyUp);
    };
  }, []);
}

function chooseDisposition({ open, commands }: Scene, hotkey: number): void {
  const { state } = useWorkspaceStore.getState();
  const disposition = state?.dispositions.find((one) => one.hotkey === hotkey);
  if (disposition !== undefined && open.inStrip !== undefined) void commands.dispose(open.inStrip, disposition.id);
}
