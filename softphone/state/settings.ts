import { create } from 'zustand';
import type { Me } from '../../server/contract/schemas.ts';
import type { Language } from '../i18n/translate.ts';
import { call } from '../net/api.ts';
import { defaultSettings, type RecentCard, readSettings, type Settings, withRecentCard } from './own-settings.ts';

interface SettingsStore extends Settings {
  readonly language: Language;
}

const LANGUAGE_KEY = 'switchroom.language';
const SAVE_DELAY_MS = 1500;

function firstLanguage(): Language {
  const kept = localStorage.getItem(LANGUAGE_KEY);
  if (kept === 'ru' || kept === 'en') return kept;
  return navigator.language.startsWith('ru') ? 'ru' : 'en';
}

export const useSettings = create<SettingsStore>(() => ({ ...defaultSettings, language: firstLanguage() }));

/** Other tabs of this browser: what is chosen in one of them holds in all of them at once. */
const otherTabs = new BroadcastChannel('switchroom-settings');
otherTabs.onmessage = (event: { readonly data: unknown }) => {
  const { recentCards: _own, language, ...now } = useSettings.getState();
  const { recentCards: _theirs, ...settings } = readSettings({ ...now, ...(event.data as Partial<Settings>) });
  useSettings.setState(settings);
};

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
  const { recentCards: _cards, language: _language, ...shared } = change;
  otherTabs.postMessage(shared);
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_DELAY_MS);
}

/** Before anybody has signed in there is nowhere to keep it but this browser. */
export function showLanguage(language: Language): void {
  useSettings.setState({ language });
  localStorage.setItem(LANGUAGE_KEY, language);
}

/** The person signed in: his settings replace those of the page. */
export function applySettings(me: Me): void {
  useSettings.setState(readSettings(me.settings));
  showLanguage(me.language);
}

export function rememberCard(card: RecentCard): void {
  const { recentCards } = useSettings.getState();
  const next = withRecentCard(recentCards, card);
  if (next !== recentCards) changeSettings({ recentCards: next });
}
