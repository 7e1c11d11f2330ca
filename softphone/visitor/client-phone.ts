import { Inviter, SessionState, UserAgent } from 'sip.js';
import { audioSender, mediaOptions, peerOf } from '../phone/media.ts';

/** `ended` carries why in `end`. */
export type ClientCallState = 'idle' | 'calling' | 'ringing' | 'talking' | 'ended';
export type ClientCallEnd = 'ended' | 'busy' | 'refused' | 'no_microphone' | 'no_server';

export interface ClientCallView {
  readonly state: ClientCallState;
  readonly end: ClientCallEnd | null;
  /** ms since the epoch, when the other side took the call. */
  readonly answeredAt: number | null;
  readonly muted: boolean;
}

export interface ClientPhone {
  call(options: { readonly caller: string; readonly number: string; readonly realm: string }): Promise<void>;
  hangUp(): Promise<void>;
  setMuted(muted: boolean): void;
  /** RFC 4733 telephone events. */
  sendDigit(digit: string): void;
}

const idle: ClientCallView = { state: 'idle', end: null, answeredAt: null, muted: false };
const BUSY: readonly number[] = [486, 600];
const DIGIT_MS = 160;
const DIGIT_GAP_MS = 60;
const RING_TIMEOUT_SECONDS = 300;

/** A client's telephone: no account, one call at a time. @param audio plays the other side. */
export function createClientPhone(
  server: string,
  audio: HTMLAudioElement,
  onChange: (view: ClientCallView) => void,
): ClientPhone {
  let view = idle;
  let session: Inviter | undefined;

  function change(part: Partial<ClientCallView>): void {
    view = { ...view, ...part };
    onChange(view);
  }

  async function openTrack(): Promise<MediaStreamTrack> {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    const [track] = stream.getAudioTracks();
    if (track === undefined) throw new Error('no microphone');
    return track;
  }

  function follow(inviter: Inviter, agent: UserAgent): void {
    inviter.stateChange.addListener((state) => {
      if (state === SessionState.Established) {
        const stream = peerOf(inviter)?.remoteMediaStream;
        if (stream !== undefined) {
          audio.srcObject = stream;
          // the press on "Call" has unlocked the sound
          audio.play().catch(() => undefined);
        }
        change({ state: 'talking', answeredAt: Date.now() });
      }
      if (state === SessionState.Terminated) {
        audio.srcObject = null;
        session = undefined;
        change({ state: 'ended', end: view.end ?? 'ended', muted: false });
        agent.stop().catch(() => undefined);
      }
    });
  }

  function invite(agent: UserAgent, target: string): Inviter {
    const uri = UserAgent.makeURI(target);
    if (uri === undefined) throw new Error(`not a SIP address: ${target}`);
    const inviter = new Inviter(agent, uri, {
      earlyMedia: true,
      sessionDescriptionHandlerOptions: { constraints: { audio: true, video: false } },
    });
    inviter.delegate = {
      onRefer: (referral) => void referral.reject().catch(() => undefined),
    };
    follow(inviter, agent);
    return inviter;
  }

  return {
    async call({ caller, number, realm }) {
      if (session !== undefined || view.state === 'calling') return;
      change({ ...idle, state: 'calling' });
      const agent = createAgent(server, caller, realm, openTrack);
      try {
        await agent.start();
      } catch {
        change({ state: 'ended', end: 'no_server' });
        return;
      }
      const inviter = invite(agent, `sip:${number}@${realm}`);
      session = inviter;
      try {
        await inviter.invite({
          requestDelegate: {
            onProgress: ({ message }) => {
              if (message.statusCode === 180 || message.statusCode === 183) change({ state: 'ringing' });
            },
            onReject: ({ message }) => {
              change({ end: BUSY.includes(message.statusCode ?? 0) ? 'busy' : 'refused' });
            },
          },
        });
      } catch {
        session = undefined;
        change({ state: 'ended', end: 'no_microphone' });
        await agent.stop().catch(() => undefined);
      }
    },
    async hangUp() {
      if (session === undefined) return;
      change({ end: 'ended' });
      if (session.state === SessionState.Established) await session.bye();
      else await session.cancel();
    },
    setMuted(muted) {
      const track = session === undefined ? undefined : audioSender(session)?.track;
      if (track) track.enabled = !muted;
      change({ muted });
    },
    sendDigit(digit) {
      const sender = session === undefined ? undefined : audioSender(session);
      sender?.dtmf?.insertDTMF(digit, DIGIT_MS, DIGIT_GAP_MS);
    },
  };
}

function createAgent(
  server: string,
  caller: string,
  realm: string,
  openTrack: () => Promise<MediaStreamTrack>,
): UserAgent {
  const uri = UserAgent.makeURI(`sip:${caller}@${realm}`);
  if (uri === undefined) throw new Error(`not a SIP address: ${caller}@${realm}`);
  return new UserAgent({
    uri,
    transportOptions: { server, keepAliveInterval: 25, traceSip: false },
    logConfiguration: false,
    logBuiltinEnabled: false,
    noAnswerTimeout: RING_TIMEOUT_SECONDS,
    ...mediaOptions(openTrack),
  });
}
