import type { MediaCounters } from './hearing.ts';

/** The rows of getStats that are looked at (W3C webrtc-stats), as far as browsers fill them. */
interface StatsRow {
  readonly type: string;
  readonly kind?: string;
  readonly timestamp: number;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly packetsSent?: number;
  readonly jitter?: number;
  readonly totalSamplesReceived?: number;
  readonly concealedSamples?: number;
  readonly silentConcealedSamples?: number;
  readonly fractionLost?: number;
  readonly roundTripTime?: number;
  readonly totalAudioEnergy?: number;
  readonly totalSamplesDuration?: number;
}

const readers: Readonly<Record<string, (row: StatsRow) => Partial<MediaCounters>>> = {
  'inbound-rtp': (row) => ({
    received: row.packetsReceived ?? 0,
    lost: row.packetsLost ?? 0,
    jitterMs: (row.jitter ?? 0) * 1000,
    samples: row.totalSamplesReceived ?? 0,
    // what is made up as silence fills a pause in which nothing was said
    concealed: (row.concealedSamples ?? 0) - (row.silentConcealedSamples ?? 0),
  }),
  'outbound-rtp': (row) => ({ sent: row.packetsSent ?? 0 }),
  'remote-inbound-rtp': (row) => ({
    report: {
      atMs: row.timestamp,
      lossPercent: Math.round((row.fractionLost ?? 0) * 1000) / 10,
      rttMs: row.roundTripTime === undefined ? null : Math.round(row.roundTripTime * 1000),
    },
  }),
  'media-source': (row) =>
    row.totalAudioEnergy === undefined || row.totalSamplesDuration === undefined
      ? {}
      : { voice: { energy: row.totalAudioEnergy, seconds: row.totalSamplesDuration } },
};

/** Reads the audio counters of a peer connection. */
export async function readCounters(peer: RTCPeerConnection): Promise<MediaCounters> {
  let counters: MediaCounters = {
    // the clock of the rows' timestamps
    atMs: performance.timeOrigin + performance.now(),
    received: 0,
    lost: 0,
    jitterMs: 0,
    samples: 0,
    concealed: 0,
    sent: 0,
    report: null,
    voice: null,
  };
  const stats = await peer.getStats();
  stats.forEach((row: StatsRow) => {
    if (row.kind === 'audio') counters = { ...counters, ...readers[row.type]?.(row) };
  });
  return counters;
}
