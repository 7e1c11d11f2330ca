import {
  type IncomingInvite,
  type NameAddress,
  type SipDialog,
  SipError,
  type Termination,
} from '../../channels/voice/sip/stack.ts';
import { type Pcm, tonesIn } from './audio.ts';
import { openBrowserStack, openPhoneStack, type PhoneStack } from './phone-stack.ts';
import { createRtpPeer, type Law, type RtpPeer } from './rtp-peer.ts';
import { openWebRtcPeer } from './webrtc-peer.ts';
import { within } from './within.ts';

export interface TestPhoneOptions {
  /** SIP port of the server, on 127.0.0.1. */
  readonly serverPort: number;
  /** The tone that this phone says in every call, Hz. */
  readonly tone: number;
  readonly law?: Law;
}

export interface BrowserPhoneOptions {
  /** Of the server, `http://host:port`. */
  readonly url: string;
  /** Of the session whose phone it is. */
  readonly cookie: string;
  readonly tone: number;
}

/** A SIP telephone on loopback: real signalling and real audio, told what to do by a test. */
export interface TestPhone {
  readonly port: number;
  /** @returns the final status of REGISTER */
  register(user: string, secret: string): Promise<number>;
  unregister(): Promise<number>;
  /** The page is reloaded: signalling and audio stop without a word. */
  drop(): void;
  /** The next call that rings here and nobody has taken yet, or the one that rings already. */
  nextCall(ms?: number): Promise<RingingCall>;
  /** Calls a number of the server's. */
  call(number: string, from: CallerIdentity): Promise<PlacedCall>;
  /** Says BYE to whatever is up and closes its sockets. Idempotent. */
  close(): Promise<void>;
}

