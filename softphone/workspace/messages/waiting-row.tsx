import { type LucideIcon, Mail, MessageSquare, MessagesSquare } from 'lucide-react';
import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import type { MessageChannelName } from '../../../server/contract/messages-words.ts';
import { ago, phoneNumber } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { type TimeText, timeLeft } from '../time-words.ts';
import { useNow } from '../use-now.ts';
import classes from '../work-list.module.css';

export const channelIcons: Record<MessageChannelName, LucideIcon> = {
  email: Mail,
  sms: MessageSquare,
  chat: MessagesSquare,
};

/** A client who waits for an answer: time left, in which channel, what he wrote. */
export function WaitingRow({ conversation }: { readonly conversation: ConversationView }) {
  const { t, language } = useLanguage();
  const now = useNow();
  const { client, channel, dueAt, unread, preview, subject, peer, waitingSince, lastMessageAt } = conversation;
  const Icon = channelIcons[channel];
  const left: TimeText =
    dueAt === null
      ? { tone: 'calm', text: ago(waitingSince ?? lastMessageAt, now, language) }
      : timeLeft(dueAt, now, t);
  const words = channel === 'email' && subject !== '' ? subject : preview;
  return (
    <>
      <Icon size={16} aria-label={t(`composer.${channel}`)} className={classes.icon} data-state="owed" />
      <span className={classes.name} data-unread={unread > 0}>
        {client.name || phoneNumber(peer)}
      </span>
      <span className={classes.time}>
        {unread === 0 ? null : (
          <span className={classes.unread} title={t('waiting.unread', { count: unread })}>
            <span aria-hidden="true">{unread}</span>
          </span>
        )}
      </span>
      <span className={classes.detail} title={`${left.text} · ${words}`}>
        <b data-tone={left.tone}>{left.text}</b> · {words}
      </span>
    </>
  );
}
