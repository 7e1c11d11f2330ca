import { defaultSound, readSound, type SoundSettings } from '../phone/sound-settings.ts';

export interface RecentCard {
  readonly id: number;
  readonly name: string;
  readonly company: string;
}

/** A person's own choices; kept on the server, so that they follow him to another computer. */
export interface Settings extends SoundSettings {
  readonly singleKeys: boolean;
  readonly recentCards: readonly RecentCard[];
  /** Whether a message for this person is heard; how loud is among the sounds. */
  readonly messageSound: boolean;
  /** Under his mails. */
  readonly signature: string;
}

const RECENT_CARDS = 8;
export const SIGNATURE_LENGTH = 2000;

export const defaultSettings: Settings = {
  ...defaultSound,
  singleKeys: true,
  recentCards: [],
  messageSound: true,
  signature: '',
};

function isRecentCard(value: unknown): value is RecentCard {
  const card = value as Partial<RecentCard> | null;
  return typeof card?.id === 'number' && typeof card.name === 'string' && typeof card.company === 'string';
}

/** Settings as the server keeps them; anything unexpected falls back to the default. */
export function readSettings(stored: Readonly<Record<string, unknown>>): Settings {
  const { singleKeys, recentCards, messageSound, signature } = stored;
  return {
    ...readSound(stored),
    singleKeys: typeof singleKeys === 'boolean' ? singleKeys : defaultSettings.singleKeys,
    recentCards: Array.isArray(recentCards) ? recentCards.filter(isRecentCard).slice(0, RECENT_CARDS) : [],
    messageSound: messageSound !== false,
    signature: typeof signature === 'string' ? signature.slice(0, SIGNATURE_LENGTH) : '',
  };
}

/** A list with this card first and only once. */
export function withRecentCard(cards: readonly RecentCard[], card: RecentCard): readonly RecentCard[] {
  const [first] = cards;
  if (first?.id === card.id && first.name === card.name && first.company === card.company) return cards;
  return [card, ...cards.filter((other) => other.id !== card.id)].slice(0, RECENT_CARDS);
}
