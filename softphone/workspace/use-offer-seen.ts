import { useEffect } from 'react';
import type { InteractionView } from '../../server/contract/schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { useSettings } from '../state/settings.ts';
import { usePhoneStore } from '../state/stores.ts';

/**
 * Proves to the server that a call rings here: the phone of this browser has it and may be heard (or flashes, where that
 * was chosen), and the frame that shows its pop is painted. A tab in the background paints no frames; there the ring alone
 * has to do. A browser that gives no sound proves nothing, and the next agent is tried.
 */
export function useOfferSeen(interaction: InteractionView): void {
  const { desk } = useDeskTools();
  const offerId = interaction.state === 'offered' ? interaction.offer?.id : undefined;
  const silent = useSettings((settings) => settings.silentRing);
  const rings = usePhoneStore(
    (phone) =>
      (phone.soundUnlocked || silent) && phone.calls.some(({ interactionId }) => interactionId === interaction.id),
  );
  useEffect(() => {
    if (offerId === undefined || !rings) return undefined;
    if (document.hidden) {
      desk.socket.offerSeen(offerId);
      return undefined;
    }
    const frame = requestAnimationFrame(() => desk.socket.offerSeen(offerId));
    return () => cancelAnimationFrame(frame);
  }, [desk, offerId, rings]);
}
