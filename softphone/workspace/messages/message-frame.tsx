import { useState } from 'react';
import type { MessageView } from '../../../server/contract/messages-schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { messagePageUrl } from '../../net/api.ts';
import classes from './timeline-messages.module.css';

const LINE_PX = 24;
const LETTERS_A_LINE = 80;
/** Head lines and pictures of which the words tell nothing. */
const BESIDES_PX = 120;
const MOST_PX = 1600;

/** About as high as its words are: a page without scripts and of no origin cannot say it. */
function heightOf({ parts }: MessageView): number {
  const lines = parts
    .flatMap(({ text }) => text.split('\n'))
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LETTERS_A_LINE)), 0);
  return Math.min(MOST_PX, BESIDES_PX + lines * LINE_PX);
}

/**
 * A mail as it was laid out. No scripts run in the frame, no form of it can be sent and it is of no origin, whatever is in
 * the mail: the page is cleaned by the server, forbidden by its policy, and shut in here. Its corner makes it higher.
 */
export function MessageFrame({ message }: { readonly message: MessageView }) {
  const { t } = useLanguage();
  const [pictures, setPictures] = useState(false);
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
        style={{ height: heightOf(message) }}
        title={t('message.frame', { subject: message.subject })}
        src={messagePageUrl(message.id, pictures)}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        data-testid="message-frame"
      />
    </div>
  );
}
