import { type Invitation, SessionState } from 'sip.js';
import type { Hearing } from './hearing.ts';
import { audioSender, peerOf } from './media.ts';
import { type CallSessionEnd, endOfCancel } from './session-end.ts';
import { watchHearing } from './watch-hearing.ts';

/** `listener`: a call of others is heard silently. `test`: the phone echoes. Neither has to do with a contact of mine. */
export type CallSessionRole = 'agent' | 'listener' | 'test';
export type CallSessionState = 'ringing' | 'answering' | 'talking' | 'ended';

export interface CallSession {
  readonly interactionId: string;
  readonly offerId: string;
  readonly role: CallSessionRole;
  state(): CallSessionState;
  /** How well both sides hear; null while nothing can be said. */
  hearing(): Hearing | null;
  /** Takes the call. Failing to (no microphone) rejects it, so that the server tries the next agent at once. */
  answer(): Promise<void>;
  /** Ends the leg from the phone's side, whatever its state: the way out when the server's command fails. */
  end(): Promise<void>;
  setMuted(muted: boolean): void;
  /** Another microphone, without a new negotiation. */
  replaceTrack(track: MediaStreamTrack): Promise<void>;
  /** New ICE candidates after a change of network; without it the call stays up but silent. */
  restartIce(): Promise<void>;
}

export interface CallSessionHandlers {
  readonly onChange: () => void;
  readonly onEnded: (end: CallSessionEnd) => void;
  readonly onRemoteAudio: (stream: MediaStream) => void;
  readonly isHeld: (interactionId: string) => boolean;
}

const BUSY_HERE = 486;
const DECLINE = 603;

/** Puts the phone's behaviour around one incoming INVITE of the server. */
export function createCallSession(invitation: Invitation, handlers: CallSessionHandlers): CallSession {
  let end: CallSessionEnd = 'ended';
  let answering = false;
  let muted = false;
  let hearing: Hearing | null = null;
  const header = (name: string): string => invitation.request.getHeader(name) ?? '';

  invitation.delegate = {
    onCancel(cancel) {
      end = endOfCancel(cancel.request.getHeaders('reason'));
    },
    // without this SIP.js would follow any REFER and dial whatever it names
    onRefer(referral) {
      referral.reject({ statusCode: DECLINE }).catch(() => undefined);
    },
  };

  const state = (): CallSessionState => {
    if (invitation.state === SessionState.Established) return 'talking';
    if (invitation.state === SessionState.Terminated) return 'ended';
    return answering || invitation.state !== SessionState.Initial ? 'answering' : 'ringing';
  };

  function applyMute(): void {
    const track = audioSender(invitation)?.track;
    if (track) track.enabled = !muted;
  }

  const interactionId = header('X-Switchroom-Interaction');
  const stopWatching = watchHearing({
    session: invitation,
    isMuted: () => muted,
    isHeld: () => handlers.isHeld(interactionId),
    onVerdict(verdict) {
      hearing = verdict;
      handlers.onChange();
    },
  });

  invitation.stateChange.addListener((next) => {
    if (next === SessionState.Established) {
      const stream = peerOf(invitation)?.remoteMediaStream;
      if (stream !== undefined) handlers.onRemoteAudio(stream);
      applyMute();
    }
    handlers.onChange();
    if (next === SessionState.Terminated) {
      stopWatching();
      handlers.onEnded(end);
    }
  });

  return {
    interactionId,
    offerId: header('X-Switchroom-Offer'),
    role: roleOf(header('X-Switchroom-Role')),
    state,
    hearing: () => hearing,
    async answer() {
      if (answering || invitation.state !== SessionState.Initial) return;
      answering = true;
      handlers.onChange();
      const options = { sessionDescriptionHandlerOptions: { constraints: { audio: true, video: false } } };
      await invitation.accept(options).catch(async (error: unknown) => {
        end = 'media_failed';
        if (invitation.state !== SessionState.Terminated) await invitation.reject({ statusCode: BUSY_HERE });
        throw error;
      });
    },
    async end() {
      if (invitation.state === SessionState.Established) await invitation.bye();
      else if (invitation.state !== SessionState.Terminated) await invitation.reject({ statusCode: DECLINE });
    },
    setMuted(next) {
      muted = next;
      applyMute();
    },
    async replaceTrack(track) {
      const sender = audioSender(invitation);
      if (sender === undefined || invitation.state !== SessionState.Established) {
        track.stop();
        return;
      }
      const old = sender.track;
      // before it is sent, not after: a muted agent is not heard for a moment either
      track.enabled = !muted;
      await sender.replaceTrack(track).catch((error: unknown) => {
        track.stop();
        throw error;
      });
      old?.stop();
    },
    async restartIce() {
      if (invitation.state !== SessionState.Established) return;
      const ice = peerOf(invitation)?.peerConnection?.iceConnectionState;
      if (ice !== 'disconnected' && ice !== 'failed') return;
      await invitation.invite({ sessionDescriptionHandlerOptions: { offerOptions: { iceRestart: true } } as object });
    },
  };
}

const roleOf = (word: string): CallSessionRole => (word === 'listener' || word === 'test' ? word : 'agent');
