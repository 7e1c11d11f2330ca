import { useEffect, useMemo, useState } from 'react';
import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import type { TimelineEntry } from '../../../server/contract/schemas.ts';
import { useComposer } from '../../state/composer-tab.ts';
import { mostUrgent } from '../../state/conversation-list.ts';
import { splitConversation } from '../../state/conversations.ts';
import { useCardConversations, useConversation } from './queries.ts';

/** Messages that are being chosen on the timeline. */
export interface EntryChoice {
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (id: string) => void;
}

/** What the timeline shows of conversations. */
export interface Thread {
  /** In the foreground, or else the most urgent one. */
  readonly conversation: ConversationView | undefined;
  readonly conversations: readonly ConversationView[];
  readonly hasChats: boolean;
  /** Its messages, newest first, when it is shown alone. */
  readonly alone: readonly TimelineEntry[] | undefined;
  readonly choice: EntryChoice | undefined;
  showAll(): void;
  startChoosing(): void;
  stopChoosing(): void;
  /** What was chosen becomes a conversation of its own. */
  split(): Promise<void>;
}

/** The conversation that a card's timeline is about. @param chosenId in the address */
export function useThread(clientId: number, chosenId: string | undefined): Thread {
  const conversations = useCardConversations(clientId);
  const aloneId = useComposer((store) => store.shownAlone);
  const [chosen, setChosen] = useState<ReadonlySet<string>>();
  const shown = conversations.find(({ id }) => id === (aloneId ?? chosenId)) ?? mostUrgent(conversations);
  const isAlone = aloneId !== null && shown?.id === aloneId;
  const { data } = useConversation(isAlone ? aloneId : undefined);
  const alone = useMemo(() => (isAlone ? (data?.entries.toReversed() ?? []) : undefined), [isAlone, data]);
  const showAll = (): void => useComposer.setState({ shownAlone: null });
  // another card begins with everything
  useEffect(() => () => useComposer.setState({ shownAlone: null }), []);

  function onChoose(id: string): void {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  }
  return {
    conversation: shown,
    conversations,
    hasChats: conversations.some(({ channel }) => channel === 'chat'),
    alone,
    choice: isAlone && chosen !== undefined ? { chosen, onChoose } : undefined,
    showAll() {
      setChosen(undefined);
      showAll();
    },
    startChoosing() {
      setChosen(new Set());
      useComposer.setState({ shownAlone: shown?.id ?? null });
    },
    stopChoosing: () => setChosen(undefined),
    async split() {
      if (shown === undefined || chosen === undefined || chosen.size === 0) return;
      if (await splitConversation(shown.id, [...chosen])) setChosen(undefined);
    },
  };
}
