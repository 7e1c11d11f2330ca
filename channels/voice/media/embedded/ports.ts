import { MediaError } from '../engine.ts';
import { limits } from '../limits.ts';
import { openUdp, type UdpOptions, type UdpSocket } from './udp.ts';

/** An even RTP port and the odd RTCP port above it (RFC 3550 section 11). */
export interface PortPair {
  readonly rtp: UdpSocket;
  readonly rtcp: UdpSocket;
}

export interface PortPool {
  /**
   * Opens the next free pair; pairs that other programs hold are stepped over.
   * @throws MediaError `no_ports`
   */
  open(onRtp: UdpOptions['onPacket'], onRtcp: UdpOptions['onPacket']): Promise<PortPair>;
  /** Closes a pair and lets its ports rest for limits.portQuarantineMs. */
  release(pair: PortPair): void;
}

export interface PortPoolOptions {
  readonly host: string;
  /** Inclusive bounds of the whole range. */
  readonly first: number;
  readonly last: number;
  /** Workers share the range by taking every `stride`th pair, beginning at `offset`. */
  readonly offset: number;
  readonly stride: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Hands out pairs round robin, so that a freed port rests as long as the range allows. */
export function createPortPool(options: PortPoolOptions): PortPool {
  const firstEven = options.first + (options.first % 2);
  const count = Math.floor((options.last - firstEven + 1) / 2);
  const pairs: number[] = [];
  for (let i = options.offset; i < count; i += options.stride) pairs.push(firstEven + 2 * i);
  const inUse = new Set<number>();
  const restsUntil = new Map<number, number>();
  let next = 0;

  function take(): number | undefined {
    for (let i = 0; i < pairs.length; i++) {
      const port = pairs[next] as number;
      next = (next + 1) % pairs.length;
      if (inUse.has(port) || (restsUntil.get(port) ?? 0) > options.now()) continue;
      restsUntil.delete(port);
      inUse.add(port);
      return port;
    }
    return undefined;
  }

  async function bind(port: number, onRtp: UdpOptions['onPacket'], onRtcp: UdpOptions['onPacket']): Promise<PortPair> {
    const rtp = await openUdp({ host: options.host, port, onPacket: onRtp });
    try {
      return { rtp, rtcp: await openUdp({ host: options.host, port: port + 1, onPacket: onRtcp }) };
    } catch (error) {
      rtp.close();
      throw error;
    }
  }

  return {
    async open(onRtp, onRtcp) {
      let reason: unknown;
      for (let attempt = 0; attempt < limits.portAttempts; attempt++) {
        const port = take();
        if (port === undefined) break;
        try {
          return await bind(port, onRtp, onRtcp);
        } catch (error) {
          // Another program has it: leave it alone for a while and try the next.
          inUse.delete(port);
          restsUntil.set(port, options.now() + limits.portQuarantineMs);
          reason = error;
        }
      }
      throw new MediaError('no_ports', `no free RTP port${reason instanceof Error ? `: ${reason.message}` : ''}`);
    },
    release(pair) {
      pair.rtp.close();
      pair.rtcp.close();
      if (inUse.delete(pair.rtp.port)) restsUntil.set(pair.rtp.port, options.now() + limits.portQuarantineMs);
    },
  };
}
