import type { Clock } from '../../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import type { RemoteMedia } from '../sdp/negotiate.ts';
import type { SdpFingerprint } from '../sdp/parse.ts';
import type { Certificate } from './dtls/certificate.ts';
import type { SrtpKeys } from './dtls/keys.ts';
import { createDtlsServer, type DtlsServer } from './dtls/server.ts';
import { type IceAgent, type IceCredentials, type IceRegistry, newCredentials } from './ice/registry.ts';
import { isRtcp } from './rtp.ts';
import { createSrtpReceiver, createSrtpSender, type SrtpReceiver, type SrtpSender } from './srtp/context.ts';
import type { SrtpProfile } from './srtp/keys.ts';
import type { LegTransport, TransportHandlers } from './transport.ts';
import type { UdpSocket } from './udp.ts';

/** A WebRTC leg on the shared port. */
export interface WebRtcTransport extends LegTransport {
  /** Called about every second: ends the leg's life when its peer has not been heard of for too long. */
  checkConsent(nowMs: number): void;
  /** Takes SRTP keys as from a handshake. The load generator uses it to leave DTLS out of the measurement. */
  install(keys: SrtpKeys): void;
}

export interface WebRtcTransportOptions {
  readonly socket: UdpSocket;
  readonly registry: IceRegistry;
  readonly certificate: Certificate;
  readonly clock: Clock;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly profiles: readonly SrtpProfile[];
  readonly handlers: TransportHandlers;
  /** Called once, when the leg is closed. */
  readonly onClose: (transport: WebRtcTransport) => void;
}

const isDtls = (first: number): boolean => first >= 20 && first <= 63;
const isMedia = (first: number): boolean => first >= 128 && first <= 191;

const sameIdentity = (a: readonly SdpFingerprint[], b: readonly SdpFingerprint[]): boolean =>
  a.length === b.length && a.every((each, i) => each.algorithm === b[i]?.algorithm && each.value === b[i]?.value);

export function openWebRtcTransport(options: WebRtcTransportOptions): WebRtcTransport {
  const { socket, registry, handlers, now } = options;
  let credentials: IceCredentials = newCredentials();
  /** User fragment from before an ICE restart: valid until the new one is nominated (RFC 8445 section 9). */
  let previousUfrag: string | undefined;
  let remoteUfrag: string | undefined;
  let fingerprints: readonly SdpFingerprint[] = [];
  const selected = { address: '', port: 0 };
  let dtls: DtlsServer | undefined;
  let sender: SrtpSender | undefined;
  let receiver: SrtpReceiver | undefined;
  let connected = false;
  /** The handshake failed or the peer said goodbye: only a restart or another identity begins anew. */
  let ended = false;
  let closed = false;
  /** When the peer was last heard; NaN = no check is due yet, because nothing has been agreed. */
  let heardAt = Number.NaN;
  let patienceMs: number = limits.consentMs;

  function lose(reason: string): void {
    heardAt = Number.NaN;
    if (!closed) handlers.lost(reason);
  }

  function install(keys: SrtpKeys): void {
    receiver = createSrtpReceiver(keys.client);
    sender = createSrtpSender(keys.server);
    if (connected) return;
    connected = true;
    handlers.connected();
  }

  function dropAssociation(): void {
    dtls?.close();
    dtls = undefined;
    sender = undefined;
    receiver = undefined;
    ended = false;
  }

  function association(): DtlsServer | undefined {
    if (dtls || ended) return dtls;
    dtls = createDtlsServer({
      certificate: options.certificate,
      profiles: options.profiles,
      clock: options.clock,
      send: (datagram) => socket.send(datagram, datagram.length, selected.port, selected.address),
      onConnected: install,
      onClosed(reason) {
        dropAssociation();
        ended = true;
        lose(reason);
      },
    });
    dtls.expect(fingerprints);
    return dtls;
  }

  /** Media is deaf until the identity is proved: without keys there is no receiver. */
  function onMedia(packet: Buffer): void {
    if (!receiver) return;
    if (isRtcp(packet)) {
      const plain = receiver.unprotectRtcp(packet);
      if (plain) handlers.rtcp(plain);
      return;
    }
    const length = receiver.unprotect(packet);
    if (length > 0) handlers.rtp(packet, length);
  }

  const agent: IceAgent = {
    checked(address, port, nominated, ufrag) {
      heardAt = now();
      patienceMs = limits.consentMs;
      if (!nominated && selected.address !== '') return;
      selected.address = address;
      selected.port = port;
      if (nominated && ufrag === credentials.ufrag && previousUfrag !== undefined) {
        registry.dropCredentials(previousUfrag);
        previousUfrag = undefined;
      }
    },
    received(packet) {
      const first = packet[0] as number;
      if (isDtls(first)) association()?.receive(packet);
      else if (isMedia(first)) onMedia(packet);
    },
  };
  registry.add(credentials, agent);

  function restartIce(): void {
    if (previousUfrag !== undefined) registry.dropCredentials(previousUfrag);
    previousUfrag = credentials.ufrag;
    credentials = newCredentials();
    registry.add(credentials, agent);
    ended = false;
  }

  /** RFC 8842 section 5: another certificate is another peer, and needs an association of its own. */
  function identify(announced: readonly SdpFingerprint[]): void {
    const changed = fingerprints.length > 0 && !sameIdentity(fingerprints, announced);
    fingerprints = announced;
    if (changed) dropAssociation();
    else dtls?.expect(announced);
  }

  const transport: WebRtcTransport = {
    port: socket.port,
    ready: () => sender !== undefined && selected.port > 0,
    send(packet, length) {
      if (!sender) return;
      socket.send(packet, sender.protect(packet, length), selected.port, selected.address);
    },
    sendRtcp(packet) {
      if (!sender) return;
      const sealed = sender.protectRtcp(packet);
      socket.send(sealed, sealed.length, selected.port, selected.address);
    },
    apply(remote: RemoteMedia, role) {
      // The answer to our own offer always belongs to the credentials that we offered.
      const restarts = role === 'offer' && remoteUfrag !== undefined && remote.iceUfrag !== remoteUfrag;
      remoteUfrag = remote.iceUfrag;
      if (restarts) restartIce();
      identify(remote.fingerprints);
      if (role === 'answer' && Number.isNaN(heardAt)) {
        heardAt = now();
        patienceMs = limits.iceSetupMs;
      }
    },
    describe: (role) => ({
      ufrag: credentials.ufrag,
      pwd: credentials.pwd,
      fingerprint: options.certificate.fingerprint,
      setup: role === 'offer' ? 'actpass' : 'passive',
    }),
    checkConsent(nowMs) {
      if (nowMs - heardAt > patienceMs) lose('no STUN checks from the peer');
    },
    install,
    close() {
      if (closed) return;
      closed = true;
      dropAssociation();
      registry.remove(agent);
      options.onClose(transport);
    },
  };
  return transport;
}
