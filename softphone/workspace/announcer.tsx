import { VisuallyHidden } from '@mantine/core';
import { useLanguage } from '../i18n/use-language.ts';
import { useConversations } from '../state/conversations.ts';
import { useSent } from '../state/sent-message.ts';
import { useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import { hasTalk, offeredInteractions } from '../state/workspace-state.ts';
import { usePhoneTrouble } from './use-phone-trouble.ts';

/** Tells screen readers who rings. */
export function OfferAnnouncer() {
  const { t } = useLanguage();
  const offer = useWorkspaceStore(({ state }) => (state === null ? undefined : offeredInteractions(state)[0]));
  const name = offer?.client.name || offer?.peer.display || t('pop.hiddenNumber');
  return (
    <VisuallyHidden role="status" aria-live="assertive">
      {offer === undefined ? '' : t('announce.offer', { name, why: t('pop.in', { line: offer.line.name }) })}
    </VisuallyHidden>
  );
}

/** Tells them what is wrong with the phone, when the reader has finished what it is saying. That all is well is not told. */
export function TroubleAnnouncer() {
  const trouble = usePhoneTrouble();
  const started = useScreenStore((screen) => screen.shiftScreenDone);
  return (
    <VisuallyHidden role="status" aria-live="polite" data-testid="phone-trouble">
      {started && trouble?.spoken === true ? trouble.text : ''}
    </VisuallyHidden>
  );
}

/** Tells them who wrote, and what became of the message that was sent. Not during a call: the list has it all. */
export function MessageAnnouncer() {
  const { t } = useLanguage();
  const alert = useConversations((store) => store.alert);
  const news = useSent((store) => store.news);
  const talks = useWorkspaceStore(({ state }) => state !== null && hasTalk(state));
  const arrived =
    alert === null
      ? ''
      : t(`announce.message.${alert.channel}`, { name: alert.client.name || alert.peer, text: alert.preview });
  return (
    <>
      <VisuallyHidden role="status" aria-live="polite" data-testid="message-arrived">
        {talks ? '' : arrived}
      </VisuallyHidden>
      <VisuallyHidden role="status" aria-live="polite" data-testid="send-news">
        {news === null ? '' : t(`sent.news.${news.word}`, { name: news.name })}
      </VisuallyHidden>
    </>
  );
}
