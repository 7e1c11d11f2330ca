import { useLanguage } from '../i18n/use-language.ts';
import type { ChoiceStates, PhoneView } from '../phone/phone-view.ts';
import { useSettings } from '../state/settings.ts';
import { usePhoneStore, useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import { hearingMessage, worst } from './hearing-words.ts';

/** `bad`: calls are kept away or suffer. `mild`: all goes on, only not as it was chosen. */
export interface PhoneTrouble {
  readonly tone: 'bad' | 'mild';
  readonly text: string;
  /** Worth a word to whoever cannot see it, even into a call. */
  readonly spoken: boolean;
}

const chosen: readonly (keyof ChoiceStates)[] = ['microphone', 'speaker', 'secondRing'];

/** How well both sides of the present call hear; null while there is none, and on hold. */
export const hearingOf = (phone: PhoneView) => phone.calls.find(({ hearing }) => hearing !== null)?.hearing ?? null;

/** What became of the chosen devices, in words; empty while all are in use. */
export function useDeviceTroubles(): readonly string[] {
  const { t } = useLanguage();
  const choices = usePhoneStore((phone) => phone.choices);
  const settings = useSettings();
  return chosen.flatMap((name) => {
    const state = choices[name];
    if (state === 'ok') return [];
    return [t(`device.${name}.${state}`, { label: settings[name]?.label || t('device.system') })];
  });
}

/** The one thing that is wrong with the phone, in words; undefined while all is well. */
export function usePhoneTrouble(): PhoneTrouble | undefined {
  const { t } = useLanguage();
  const phone = usePhoneStore();
  const online = useWorkspaceStore((store) => store.connection.online);
  const started = useScreenStore((screen) => screen.shiftScreenDone);
  const [device] = useDeviceTroubles();
  const bad = (text: string): PhoneTrouble => ({ tone: 'bad', text, spoken: true });
  if (!online) return bad(t('failure.offline'));
  if (phone.connection === 'elsewhere') return bad(t('phone.short.elsewhere'));
  if (phone.connection !== 'registered') return bad(t(`phone.short.${phone.connection}`));
  if (phone.microphone === 'denied' || phone.microphone === 'missing') return bad(t(`mic.${phone.microphone}`));
  if (started && !phone.soundUnlocked) return bad(t('strip.noAudio'));
  const hearing = hearingOf(phone);
  const grade = hearing === null ? 'good' : worst(hearing);
  if (hearing !== null && (grade === 'bad' || grade === 'silent')) return bad(t(hearingMessage(hearing)));
  if (device !== undefined) return { tone: 'mild', text: device, spoken: true };
  if (hearing === null || grade === 'good') return undefined;
  return { tone: 'mild', text: t(hearingMessage(hearing)), spoken: false };
}
