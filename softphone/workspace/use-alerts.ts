import { useEffect } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import { useConversations } from '../state/conversations.ts';
import { useSettings } from '../state/settings.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { dueTasks } from '../state/task-list.ts';
import { useTasks } from '../state/tasks.ts';
import { offeredInteractions } from '../state/workspace-state.ts';
import { interactionName } from './names.ts';
import { taskTitle } from './time-words.ts';

const BLINK_MS = 1000;

/** Asks for desktop notifications. Inside a click, or browsers refuse without asking; nothing waits for the answer. */
export function askForNotifications(): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'default') return;
  // refused is an answer too: the title blinks all the same
  Notification.requestPermission().catch(() => undefined);
}

/** Whether the frame of the page flashes: a call is offered, and the ring is silent. */
export function useFlash(): boolean {
  const silent = useSettings((settings) => settings.silentRing);
  const offered = useWorkspaceStore(({ state }) => state !== null && offeredInteractions(state).length > 0);
  return silent && offered;
}

/**
 * What happens while nobody looks at this tab: a desktop notification where it is allowed, and the title blinks. A ring
 * that is silent blinks in the title of a tab in sight too.
 */
export function useAlerts(): void {
  const { t } = useLanguage();
  const flashes = useFlash();
  const offer = useWorkspaceStore(({ state }) => (state === null ? undefined : offeredInteractions(state)[0]));
  const due = useTasks(({ tasks, hidden }) => dueTasks(tasks).findLast((task) => !hidden.has(task.id)));
  const name = offer === undefined ? undefined : interactionName(offer, t);
  const title = due === undefined ? undefined : taskTitle(due, t);
  const offered = name === undefined ? undefined : t('alert.offer', { name });
  useAlert(offer?.offer?.id, offered, !flashes);
  useEffect(() => (flashes && offered !== undefined ? blinkTitle(offered) : undefined), [flashes, offered]);
  const written = useConversations((store) => store.alert);
  useAlert(
    written === null ? undefined : `${written.id}-${written.lastMessageAt}`,
    written === null
      ? undefined
      : t('alert.message', { name: written.client.name || written.peer, text: written.preview || written.subject }),
    false,
  );
  // put off and due again, it is the same task reminded of at another time
  useAlert(
    due === undefined ? undefined : `${due.id}-${due.remindedAt}`,
    title === undefined ? undefined : t('alert.task', { title }),
    false,
  );
}

/** @param key a new one is a new alert. @param blinks until the key goes or somebody looks. */
function useAlert(key: string | undefined, text: string | undefined, blinks: boolean): void {
  useEffect(() => {
    if (key === undefined || text === undefined || !document.hidden) return undefined;
    const notification = notify(key, text);
    const stopBlinking = blinks ? blinkTitle(text) : undefined;
    const end = (): void => {
      notification?.close();
      stopBlinking?.();
    };
    const onSeen = (): void => {
      if (!document.hidden) end();
    };
    document.addEventListener('visibilitychange', onSeen);
    return () => {
      document.removeEventListener('visibilitychange', onSeen);
      end();
    };
  }, [key, text, blinks]);
}

function notify(tag: string, text: string): Notification | undefined {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return undefined;
  try {
    const notification = new Notification(text, { tag, silent: true, icon: '/icon.svg' });
    notification.onclick = () => globalThis.focus();
    return notification;
  } catch {
    // telephones allow notifications to service workers only
    return undefined;
  }
}

function blinkTitle(text: string): () => void {
  const before = document.title;
  let shown = true;
  document.title = `☎ ${text}`;
  const timer = setInterval(() => {
    shown = !shown;
    document.title = shown ? `☎ ${text}` : before;
  }, BLINK_MS);
  return () => {
    clearInterval(timer);
    document.title = before;
  };
}
