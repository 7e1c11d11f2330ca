import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ClientCard, InteractionView } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import type { CardEdit } from '../state/card-change.ts';
import { editCard, queryKeys } from '../state/cards.ts';
import { setCommandFailure } from '../state/stores.ts';
import { interactionName } from './names.ts';

/** The card of a client: from the pop at once, and kept up to date by pushes. */
export function useCard(clientId: number | undefined) {
  return useQuery({
    queryKey: queryKeys.card(clientId ?? 0),
    queryFn: () => call('GET /api/v1/clients/:id', { params: { id: clientId ?? 0 } }),
    enabled: clientId !== undefined,
  });
}

/** Who is on the line: the card may have got its name after the call came. */
export function useInteractionName(interaction: InteractionView): string {
  const { t } = useLanguage();
  const { data: card } = useCard(interaction.client.id);
  return card === undefined || card.kind === 'unknown' || card.name === ''
    ? interactionName(interaction, t)
    : card.name;
}

/** Saves an edit of the card; a failure is shown under the strip. Says whether it was saved. */
export function useEditCard(card: ClientCard): (edit: CardEdit) => Promise<boolean> {
  return useCallback(
    async (edit) => {
      setCommandFailure(null);
      try {
        await editCard(card, edit);
        return true;
      } catch (error) {
        setCommandFailure(failureCode(error));
        return false;
      }
    },
    [card],
  );
}
