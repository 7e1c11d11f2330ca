import type { Clock } from '../../../../server/kernel/clock.ts';
import { type Certificate, makeCertificate } from './dtls/certificate.ts';
import { createIceRegistry } from './ice/registry.ts';
import type { SrtpProfile } from './srtp/keys.ts';
import type { TransportHandlers } from './transport.ts';
import { openUdp } from './udp.ts';
import { openWebRtcTransport, type WebRtcTransport } from './webrtc-transport.ts';

/** The UDP port that all browsers of a worker share. */
export interface WebRtcPort {
  readonly port: number;
  open(handlers: TransportHandlers): WebRtcTransport;
  /** Closes every leg that is left, the timer and the socket. Idempotent. */
  close(): void;
}

export interface WebRtcPortOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly clock: Clock;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Best first. */
  readonly profiles: readonly SrtpProfile[];
}

const bufferBytes = 4 * 1024 * 1024;
const consentCheckMs = 1_000;

/**
 * Opens the port. Datagrams are told apart by their first octet (RFC 7983 section 7): STUN proves an address, anything
 * else counts only from an address that is proved.
 * @throws the bind error
 */
export async function openWebRtcPort(options: WebRtcPortOptions): Promise<WebRtcPort> {
  const registry = createIceRegistry();
  const certificate: Certificate = makeCertificate(options.clock.now());
  const transports = new Set<WebRtcTransport>();

  const socket = await openUdp({
    host: options.host,
    port: options.port,
    bufferBytes,
    onPacket(packet, address, port) {
      const first = packet[0] ?? 255;
      if (first > 3) {
        registry.agentAt(address, port)?.received(packet);
        return;
      }
      const answer = registry.check(packet, address, port);
      if (answer) socket.send(answer, answer.length, port, address);
    },
  });

  const consent = setInterval(() => {
    const nowMs = options.now();
    for (const transport of transports) transport.checkConsent(nowMs);
  }, consentCheckMs);
  consent.unref();

  return {
    port: socket.port,
    open(handlers) {
      const transport = openWebRtcTransport({
        socket,
        registry,
        certificate,
        clock: options.clock,
        now: options.now,
        profiles: options.profiles,
        handlers,
        onClose: (each) => transports.delete(each),
      });
      transports.add(transport);
      return transport;
    },
    close() {
      clearInterval(consent);
      for (const transport of [...transports]) transport.close();
      socket.close();
    },
  };
}
