import { Menu } from '@mantine/core';
import { ChevronDown, Ellipsis, ListFilter } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import { ago, phoneNumber } from '../../i18n/format.ts';
import type { Translate } from '../../i18n/translate.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { conversationPath } from '../../routes.ts';
import { useComposer } from '../../state/composer-tab.ts';
import {
  closeConversation,
  giveTo,
  joinConversation,
  reopenConversation,
  takeOver,
} from '../../state/conversations.ts';
import { useWorkspaceStore } from '../../state/stores.ts';
import { immediate } from '../status-lines.tsx';
import { timeLeft } from '../time-words.ts';
import { useNow } from '../use-now.ts';
import { ChangeItems } from './change-items.tsx';
import classes from './conversation-bar.module.css';
import { channelIcons } from './waiting-row.tsx';

/** No fade: the next key finds the menu there, and after Escape it finds it gone. */
const menu = {
  shadow: 'md',
  withinPortal: true,
  withInitialFocusPlaceholder: false,
  transitionProps: immediate,
} as const;
/** Of the first item that can be chosen: a disabled one takes no focus, and then no key would work. */
const autofocus = { 'data-autofocus': true } as const;

interface ConversationBarProps {
  readonly conversation: ConversationView;
  /** All of the card. */
  readonly conversations: readonly ConversationView[];
  /** Whether the timeline shows it alone. */
  readonly isAlone: boolean;
  readonly onChoose: () => void;
}

/** The conversation in hand: who waits how long, who has it, and what can be done with it. */
export function ConversationBar({ conversation, conversations, isAlone, onChoose }: ConversationBarProps) {
  const { t } = useLanguage();
  const myId = useWorkspaceStore((store) => store.state?.me.id);
  const { id, state, owner } = conversation;
  const isMine = owner?.id === myId;
  const isOpen = state === 'waiting' || state === 'assigned';
  return (
    <section
      className={classes.bar}
      aria-label={t('conversation.label')}
      data-testid="conversation-bar"
      data-state={state}
    >
      <Title conversation={conversation} conversations={conversations} />
      <State conversation={conversation} isMine={isMine} />
      <span className={classes.acts}>
        {isOpen && !isMine ? (
          <Act keyShown="W" onPress={() => void takeOver(id)} testId="conversation-take">
            {t('conversation.take')}
          </Act>
        ) : null}
        {isOpen && isMine ? (
          <Act keyShown="B" onPress={() => void giveTo(id, null)} testId="conversation-give-back">
            {t('conversation.giveBack')}
          </Act>
        ) : null}
        {isOpen ? <GiveTo conversation={conversation} /> : null}
        {state === 'closed' ? (
          <Act onPress={() => void reopenConversation(id)} testId="conversation-reopen">
            {t('conversation.reopen')}
          </Act>
        ) : (
          <Act keyShown="F" onPress={() => void closeConversation(id)} testId="conversation-close">
            {t('conversation.close')}
          </Act>
        )}
        <button
          type="button"
          aria-pressed={isAlone}
          aria-label={t('conversation.only')}
          title={t('conversation.only')}
          onClick={() => useComposer.setState({ shownAlone: isAlone ? null : id })}
          data-testid="conversation-alone"
        >
          <ListFilter size={15} aria-hidden="true" />
        </button>
        <More conversation={conversation} conversations={conversations} onChoose={onChoose} />
      </span>
    </section>
  );
}

/** A visitor of a site has no address that says anything. */
const nameOf = ({ subject, channel, client, peer, address }: ConversationView): string =>
  subject || (channel === 'chat' ? client.name || address.name : phoneNumber(peer));

