import type { Invitation } from 'sip.js';
import { type CallSession, createCallSession } from './call-session.ts';
import { watchDevices } from './device-watch.ts';
import { keepMute, wasMuted } from './kept-mute.ts';
import { createMicrophone } from './microphone.ts';
import { type PhoneCall, type PhoneConnection, type PhoneView, phoneOff } from './phone-view.ts';
import type { RingKind, SoundKind } from './ring-patterns.ts';
import type { CallSessionEnd } from './session-end.ts';
import { openSipConnection } from './sip-connection.ts';
import { createSound } from './sound.ts';
import type { SoundSettings } from './sound-settings.ts';

export interface OwnPhoneOptions {
  readonly server: string;
  readonly aor: string;
  readonly realm: string;
  /** How to ring for this interaction. */
  readonly ringKind: (interactionId: string) => RingKind;
  readonly isHeld: (interactionId: string) => boolean;
  readonly sound: SoundSettings;
  readonly onChange: (view: PhoneView) => void;
}

/** The phone of the tab that is it. */
export interface OwnPhone {
  unlock(): Promise<boolean>;
  answer(interactionId: string): void;
  end(interactionId: string): Promise<void>;
  setMuted(muted: boolean): void;
  micLevel(): number;
  configure(sound: SoundSettings): void;
  playSample(kind: SoundKind): void;
  /** Off the registrar; no call is ended by it, the server looks for its phone. */
  close(): Promise<void>;
}

/** The screen may show an offer a moment before its INVITE is here; an early "Answer" is kept this long. */
const EARLY_ANSWER_MS = 5000;

/** Registered for as long as it is open, one owner of the mute state. */
export function openOwnPhone(options: OwnPhoneOptions): OwnPhone {
  let connection: PhoneConnection = 'connecting';
  let muted = false;
  let lastEnd: PhoneView['lastEnd'] = null;
  let earlyAnswer: { readonly interactionId: string; readonly until: number } | undefined;
  let closed = false;
  const sessions = new Map<string, CallSession>();
  /** Legs that are no contact of mine: heard calls of others, test calls. The strip does not know them. */
  const asides = new Set<CallSession>();
  const devices = watchDevices(() => devicesChanged());
  const sound = createSound(devices, () => changed());
  const microphone = createMicrophone({ audio: sound.context, devices, onChange: () => changed(), onTrack });
  configure(options.sound);

  const sip = openSipConnection({
    server: options.server,
    aor: options.aor,
    realm: options.realm,
    openTrack: microphone.openTrack,
    onState(state) {
      connection = state === 'closed' ? 'off' : state;
      changed();
    },
    onInvite: invited,
    onReconnected: () => {
      for (const session of [...sessions.values(), ...asides]) session.restartIce().catch(() => undefined);
    },
  });
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') sip.connectNow();
  };
  globalThis.addEventListener('online', sip.connectNow);
  document.addEventListener('visibilitychange', onVisible);

  function configure(next: SoundSettings): void {
    microphone.choose(next.microphone);
    sound.configure(next);
  }

  function devicesChanged(): void {
    microphone.devicesChanged();
    sound.devicesChanged();
    changed();
  }

  function view(): PhoneView {
    const calls = [...sessions.values()].flatMap((session): PhoneCall[] => {
      const state = session.state();
      return state === 'ended' ? [] : [{ interactionId: session.interactionId, state, hearing: session.hearing() }];
    });
    return {
      ...phoneOff,
      connection,
      microphone: microphone.state(),
      soundUnlocked: sound.isUnlocked(),
      calls,
      listeningTo: [...asides].find((session) => session.role === 'listener')?.interactionId ?? null,
      muted,
      lastEnd,
      devices: devices.list(),
      choices: {
        microphone: microphone.choiceState(),
        speaker: sound.speakerState(),
        secondRing: sound.secondRingState(),
      },
    };
  }

  function changed(): void {
    if (!closed) options.onChange(view());
  }

  /** Calls go on with the microphone that is open now; a mute stays. */
  function onTrack(): void {
    for (const session of sessions.values()) {
      if (session.state() === 'talking') microphone.openTrack().then(session.replaceTrack).catch(changed);
    }
  }

  function invited(invitation: Invitation): void {
    const session = createCallSession(invitation, {
      onChange: () => sessionChanged(),
      onRemoteAudio: sound.play,
      onEnded: (end) => sessionEnded(session, end),
      isHeld: options.isHeld,
    });
    if (session.role !== 'agent') {
      answerAside(session);
      return;
    }
    sessions.set(session.interactionId, session);
    lastEnd = null;
    const isMine = invitation.request.getHeader('X-Switchroom-Answer') === 'auto';
    const early = earlyAnswer?.interactionId === session.interactionId && earlyAnswer.until > Date.now();
    earlyAnswer = undefined;
    // put through again: whoever was muted before still is
    if (isMine || early) answer(session, isMine && wasMuted(session.interactionId));
    else sound.ring(options.ringKind(session.interactionId));
    changed();
  }

  function answerAside(session: CallSession): void {
    asides.add(session);
    // nobody may be disturbed by whoever listens
    session.setMuted(session.role === 'listener');
    session.answer().catch(changed);
    changed();
  }

  function answer(session: CallSession, silently = false): void {
    sound.stopRinging();
    setMuted(silently);
    // the failure shows as the end of the session with its reason
    session.answer().catch(changed);
  }

  function sessionChanged(): void {
    if (![...sessions.values()].some((session) => session.state() === 'ringing')) sound.stopRinging();
    changed();
  }

  function sessionEnded(session: CallSession, end: CallSessionEnd): void {
    asides.delete(session);
    // put through again, the same interaction may have a newer leg already
    if (sessions.get(session.interactionId) === session) {
      sessions.delete(session.interactionId);
      lastEnd = { interactionId: session.interactionId, end };
    }
    if (sessions.size === 0) muted = false;
    if (sessions.size === 0 && asides.size === 0) sound.stop();
    sessionChanged();
  }

  function setMuted(next: boolean): void {
    muted = next;
    for (const session of sessions.values()) session.setMuted(next);
    const [call] = sessions.keys();
    keepMute(next ? (call ?? null) : null);
    changed();
  }

  changed();
  return {
    async unlock() {
      const unlocked = await sound.unlock();
      return (await microphone.open()) === 'live' && unlocked;
    },
    answer(interactionId) {
      const session = sessions.get(interactionId);
      if (session !== undefined) answer(session);
      else earlyAnswer = { interactionId, until: Date.now() + EARLY_ANSWER_MS };
    },
    end: async (interactionId) => sessions.get(interactionId)?.end(),
    setMuted,
    micLevel: microphone.level,
    configure,
    playSample: sound.sample,
    async close() {
      if (closed) return;
      closed = true;
      globalThis.removeEventListener('online', sip.connectNow);
      document.removeEventListener('visibilitychange', onVisible);
      await sip.close();
      devices.close();
      microphone.close();
      sound.close();
    },
  };
}
