import { isGenericSubject, normalSubject, replyParts, safeHtml } from '../channels/email/index.ts';
import type { MailReading } from './messages/context.ts';

/** What the room of messages needs of the e-mail channel, which it does not know. */
export const mailReading: MailReading = {
  safeHtml(html, { cidUrl, pictures }) {
    const safe = safeHtml(html, { cidUrl });
    // text has no bare `<`: this is the tag that was written for a blocked picture, and nothing else
    const shown = pictures ? safe.html.replaceAll('<img data-remote="', '<img src="') : safe.html;
    return { html: shown, blockedPictures: pictures ? 0 : safe.remoteImages.length };
  },
  parts: (text) =>
    replyParts(text).map(({ kind, start, end }) => ({
      // a quotation between which somebody answers is needed to understand him
      kind: kind === 'answered' ? 'written' : kind,
      text: text.slice(start, end),
    })),
  subjectKey(subject) {
    const normal = normalSubject(subject);
    return isGenericSubject(normal) ? null : normal;
  },
};
