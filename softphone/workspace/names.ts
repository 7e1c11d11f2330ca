import type { InteractionView } from '../../server/contract/schemas.ts';
import type { Translate } from '../i18n/translate.ts';

/** How a person or number is called on the screen: the name, or else the number, or else why there is none. */
export function interactionName(interaction: InteractionView, t: Translate): string {
  if (interaction.client.kind !== 'unknown' && interaction.client.name !== '') return interaction.client.name;
  return peerNumber(interaction, t) || interaction.client.name || interaction.peer.name || t('pop.noName');
}

/** The number as people write it. */
export function peerNumber({ peer }: InteractionView, t: Translate): string {
  const number = peer.display || peer.number || peer.raw;
  const extension = peer.extension === '' ? '' : ` (${peer.extension})`;
  if (number !== '' && peer.reason !== 'hidden') return number + extension;
  return peer.reason === null ? '' : t(`number.${peer.reason}`);
}

/** Digits, spaces and the signs people put between them: worth offering to dial. */
export function isDialable(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  return /^\+?[\d\s().-]+$/.test(text.trim()) && digits.length >= 3 && digits.length <= 17;
}
