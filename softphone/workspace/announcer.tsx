import { VisuallyHidden } from '@mantine/core';
import { useLanguage } from '../i18n/use-language.ts';
import { useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import { offeredInteractions } from '../state/workspace-state.ts';
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
