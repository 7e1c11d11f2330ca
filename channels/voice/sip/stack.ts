/**
 * What the rest of the house sees of the SIP stack. Everything else in this folder is private to it.
 * Byte bodies stay Buffers from wire to wire (RFC 3261 section 7.4: bodies are octets).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../server/kernel/clock.ts';
import type { Log } from '../../../server/kernel/log.ts';

export type SipTransportName = 'udp' | 'tcp' | 'ws';

/** Where a request came from. */
export interface SipSource {
  readonly transport: SipTransportName;
  readonly address: string;
  readonly port: number;
  /** Who the WebSocket's upgrade was authenticated as (see `handleUpgrade`); undefined elsewhere. */
  readonly identity?: string | undefined;
}

/** A sip:, sips: or tel: URI (RFC 3261 section 19.1, RFC 3966). `user` is unescaped, parameters are lower-cased names. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips' | 'tel';
  readonly user: string;
  /** Empty for tel:. */
  readonly host: string;
  /** 0 = not given. */
  readonly port: number;
  readonly parameters: ReadonlyMap<string, string>;
  /** As on the wire. */
  readonly text: string;
}

export interface NameAddress {
  readonly displayName: string;
  readonly uri: SipUri;
  readonly parameters: ReadonlyMap<string, string>;
}

/** How a leg ended, in words that the layers above can show. */
export interface Termination {
  /** SIP status that ended an INVITE (408 also for a timer), 200 for a BYE, 487 for a CANCEL. */
  readonly status: number;
  /** Reason phrase or text of a Reason header. */
  readonly reason: string;
  /** Q.850 cause of a Reason header (RFC 3326), when there was one. */
  readonly q850?: number | undefined;
  /** Who ended it. `transport` = connection lost or no answer by timer. */
  readonly by: 'local' | 'remote' | 'transport';
}

/** An established INVITE dialog (RFC 3261 section 12), one leg of a call. Set `handlers` synchronously on receipt. */
export interface SipDialog {
  readonly dialogId: string;
  readonly sipCallId: string;
  readonly source: SipSource;
  handlers: SipDialogHandlers;
  /** Sends BYE; `reason` becomes a Reason header. Idempotent. */
  bye(reason?: { status: number; text: string }): void;
  /**
   * Sends a re-INVITE with our offer; resolves with the answer's SDP. Retries 491 by RFC 3261 section 14.1.
   * @throws SipError with the final status otherwise
   */
  reinvite(offer: Buffer): Promise<Buffer>;
  /** Sends INFO (RFC 6086); resolves with the final status. */
  info(contentType: string, body: Buffer): Promise<number>;
}

export interface SipDialogHandlers {
  /**
   * A re-INVITE or UPDATE. `offer` null: the peer wants ours (late offer), return it and `answered` brings the
   * peer's answer. Return the SDP to answer with. @throws SipError e.g. 488; the dialog goes on.
   */
  offer?(offer: Buffer | null): Promise<Buffer>;
  /** The ACK of a late offer brought the peer's answer. */
  answered?(answer: Buffer): void;
  /** INFO inside the dialog; the returned status answers it. */
  info?(contentType: string, body: Buffer): number;
  /** Exactly once, for any end that we did not ask for with bye(). */
  ended?(termination: Termination): void;
}

/** An INVITE that came in and is not answered yet (UAS). 100 Trying has been sent. */
export interface IncomingInvite {
  readonly sipCallId: string;
  readonly source: SipSource;
  readonly requestUri: SipUri;
  readonly from: NameAddress;
  readonly to: NameAddress;
  /** First value of a header, by its full lower-case name. */
  header(name: string): string | undefined;
  headers(name: string): readonly string[];
  /** null: INVITE without SDP; answer() then carries our offer and `answered` brings the answer. */
  readonly offer: Buffer | null;
  /** Exactly once, when the caller gave up before the answer (CANCEL, lost connection). 487 has been sent. */
  onCancelled: ((termination: Termination) => void) | undefined;
  /** 180, or 183 when SDP is given. May be repeated. */
  ring(sdp?: Buffer): void;
  /**
   * 200 with our SDP; retransmitted until the ACK.
   * @throws SipError 487 when the INVITE is over: cancelled, lost, answered or rejected before
   */
  answer(sdp: Buffer): SipDialog;
  /** Final refusal. `retryAfterSeconds` adds Retry-After. */
  reject(status: number, reason?: string, retryAfterSeconds?: number): void;
}

