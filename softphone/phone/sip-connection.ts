import { type Invitation, Registerer, RegistererState, UserAgent } from 'sip.js';
import { backoffMs } from './backoff.ts';
import { mediaOptions } from './media.ts';

export type SipConnectionState = 'connecting' | 'registered' | 'reconnecting' | 'closed';

export interface SipConnectionOptions {
  /** `ws://host/sip` or `wss://host/sip`; the upgrade is authenticated by the session cookie. */
  readonly server: string;
  readonly aor: string;
  readonly realm: string;
  readonly openTrack: () => Promise<MediaStreamTrack>;
  readonly onState: (state: SipConnectionState) => void;
  readonly onInvite: (invitation: Invitation) => void;
  /** The socket came back: calls may have to restart ICE. */
  readonly onReconnected: () => void;
}

export interface SipConnection {
  /** Tries at once: the network came back or the tab became visible. */
  connectNow(): void;
  /** Takes the phone off the registrar and closes the socket. */
  close(): Promise<void>;
}

const EXPIRES_SECONDS = 300;
/** Per cent of the expiry after which SIP.js refreshes; its own 99 leaves no room for a lost answer. */
const REFRESH_PERCENT = 70;
/** Above the server's own ring time: the server ends an offer, not the phone. */
const NO_ANSWER_SECONDS = 120;
const KEEP_ALIVE_SECONDS = 25;
const PROBE_TIMEOUT_MS = 4000;

/**
 * Keeps one user agent connected and registered for ever. Plain UserAgent and not SessionManager, which ends every call
 * when the socket drops or the page is left: after a reload in mid-call the server rings this tab again, unless it heard BYE.
 */
export function openSipConnection(options: SipConnectionOptions): SipConnection {
  let closed = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let registerer: Registerer | undefined;
  let wasRegistered = false;

  const uri = UserAgent.makeURI(`sip:${options.aor}@${options.realm}`);
  if (uri === undefined) throw new Error(`not a SIP address: ${options.aor}@${options.realm}`);
  const agent = new UserAgent({
    uri,
    transportOptions: { server: options.server, keepAliveInterval: KEEP_ALIVE_SECONDS, traceSip: false },
    logConfiguration: false,
    logBuiltinEnabled: false,
    noAnswerTimeout: NO_ANSWER_SECONDS,
    ...mediaOptions(options.openTrack),
    delegate: {
      onConnect: () => void register().catch(retry),
      onDisconnect: () => {
        forgetRegisterer();
        retry();
      },
      onInvite: options.onInvite,
    },
  });

  function retry(): void {
    if (closed || timer !== undefined) return;
    options.onState(wasRegistered ? 'reconnecting' : 'connecting');
    timer = setTimeout(connect, backoffMs(attempt, Math.random()));
    attempt += 1;
  }

  function connect(): void {
    clearTimeout(timer);
    timer = undefined;
    if (closed) return;
    const connecting = agent.isConnected() ? register() : agent.reconnect();
    // a failed attempt reports by itself through onDisconnect or here; both lead to the same single timer
    connecting.catch(retry);
  }

  /** A REGISTER in flight when the socket dies keeps its registerer waiting for 32 s, so each connect gets a fresh one. */
  function forgetRegisterer(): void {
    const old = registerer;
    registerer = undefined;
    // resolves when its last request is given up; nothing depends on it any more
    old?.dispose().catch(() => undefined);
  }

  async function register(): Promise<void> {
    const again = wasRegistered;
    if (registerer?.state !== RegistererState.Initial) forgetRegisterer();
    const fresh = new Registerer(agent, { expires: EXPIRES_SECONDS, refreshFrequency: REFRESH_PERCENT });
    registerer = fresh;
    fresh.stateChange.addListener((state) => {
      if (registerer !== fresh || closed) return;
      if (state === RegistererState.Registered) registered(again);
      else if (state === RegistererState.Unregistered) retry();
    });
    await fresh.register({ requestDelegate: { onReject: retry } });
  }

  function registered(again: boolean): void {
    attempt = 0;
    wasRegistered = true;
    options.onState('registered');
    if (again) options.onReconnected();
  }

  /** After a change of network the socket may be dead without knowing it: only an answer proves that it lives. */
  function probe(current: Registerer): void {
    const giveUp = setTimeout(() => {
      if (registerer === current) agent.transport.disconnect().catch(retry);
    }, PROBE_TIMEOUT_MS);
    const alive = (): void => clearTimeout(giveUp);
    // rejected only while another REGISTER is on its way, which is as good a probe
    current.register({ requestDelegate: { onAccept: alive, onReject: alive } }).catch(alive);
  }

  options.onState('connecting');
  agent.start().catch(retry);

  return {
    connectNow() {
      if (closed) return;
      if (agent.isConnected() && registerer?.state === RegistererState.Registered) {
        probe(registerer);
        return;
      }
      attempt = 0;
      connect();
    },
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      options.onState('closed');
      if (agent.isConnected()) await registerer?.unregister().catch(() => undefined);
      await agent.stop().catch(() => undefined);
    },
  };
}
