import { MediaError } from '../engine.ts';
import type { LegTransport, TransportHandlers } from './transport.ts';
import { openUdp } from './udp.ts';

/** The UDP port that all browsers of a worker share. */
export interface WebRtcPort {
  readonly port: number;
  open(handlers: TransportHandlers): LegTransport;
  close(): void;
}

export async function openWebRtcPort(options: { host: string; port: number; now: () => number }): Promise<WebRtcPort> {
  const socket = await openUdp({ host: options.host, port: options.port, onPacket: () => {} });
  return {
    port: socket.port,
    open() {
      throw new MediaError('no_codec', 'WebRTC is not ready');
    },
    close: () => socket.close(),
  };
}
