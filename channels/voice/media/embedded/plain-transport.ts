import { admit, newLatch, signal } from './latch.ts';
import type { PortPair, PortPool } from './ports.ts';
import { isRtcp } from './rtp.ts';
import type { LegTransport, TransportHandlers } from './transport.ts';

/**
 * Opens a plain RTP leg (RTP/AVP): an even port for RTP, the next for RTCP unless the peer multiplexes (RFC 5761).
 * @throws MediaError `no_ports`
 */
export async function openPlainTransport(
  pool: PortPool,
  handlers: TransportHandlers,
  now: () => number,
): Promise<LegTransport> {
  const latch = newLatch();
  /** Where RTP goes: the latched source, or until then what the SDP says. */
  const target = { address: '', port: 0 };
  const control = { address: '', port: 0, mux: false };
  /** Nothing is the peer's before its description is known. */
  let described = false;
  let connected = false;
  let closed = false;

  function onRtp(packet: Buffer, address: string, port: number): void {
    if (closed || !described || !admit(latch, address, port, now())) return;
    target.address = address;
    target.port = port;
    if (isRtcp(packet)) {
      handlers.rtcp(packet);
      return;
    }
    if (!connected) {
      connected = true;
      handlers.connected();
    }
    handlers.rtp(packet, packet.length);
  }

  /** RTCP may come from a port of its own behind NAT, but only from an address that is the peer's. */
  function onRtcp(packet: Buffer, address: string, port: number): void {
    if (closed || (address !== target.address && address !== latch.signalledAddress)) return;
    control.address = address;
    control.port = port;
    handlers.rtcp(packet);
  }

  const pair: PortPair = await pool.open(onRtp, onRtcp);

  return {
    port: pair.rtp.port,
    ready: () => target.port > 0 && target.address !== '',
    send(packet, length) {
      if (target.address !== '') pair.rtp.send(packet, length, target.port, target.address);
    },
    sendRtcp(packet) {
      if (target.address === '') return;
      if (control.mux) pair.rtp.send(packet, packet.length, target.port, target.address);
      else pair.rtcp.send(packet, packet.length, control.port, control.address || target.address);
    },
    apply(remote) {
      described = true;
      signal(latch, remote.address, remote.port);
      if (latch.address === '') {
        target.address = remote.address;
        target.port = remote.port;
        control.address = '';
        control.port = remote.rtcpPort;
      }
      control.mux = remote.rtcpMux;
    },
    describe: () => undefined,
    close() {
      if (closed) return;
      closed = true;
      pool.release(pair);
    },
  };
}