export interface InviteTarget {
  /** A registered AOR's user part (all its bindings ring; the first 2xx wins), or one URI. */
  readonly aor?: string;
  readonly uri?: string;
  /** Next hop for `uri` when it is not the URI's own host (outbound proxy of a trunk). */
  readonly nextHop?: { readonly transport: SipTransportName; readonly address: string; readonly port: number };
}

export interface OutgoingInviteOptions {
  readonly target: InviteTarget;
  /** SDP offer. */
  readonly offer: Buffer;
  readonly from: { readonly displayName: string; readonly user: string; readonly host?: string };
  /** Header lines to add; values are cleaned of CR and LF. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Digest credentials of a trunk (RFC 8760: SHA-256 and MD5). */
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly handlers: OutgoingInviteHandlers;
}

/** None of them runs before `invite()` has returned. */
export interface OutgoingInviteHandlers {
  /** 101-199; `sdp` when the response carried one (early media). */
  progress?(status: number, sdp: Buffer | null): void;
  /** First 2xx; the ACK has been sent. Set `dialog.handlers` before returning. */
  answered(dialog: SipDialog, sdp: Buffer): void;
  /** Exactly once when no 2xx came. 480 at once when an AOR has no binding. */
  failed(termination: Termination): void;
}

/** An INVITE on its way out (UAC). */
export interface OutgoingInvite {
  readonly sipCallId: string;
  /**
   * CANCEL; a 200 that crosses it is acknowledged and ended with BYE. `failed` still comes, with 487, when the peer has
   * let go: within 32 s at most, so do not wait for it with anything that matters. Idempotent.
   */
  cancel(reason?: { status: number; text: string }): void;
}

export interface Registration {
  readonly aor: string;
  readonly contactUri: string;
  readonly transport: SipTransportName;
  readonly expiresAt: number;
}

export interface SipStackOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Address to listen on, e.g. 127.0.0.1 or 0.0.0.0. */
  readonly host: string;
  /** What we write into Via and Contact when `host` is a wildcard. */
  readonly publicAddress: string;
  /** UDP and TCP; 0 = any free one. */
  readonly port: number;
  readonly userAgent: string;
  /**
   * HA1 = H(username:realm:password) of a SIP account for the registrar's digest; null = unknown user.
   * WebSocket connections with an identity need no digest: they may register that identity's AOR only.
   */
  readonly ha1: (username: string, realm: string, algorithm: 'SHA-256' | 'MD5') => string | null;
  readonly realm: string;
  readonly handlers: SipStackHandlers;
}

export interface SipStackHandlers {
  /** An INVITE outside any dialog. Called within the datagram's event, before any I/O. */
  invite(invite: IncomingInvite): void;
  /** The set of bindings of an AOR went from none to some, or back. */
  registered?(aor: string, registrations: readonly Registration[]): void;
  unregistered?(aor: string): void;
}

export interface SipStackStats {
  readonly dialogs: number;
  readonly serverTransactions: number;
  readonly clientTransactions: number;
  readonly registrations: number;
  readonly received: number;
  readonly sent: number;
  readonly malformed: number;
  /** Requests that were answered with 503 because there was more work than time. */
  readonly refused: number;
}

export interface SipStack {
  /** Opens the UDP and TCP listeners. @throws the bind error (EADDRINUSE ...) */
  start(): Promise<void>;
  /** Ends dialogs with BYE and pending INVITEs with 503, closes every socket. Idempotent. */
  close(): Promise<void>;
  /** The UDP and TCP port in use. */
  readonly port: number;
  /** Takes over an HTTP upgrade to the subprotocol `sip` (RFC 7118); the caller has authenticated it. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, identity: string | undefined): void;
  invite(options: OutgoingInviteOptions): OutgoingInvite;
  registrations(aor: string): readonly Registration[];
  stats(): SipStackStats;
}

/** A SIP failure with the status to answer or that was answered. */
export class SipError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'SipError';
    this.status = status;
  }
}
