import { Undo2 } from 'lucide-react';
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { useLanguage } from '../../i18n/use-language.ts';
import { clientPath } from '../../routes.ts';
import { composerPlace, openTab } from '../../state/composer-tab.ts';
import { undoLast, useSent } from '../../state/sent-message.ts';
import { useNow } from '../use-now.ts';
import classes from './messages.module.css';

/** Takes the last message back and goes to where it was written. */
export function useUndoSend(): () => Promise<void> {
  const [path, navigate] = useLocation();
  return async () => {
    const undone = await undoLast();
    if (undone === undefined) return;
    const card = clientPath(undone.clientId);
    if (path !== card && !path.startsWith(`${card}/`)) navigate(card);
    openTab(composerPlace(undone.clientId, undefined), undone.channel, true);
  };
}

/** For the ten seconds after sending: what was sent, and the way to take it back, whatever card is open. */
export function SentBar() {
  const { t } = useLanguage();
  const now = useNow();
  const last = useSent((store) => store.last);
  const undo = useUndoSend();
  const left = last?.heldUntil == null ? 0 : Math.ceil((Date.parse(last.heldUntil) - now) / 1000);
  const isOver = last !== null && left <= 0;
  useEffect(() => {
    if (isOver) useSent.setState({ last: null });
  }, [isOver]);
  if (last === null || isOver) return null;
  return (
    <div className={classes.sent} data-testid="sent-bar">
      <span>{t('sent.to', { name: last.name })}</span>
      <button type="button" onClick={() => void undo()} data-testid="undo-send">
        <Undo2 size={14} aria-hidden="true" /> {t('sent.undo', { seconds: left })} <kbd>U</kbd>
      </button>
    </div>
  );
}