export interface CallerIdentity {
  readonly number: string;
  readonly displayName?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call of this phone, in either direction. */
interface PhoneCall {
  /** What it says and hears. */
  readonly audio: RtpPeer;
  /** Resolves once when the call is over, whoever ended it. */
  readonly ended: Promise<Termination>;
  /** Ends it: CANCEL, refusal or BYE, as the state demands. */
  hangUp(): void;
  /** Which of the tones (Hz) are heard over the next 0.6 s; see `tonesIn`. */
  tones(candidates: readonly number[]): Promise<(number | string)[]>;
  /** The next `seconds` of sound. @throws when it does not come */
  listen(seconds: number): Promise<Pcm>;
  /** A digit as SIP INFO, in the body of old gateways. @returns the final status */
  sendInfoDigit(digit: string): Promise<number>;
}

export interface RingingCall extends PhoneCall {
  readonly invite: IncomingInvite;
  readonly from: NameAddress;
  /** 183 with sound, without answering. */
  ringWithSound(): void;
  answer(): void;
  decline(status: number, reason?: string): void;
}

export interface PlacedCall extends PhoneCall {
  /** Provisional responses so far; `sound` when one carried SDP. */
  readonly progress: readonly { readonly status: number; readonly sound: boolean }[];
  /** @throws with the final status when the call was refused */
  answered(ms?: number): Promise<void>;
  /** Resolves with the first provisional response of this status. @throws with the final status when the call was refused */
  provisional(status: number, ms?: number): Promise<void>;
}

const waitMs = 10_000;
const listenSeconds = 0.6;
const host = '127.0.0.1';

/** Opens a phone on a free port. It takes calls from anybody who reaches it. */
export const openTestPhone = ({ serverPort, tone, law = 'PCMA' }: TestPhoneOptions): Promise<TestPhone> =>
  openPhone({
    serverPort,
    openStack: (invited) => openPhoneStack(serverPort, invited),
    openAudio: () => createRtpPeer({ frequency: tone, law }),
  });

/** Opens the phone of a browser: SIP over WebSocket, ICE, DTLS and SRTP. It is called only. */
export const openBrowserPhone = ({ url, cookie, tone }: BrowserPhoneOptions): Promise<TestPhone> =>
  openPhone({
    serverPort: 0,
    openStack: (invited) => openBrowserStack(url, cookie, invited),
    openAudio(offer) {
      if (!offer) throw new Error('a browser calls nobody by itself');
      return openWebRtcPeer(offer, { frequency: tone, law: 'PCMA' });
    },
  });

interface PhoneParts {
  readonly serverPort: number;
  openStack(invited: (invite: IncomingInvite) => void): Promise<PhoneStack>;
  /** @param offer of the call that came in, null when we call */
  openAudio(offer: Buffer | null): Promise<RtpPeer>;
}

async function openPhone({ serverPort, openStack, openAudio }: PhoneParts): Promise<TestPhone> {
  const ringing: RingingCall[] = [];
  const waiting: ((call: RingingCall) => void)[] = [];
  const audios = new Set<RtpPeer>();
  let account: { user: string; secret: string } | undefined;

  async function audioFor(offer: Buffer | null): Promise<RtpPeer> {
    const audio = await openAudio(offer);
    audios.add(audio);
    return audio;
  }
  const silence = (): void => {
    for (const audio of audios) audio.close();
  };

  const stack = await openStack((invite) => {
    invite.ring();
    void audioFor(invite.offer).then((audio) => {
      const call = ringingCall(invite, audio);
      const next = waiting.shift();
      if (next) next(call);
      else ringing.push(call);
    });
  });

  return {
    get port() {
      return stack.port;
    },
    register(user, secret) {
      account = { user, secret };
      return stack.register({ ...account, expiresSeconds: 600 });
    },
    unregister: async () => (account ? stack.register({ ...account, expiresSeconds: 0 }) : 0),
    drop() {
      silence();
      stack.drop();
    },
    async nextCall(ms = waitMs) {
      const known = ringing.shift();
      if (known) return known;
      const { promise, resolve } = Promise.withResolvers<RingingCall>();
      waiting.push(resolve);
      try {
        return await within(promise, ms, 'a call to this phone');
      } finally {
        const at = waiting.indexOf(resolve);
        if (at >= 0) waiting.splice(at, 1);
      }
    },
    call: async (number, from) => placedCall({ stack, serverPort, audio: await audioFor(null), number, from }),
    async close() {
      silence();
      await stack.close();
    },
  };
}

/** What both directions share, around the dialog that is there once the call is answered. */
function openCall(audio: RtpPeer) {
  const ended = Promise.withResolvers<Termination>();
  let dialog: SipDialog | undefined;
  const finish = (termination: Termination): void => {
    audio.mute();
    ended.resolve(termination);
  };
  const listen = (seconds: number): Promise<Pcm> => within(audio.listen(seconds), waitMs, `${seconds} s of sound`);
  return {
    finish,
    /** The call is up: sound flows, and a re-offer is answered with the same description. */
    up(established: SipDialog, theirs: Buffer | null): void {
      dialog = established;
      dialog.handlers = {
        offer: async (offer) => {
          if (offer) audio.connect(offer);
          return audio.description();
        },
        answered: (answer) => audio.connect(answer),
        info: () => 200,
        ended: finish,
      };
      if (theirs) audio.connect(theirs);
      audio.start();
    },
    get dialog() {
      return dialog;
    },
    common: {
      audio,
      ended: ended.promise,
      listen,
      tones: async (candidates: readonly number[]) => tonesIn(await listen(listenSeconds), candidates),
      async sendInfoDigit(digit: string) {
        if (!dialog) throw new Error('the call is not up');
        return dialog.info('application/dtmf-relay', Buffer.from(`Signal=${digit}\r\nDuration=160\r\n`));
      },
    },
  };
}

const ourOwn = (status: number): Termination => ({ status, reason: 'ended here', by: 'local' });

function ringingCall(invite: IncomingInvite, audio: RtpPeer): RingingCall {
  const call = openCall(audio);
  invite.onCancelled = call.finish;
  const decline = (status: number, reason?: string): void => {
    invite.reject(status, reason);
    call.finish(ourOwn(status));
  };
  return {
    ...call.common,
    invite,
    from: invite.from,
    decline,
    ringWithSound() {
      if (invite.offer) audio.connect(invite.offer);
      invite.ring(audio.description());
      audio.start();
    },
    answer() {
      try {
        call.up(invite.answer(audio.description()), invite.offer);
      } catch (error) {
        // The caller gave up at the same moment: `ended` says so.
        if (!(error instanceof SipError)) throw error;
      }
    },
    hangUp() {
      if (!call.dialog) return decline(603, 'Decline');
      call.dialog.bye();
      call.finish(ourOwn(200));
    },
  };
}

interface Placing {
  readonly stack: PhoneStack;
  readonly serverPort: number;
  readonly audio: RtpPeer;
  readonly number: string;
  readonly from: CallerIdentity;
}

function placedCall({ stack, serverPort, audio, number, from }: Placing): PlacedCall {
  const call = openCall(audio);
  const progress: { status: number; sound: boolean }[] = [];
  const heard = new Set<() => void>();
  const answered = Promise.withResolvers<void>();
  // A test that does not ask for the answer must not fail on an unhandled rejection.
  answered.promise.catch(() => undefined);
  const outgoing = stack.invite({
    target: { uri: `sip:${number}@${host}:${serverPort}` },
    offer: audio.description(),
    from: { displayName: from.displayName ?? '', user: from.number, host },
    ...(from.headers ? { headers: from.headers } : {}),
    handlers: {
      progress(status, sdp) {
        progress.push({ status, sound: sdp !== null });
        for (const look of heard) look();
      },
      answered(dialog, sdp) {
        call.up(dialog, sdp);
        answered.resolve();
      },
      failed(termination) {
        call.finish(termination);
        answered.reject(new Error(`the call was refused with ${termination.status} ${termination.reason}`));
      },
    },
  });
  return {
    ...call.common,
    progress,
    answered: (ms = waitMs) => within(answered.promise, ms, 'the answer to the call'),
    provisional(status, ms = waitMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => {
        if (progress.some((response) => response.status === status)) resolve();
      };
      heard.add(look);
      look();
      const refused = new Promise<never>((_, reject) => answered.promise.catch(reject));
      return within(Promise.race([promise, refused]), ms, `a provisional response ${status}`).finally(() =>
        heard.delete(look),
      );
    },
    hangUp() {
      if (!call.dialog) return outgoing.cancel();
      call.dialog.bye();
      call.finish(ourOwn(200));
    },
  };
}