/** What it is about; the client's others are behind it. */
function Title({ conversation, conversations }: Pick<ConversationBarProps, 'conversation' | 'conversations'>) {
  const { t, language } = useLanguage();
  const [, navigate] = useLocation();
  const Icon = channelIcons[conversation.channel];
  const others = conversations.filter(({ id }) => id !== conversation.id);
  const title = (
    <>
      <Icon size={15} aria-label={t(`composer.${conversation.channel}`)} />
      <b>{nameOf(conversation)}</b>
    </>
  );
  if (others.length === 0) return <span className={classes.title}>{title}</span>;
  return (
    <Menu position="bottom-start" {...menu}>
      <Menu.Target>
        <button type="button" className={classes.title} title={t('conversation.others')}>
          {title}
          <ChevronDown size={13} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
        {others.map((other) => {
          const OtherIcon = channelIcons[other.channel];
          return (
            <Menu.Item
              key={other.id}
              leftSection={<OtherIcon size={14} aria-label={t(`composer.${other.channel}`)} />}
              onClick={() => navigate(conversationPath(other.client.id, other.id))}
            >
              {nameOf(other)} · {t(`conversation.state.${other.state}`)} ·{' '}
              {ago(other.lastMessageAt, Date.now(), language)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

function stateText({ state, owner }: ConversationView, isMine: boolean, t: Translate): string {
  if (state !== 'assigned' || owner === null) return t(`conversation.state.${state}`);
  return isMine ? t('conversation.mine') : t('conversation.of', { name: owner.name });
}

function State({ conversation, isMine }: { readonly conversation: ConversationView; readonly isMine: boolean }) {
  const { t } = useLanguage();
  const now = useNow();
  const { dueAt, state } = conversation;
  const left = dueAt === null || state === 'answered' || state === 'closed' ? undefined : timeLeft(dueAt, now, t);
  return (
    <span className={classes.state}>
      {left === undefined ? null : <b data-tone={left.tone}>{left.text}</b>} {stateText(conversation, isMine, t)}
    </span>
  );
}

interface ActProps {
  readonly onPress: () => void;
  readonly testId: string;
  readonly keyShown?: string;
  readonly children: ReactNode;
}

function Act({ onPress, testId, keyShown, children }: ActProps) {
  return (
    <button type="button" onClick={onPress} data-testid={testId}>
      {children} {keyShown === undefined ? null : <kbd>{keyShown}</kbd>}
    </button>
  );
}

/** Whom to give it to; the key G opens it. */
function GiveTo({ conversation }: { readonly conversation: ConversationView }) {
  const { t } = useLanguage();
  const users = useWorkspaceStore((store) => store.state?.users) ?? [];
  const opened = useComposer((store) => store.givingAway);
  const others = users.filter(({ id }) => id !== conversation.owner?.id);
  return (
    <Menu
      opened={opened}
      onChange={(givingAway) => useComposer.setState({ givingAway })}
      position="bottom-end"
      {...menu}
    >
      <Menu.Target>
        <button type="button" data-testid="conversation-give-to">
          {t('conversation.giveTo')} <kbd>G</kbd>
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
        {others.map(({ id, name }) => (
          <Menu.Item key={id} onClick={() => void giveTo(conversation.id, id)} data-testid={`give-to-${id}`}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Rare things: parting, joining, and taking either back. */
function More({ conversation, conversations, onChoose }: Omit<ConversationBarProps, 'isAlone'>) {
  const { t, language } = useLanguage();
  const [, navigate] = useLocation();
  const canSplit = conversation.messages > 1;
  const join = async (other: ConversationView): Promise<void> => {
    if (await joinConversation(conversation.id, other.id)) navigate(conversationPath(other.client.id, other.id));
  };
  const joinable = conversations.filter(
    ({ id, channel }) => id !== conversation.id && channel === conversation.channel,
  );
  return (
    <Menu position="bottom-end" {...menu}>
      <Menu.Target>
        <button type="button" aria-label={t('conversation.more')} data-testid="conversation-more">
          <Ellipsis size={15} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
        <Menu.Item
          onClick={onChoose}
          disabled={!canSplit}
          {...(canSplit ? autofocus : {})}
          data-testid="conversation-split"
        >
          {t('conversation.split')}
        </Menu.Item>
        {joinable.map((other, index) => (
          <Menu.Item
            key={other.id}
            {...(!canSplit && index === 0 ? autofocus : {})}
            onClick={() => void join(other)}
            data-testid="conversation-join"
          >
            {t('conversation.joinInto', {
              name: `${nameOf(other)} · ${ago(other.lastMessageAt, Date.now(), language)}`,
            })}
          </Menu.Item>
        ))}
        <ChangeItems conversationId={conversation.id} />
      </Menu.Dropdown>
    </Menu>
  );
}
