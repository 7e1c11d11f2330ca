import {
  ChevronDown,
  type LucideIcon,
  Mail,
  MessageSquare,
  MessagesSquare,
  PhoneIncoming,
  PhoneMissed,
  PhoneOutgoing,
  StickyNote,
  Voicemail,
} from 'lucide-react';
import { memo, useId } from 'react';
import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { clockTime, duration, phoneNumber } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { EntryComments } from './entry-comments.tsx';
import { MessageDetails } from './messages/message-details.tsx';
import { MessageMeta, MessageSummary } from './messages/message-summary.tsx';
import type { EntryChoice } from './messages/use-thread.ts';
import { entryResult, entryTitle, fromPage } from './pop-lines.ts';
import { RecordingPlayer } from './recording-player.tsx';
import classes from './timeline.module.css';
import { dispositionName } from './wording.ts';

const kindIcons: Record<TimelineEntry['kind'], LucideIcon> = {
  call: PhoneIncoming,
  sms: MessageSquare,
  email: Mail,
  chat: MessagesSquare,
  note: StickyNote,
  voicemail: Voicemail,
};

const lost: readonly string[] = ['missed', 'abandoned', 'failed'];

function iconOf(entry: TimelineEntry): LucideIcon {
  if (entry.kind !== 'call') return kindIcons[entry.kind];
  if (lost.includes(entry.status)) return PhoneMissed;
  return entry.direction === 'in' ? PhoneIncoming : PhoneOutgoing;
}

interface TimelineItemProps {
  readonly entry: TimelineEntry;
  /** He wrote on another page of the site than before. */
  readonly isNewPage: boolean;
  readonly opened: boolean;
  readonly onToggle: (id: string) => void;
  /** Messages are being chosen. */
  readonly choice?: EntryChoice | undefined;
}

/** One communication in one line; the rest opens in place. */
export const TimelineItem = memo(function TimelineItem(props: TimelineItemProps) {
  const { entry, opened, onToggle, choice } = props;
  const { t, language } = useLanguage();
  const detailsId = useId();
  const Icon = iconOf(entry);
  const tone = entry.kind === 'call' && lost.includes(entry.status) ? 'lost' : entry.kind;
  const title = entry.kind === 'note' ? '' : entryTitle(entry, t);
  const outcome = entry.disposition === null ? '' : dispositionName(entry.disposition, language);
  const page = fromPage(entry.page, t);
  const summary = [title, entryResult(entry, t), outcome].filter((part) => part !== '').join(', ');
  return (
    <article
      className={classes.item}
      data-opened={opened}
      data-choosing={choice !== undefined && entry.message !== null}
      data-testid="timeline-entry"
      data-kind={entry.kind}
      data-status={entry.status}
    >
      {choice === undefined || entry.message === null ? null : (
        <input
          type="checkbox"
          className={classes.chosen}
          aria-label={t('conversation.choose', { text: entry.message.subject || entry.message.text.slice(0, 60) })}
          checked={choice.chosen.has(entry.id)}
          onChange={() => choice.onChoose(entry.id)}
          data-testid="choose-message"
        />
      )}
      <button type="button" aria-expanded={opened} aria-controls={detailsId} onClick={() => onToggle(entry.id)}>
        <Icon size={16} className={classes.icon} data-tone={tone} aria-hidden="true" />
        <span className={classes.time}>{clockTime(entry.at, language)}</span>
        <span className={classes.summary}>
          {entry.message === null ? (
            <>
              {summary === '' ? null : <b data-tone={tone}>{summary}</b>}
              {page === '' ? null : <span>{page}</span>}
              {entry.note === '' ? null : <span>{entry.note}</span>}
            </>
          ) : (
            <MessageSummary entry={entry} message={entry.message} />
          )}
        </span>
        <span className={classes.meta}>
          {entry.comments.length > 0 ? (
            <span title={t('timeline.comments', { count: entry.comments.length })}>
              <MessageSquare size={12} aria-hidden="true" /> {entry.comments.length}
            </span>
          ) : null}
          {entry.message === null ? (
            <>
              <span>{entry.user?.name ?? ''}</span>
              <span className={classes.length}>
                {entry.talkSeconds === null || entry.talkSeconds === 0 ? '' : duration(entry.talkSeconds * 1000)}
              </span>
            </>
          ) : (
            <MessageMeta entry={entry} message={entry.message} page={props.isNewPage ? page : ''} />
          )}
          <ChevronDown size={14} className={classes.chevron} aria-hidden="true" />
        </span>
      </button>
      {opened ? <Details id={detailsId} entry={entry} /> : null}
    </article>
  );
});

function Details({ id, entry }: { readonly id: string; readonly entry: TimelineEntry }) {
  const { t } = useLanguage();
  const seconds = (value: number | null): string => duration((value ?? 0) * 1000);
  const facts = [
    phoneNumber(entry.peer),
    entry.page === undefined ? '' : [fromPage(entry.page, t), entry.page.title && entry.page.url].join(' '),
    entry.lineName === '' ? '' : t('timeline.line', { line: entry.lineName }),
    entry.queueName === '' ? '' : t('timeline.queue', { queue: entry.queueName }),
    entry.waitSeconds === null || entry.waitSeconds === 0
      ? ''
      : t('timeline.waited', { time: seconds(entry.waitSeconds) }),
    entry.talkSeconds === null || entry.talkSeconds === 0
      ? ''
      : t('timeline.talked', { time: seconds(entry.talkSeconds) }),
    entry.result === null ? '' : t(`result.${entry.result}`),
  ].filter((part) => part !== '');
  if (entry.message !== null) {
    return (
      <div id={id} className={classes.details}>
        <MessageDetails entry={entry} message={entry.message} />
        <EntryComments entry={entry} />
      </div>
    );
  }
  return (
    <div id={id} className={classes.details}>
      {entry.note === '' ? null : <p className={classes.note}>{entry.note}</p>}
      {facts.length === 0 ? null : <p className={classes.facts}>{facts.join(' · ')}</p>}
      {entry.recording === null ? null : <RecordingPlayer recording={entry.recording} />}
      <EntryComments entry={entry} />
    </div>
  );
}
