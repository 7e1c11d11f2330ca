import type { Invitation } from 'sip.js';
import { type CallSession, type CallSessionState, createCallSession } from './call-session.ts';
import type { NetworkHealth } from './health.ts';
import { claimPhone, type PhoneTab } from './leader.ts';
import { createMicrophone, type MicrophoneState } from './microphone.ts';
import type { RingKind, SoundKind } from './ring-tone.ts';
import type { CallSessionEnd } from './session-end.ts';
import { openSipConnection, type SipConnection } from './sip-connection.ts';
import { createSound } from './sound.ts';

/** `elsewhere`: another tab of this browser is the phone. */
export type PhoneConnection = 'off' | 'elsewhere' | 'connecting' | 'registered' | 'reconnecting';

export interface PhoneCall {
  readonly interactionId: string;
  readonly state: Exclude<CallSessionState, 'ended'>;
  readonly network: NetworkHealth | null;
}

/** Everything the screen shows of the phone; a new object after each change. */
export interface PhoneView {
  readonly connection: PhoneConnection;
  readonly microphone: MicrophoneState;
  readonly soundUnlocked: boolean;
  readonly calls: readonly PhoneCall[];
  /** A call of others that is heard silently in this tab. */
  readonly listeningTo: string | null;
  readonly muted: boolean;
  /** How this tab's last leg ended: tells "a colleague answered" from "missed". */
  readonly lastEnd: { readonly interactionId: string; readonly end: CallSessionEnd } | null;
}

export const phoneOff: PhoneView = {
  connection: 'off',
  microphone: 'closed',
  soundUnlocked: false,
  calls: [],
  listeningTo: null,
  muted: false,
  lastEnd: null,
};

export interface PhoneOptions {
  readonly server: string;
  readonly aor: string;
  readonly realm: string;
  /** How to ring for this interaction. */
  readonly ringKind: (interactionId: string) => RingKind;
  readonly onChange: (view: PhoneView) => void;
}

export interface Phone {
  /** Inside a click: sound on, microphone asked for. Says whether this tab can ring and be heard. */
  unlock(): Promise<boolean>;
  /** Answers now, or as soon as the INVITE of this interaction arrives. */
  answer(interactionId: string): void;
  /** Ends this tab's leg without asking the server. */
  end(interactionId: string): Promise<void>;
  setMuted(muted: boolean): void;
  micLevel(): number;
  setVolume(volume: number): void;
  playSample(kind: SoundKind): void;
  close(): Promise<void>;
}

/** The screen may show an offer a moment before its INVITE is here; an early "Answer" is kept this long. */
const EARLY_ANSWER_MS = 5000;

/** The agent's phone: one tab per browser, always registered, one owner of the mute state. */
export function createPhone(options: PhoneOptions): Phone {
  let connection: PhoneConnection = 'off';
  let muted = false;
  let lastEnd: PhoneView['lastEnd'] = null;
  let earlyAnswer: { readonly interactionId: string; readonly until: number } | undefined;
  let sip: SipConnection | undefined;
  let closed = false;
  const sessions = new Map<string, CallSession>();
  /** Legs that are no contact of mine: heard calls of others, test calls. The strip does not know them. */
  const asides = new Set<CallSession>();
  const sound = createSound(() => changed());
  const microphone = createMicrophone(sound.context, () => microphoneChanged());

  const tab: PhoneTab = claimPhone(options.aor, start, () => setConnection('elsewhere'));
  const wake = (): void => sip?.connectNow();
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') wake();
  };
  globalThis.addEventListener('online', wake);
  document.addEventListener('visibilitychange', onVisible);

  function start(): void {
    if (closed) return;
    sip = openSipConnection({
      server: options.server,
      aor: options.aor,
      realm: options.realm,
      openTrack: microphone.openTrack,
      onState: (state) => setConnection(state === 'closed' ? 'off' : state),
      onInvite: invited,
      onReconnected: () => {
        for (const session of [...sessions.values(), ...asides]) session.restartIce().catch(() => undefined);
      },
    });
  }

  function setConnection(next: PhoneConnection): void {
    connection = next;
    changed();
  }

  function changed(): void {
    if (closed) return;
    const calls = [...sessions.values()].flatMap((session): PhoneCall[] => {
      const state = session.state();
      return state === 'ended' ? [] : [{ interactionId: session.interactionId, state, network: session.network() }];
    });
    options.onChange({
      connection,
      microphone: microphone.state(),
      soundUnlocked: sound.isUnlocked(),
      calls,
      listeningTo: [...asides].find((session) => session.role === 'listener')?.interactionId ?? null,
      muted,
      lastEnd,
    });
  }

  function microphoneChanged(): void {
    changed();
    if (microphone.state() !== 'live') return;
    for (const session of sessions.values()) {
      if (session.state() === 'talking') microphone.openTrack().then(session.replaceTrack).catch(changed);
    }
  }

  function invited(invitation: Invitation): void {
    const session = createCallSession(invitation, {
      onChange: () => sessionChanged(),
      onRemoteAudio: sound.play,
      onEnded: (end) => sessionEnded(session, end),
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
    if (isMine || early) answer(session);
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

  function answer(session: CallSession): void {
    sound.stopRinging();
    setMuted(false);
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
    changed();
  }

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
    setVolume: sound.setVolume,
    playSample: sound.sample,
    async close() {
      if (closed) return;
      closed = true;
      globalThis.removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', onVisible);
      await sip?.close();
      tab.close();
      microphone.close();
      sound.close();
    },
  };
}
