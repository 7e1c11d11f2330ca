import { create } from 'zustand';
import type { Me } from '../../server/contract/schemas.ts';
import type { Language } from '../i18n/translate.ts';
import { call } from '../net/api.ts';

export interface RecentCard {
  readonly id: number;
  readonly name: string;
  readonly company: string;
}

/** A person's own choices; kept on the server, so that they follow him to another computer. */
export interface Settings {
  readonly singleKeys: boolean;
  /** 0 to 1. */
  readonly ringVolume: number;
  readonly recentCards: readonly RecentCard[];
}

interface SettingsStore extends Settings {
  readonly language: Language;
}

const LANGUAGE_KEY = 'switchroom.language';
const RECENT_CARDS = 8;
const SAVE_DELAY_MS = 1500;

const defaults: Settings = { singleKeys: true, ringVolume: 0.6, recentCards: [] };

function firstLanguage(): Language {
  const kept = localStorage.getItem(LANGUAGE_KEY);
  if (kept === 'ru' || kept === 'en') return kept;
  return navigator.language.startsWith('ru') ? 'ru' : 'en';
}

export const useSettings = create<SettingsStore>(() => ({ ...defaults, language: firstLanguage() }));

function isRecentCard(value: unknown): value is RecentCard {
  const card = value as Partial<RecentCard> | null;
  return typeof card?.id === 'number' && typeof card.name === 'string' && typeof card.company === 'string';
}

/** Settings as the server keeps them; anything unexpected falls back to the default. */
export function readSettings(stored: Readonly<Record<string, unknown>>): Settings {
  const { singleKeys, ringVolume, recentCards } = stored;
  return {
    singleKeys: typeof singleKeys === 'boolean' ? singleKeys : defaults.singleKeys,
    ringVolume: typeof ringVolume === 'number' && ringVolume >= 0 && ringVolume <= 1 ? ringVolume : defaults.ringVolume,
    recentCards: Array.isArray(recentCards) ? recentCards.filter(isRecentCard).slice(0, RECENT_CARDS) : [],
  };
}

let unsaved: Partial<SettingsStore> = {};
let timer: ReturnType<typeof setTimeout> | undefined;

function save(): void {
  const { language, ...settings } = unsaved;
  unsaved = {};
  const body = {
    ...(language === undefined ? {} : { language }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
  // losing a setting is not worth a message: the next change writes it again
  call('PATCH /api/v1/session/settings', { body }).catch(() => undefined);
}

/** Changes settings at once on the screen and a moment later on the server. */
export function changeSettings(change: Partial<SettingsStore>): void {
  useSettings.setState(change);
  if (change.language !== undefined) showLanguage(change.language);
  unsaved = { ...unsaved, ...change };
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_DELAY_MS);
}

/** Before anybody has signed in there is nowhere to keep it but this browser. */
export function showLanguage(language: Language): void {
  useSettings.setState({ language });
  localStorage.setItem(LANGUAGE_KEY, language);
  document.documentElement.lang = language;
}

/** The person signed in: his settings replace those of the page. */
export function applySettings(me: Me): void {
  useSettings.setState(readSettings(me.settings));
  showLanguage(me.language);
}

/** A list with this card first and only once. */
export function withRecentCard(cards: readonly RecentCard[], card: RecentCard): readonly RecentCard[] {
  const [first] = cards;
  if (first?.id === card.id && first.name === card.name && first.company === card.company) return cards;
  return [card, ...cards.filter((other) => other.id !== card.id)].slice(0, RECENT_CARDS);
}

export function rememberCard(card: RecentCard): void {
  const { recentCards } = useSettings.getState();
  const next = withRecentCard(recentCards, card);
  if (next !== recentCards) changeSettings({ recentCards: next });
}
