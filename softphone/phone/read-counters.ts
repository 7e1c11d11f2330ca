import type { MediaCounters } from './health.ts';

interface StatsRow {
  readonly type: string;
  readonly kind?: string;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly packetsSent?: number;
  readonly jitter?: number;
  readonly roundTripTime?: number;
  readonly currentRoundTripTime?: number;
  readonly nominated?: boolean;
}

/** Reads the audio counters of a peer connection. */
export async function readCounters(peer: RTCPeerConnection): Promise<MediaCounters> {
  let counters: MediaCounters = { received: 0, lost: 0, sent: 0, jitterMs: 0, rttMs: null };
  const report = await peer.getStats();
  report.forEach((row: StatsRow) => {
    if (row.type === 'inbound-rtp' && row.kind === 'audio') {
      counters = {
        ...counters,
        received: row.packetsReceived ?? 0,
        lost: row.packetsLost ?? 0,
        jitterMs: (row.jitter ?? 0) * 1000,
      };
    }
    if (row.type === 'outbound-rtp' && row.kind === 'audio') counters = { ...counters, sent: row.packetsSent ?? 0 };
    if (row.type === 'candidate-pair' && row.nominated === true && row.currentRoundTripTime !== undefined) {
      counters = { ...counters, rttMs: Math.round(row.currentRoundTripTime * 1000) };
    }
  });
  return counters;
}
