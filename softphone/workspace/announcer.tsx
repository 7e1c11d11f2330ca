import { VisuallyHidden } from '@mantine/core';
import { useLanguage } from '../i18n/use-language.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { offeredInteractions } from '../state/workspace-state.ts';

/** Tells screen readers who rings. The only live region of the workspace: anything more would talk into a call. */
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
