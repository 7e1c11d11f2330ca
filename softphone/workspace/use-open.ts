import { useEffect, useMemo } from 'react';
import { useLocation } from 'wouter';
import type { InteractionView } from '../../server/contract/schemas.ts';
import { call } from '../net/api.ts';
import { clientPath, placeOf } from '../routes.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { mainInteraction } from '../state/workspace-state.ts';

export interface Open {
  /** The interaction that the pop is about; absent when a card was opened by hand. */
  readonly interaction: InteractionView | undefined;
  /** The interaction in the strip: the chosen one, or else the live one, so that its buttons are never out of reach. */
  readonly inStrip: InteractionView | undefined;
  readonly clientId: number | undefined;
  /** The conversation that is in the foreground of the card. */
  readonly conversationId: string | undefined;
}

/** What is open, from the address and the work list. */
export function useOpen(): Open {
  const [path] = useLocation();
  const state = useWorkspaceStore((store) => store.state);
  return useMemo(() => {
    const place = placeOf(path);
    if (place.page !== 'workspace' || state === null) {
      return { interaction: undefined, inStrip: undefined, clientId: undefined, conversationId: undefined };
    }
    const main = mainInteraction(state);
    const chosen = place.interactionId === undefined ? undefined : state.interactions[place.interactionId];
    const interaction = chosen ?? (place.clientId === undefined ? main : undefined);
    return {
      interaction,
      inStrip: interaction ?? main,
      clientId: place.clientId ?? interaction?.client.id,
      conversationId: place.conversationId,
    };
  }, [path, state]);
}

/** A call that is over has no page of its own: its address leads on to the client's card, or to the start. */
export function useLeaveClosedCall(): void {
  const [path, navigate] = useLocation();
  const state = useWorkspaceStore((store) => store.state);
  useEffect(() => {
    const place = placeOf(path);
    if (place.page !== 'workspace' || place.interactionId === undefined || state === null) return undefined;
    const { interactionId } = place;
    if (state.interactions[interactionId] !== undefined) return undefined;
    if (state.lastClosed?.id === interactionId) {
      navigate(clientPath(state.lastClosed.client.id), { replace: true });
      return undefined;
    }
    if (state.lastOfferEnd?.interaction.id === interactionId) {
      navigate('/', { replace: true });
      return undefined;
    }
    let stale = false;
    call('GET /api/v1/interactions/:id', { params: { id: interactionId } }).then(
      (interaction) => stale || navigate(clientPath(interaction.client.id), { replace: true }),
      () => stale || navigate('/', { replace: true }),
    );
    return () => {
      stale = true;
    };
  }, [path, navigate, state]);
}
