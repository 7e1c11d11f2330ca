import { useState } from 'react';
import type { MessageView } from '../../../server/contract/messages-schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { messagePageUrl } from '../../net/api.ts';
import classes from './timeline-messages.module.css';

/** Until the page has said how high it is, and where it does not say. */
const FIRST_HEIGHT_PX = 280;
const MOST_HEIGHT_PX = 2400;

/**
 * A mail as it was laid out. No scripts run in the frame and no form of it can be sent, whatever is in the mail: the page is
 * cleaned by the server, forbidden by its policy, and shut in here. It keeps our origin, so that its own pictures come with
 * the session and this page can see how high it is.
 */
export function MessageFrame({ message }: { readonly message: MessageView }) {
  const { t } = useLanguage();
  const [pictures, setPictures] = useState(false);
  const [height, setHeight] = useState(FIRST_HEIGHT_PX);
  function measure(frame: HTMLIFrameElement): void {
    const content = frame.contentDocument?.documentElement.scrollHeight;
    if (content !== undefined && content > 0) setHeight(Math.min(MOST_HEIGHT_PX, content + 4));
  }
  return (
    <div>
      {message.blockedPictures > 0 && !pictures ? (
        <p className={classes.blocked}>
          {t('message.blocked', { count: message.blockedPictures })}{' '}
          <button type="button" onClick={() => setPictures(true)} data-testid="show-pictures">
            {t('message.showPictures')}
          </button>
        </p>
      ) : null}
      <iframe
        key={String(pictures)}
        className={classes.frame}
        style={{ height }}
        title={t('message.frame', { subject: message.subject })}
        src={messagePageUrl(message.id, pictures)}
        sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        onLoad={(event) => measure(event.currentTarget)}
        data-testid="message-frame"
      />
    </div>
  );
}
