/**
 * Every bound of the media engine. What comes from a wire is cut off here, in size, count and time, before
 * anything is allocated for it.
 */
export const limits = {
  /** An offer of Chromium with audio and video has 6-8 kB. */
  sdpBytes: 32_768,
  sdpLines: 1_000,
  /** m= sections of one description. */
  sdpSections: 8,
  /** Payload types of one m= section. */
  sdpFormats: 64,
  /** a=fingerprint lines of one section. */
  sdpFingerprints: 4,

  callsPerWorker: 4_000,
  legsPerCall: 16,
  sourcesPerLeg: 16,
  /** Sounds of one sequence. */
  sequenceSounds: 16,
  /** A sound from a file: its length, how many there may be, and what they take all together (2 octets a sample). */
  soundMs: 600_000,
  sounds: 500,
  soundsBytes: 64_000_000,
  /** Chunks of a WAV that come before its audio, and octets beside the audio. */
  wavChunks: 32,
  wavOverheadBytes: 65_536,

  /** Digits that wait to be sent on one leg. */
  dtmfQueue: 64,

  /** Larger datagrams are dropped: G.711 needs 172 bytes, a DTLS flight fits an Ethernet frame. */
  datagramBytes: 1_500,
  /** A freed RTP port rests this long, so that late packets of its last call reach nobody. */
  portQuarantineMs: 5_000,
  /** How many taken pairs one allocation may step over. */
  portAttempts: 200,

  /** Source addresses that one WebRTC leg may have proved by STUN at a time. */
  iceAddressesPerLeg: 16,
  /** RFC 7675 section 5.1: consent expires 30 s after the last check; browsers check every 5 s, we act at 15 s. */
  consentMs: 15_000,
  /** From the peer's answer to the first STUN check. */
  iceSetupMs: 30_000,

  /** A reassembled handshake message: certificate chains fit many times over. */
  dtlsMessageBytes: 16_384,
  /** Handshake messages held ahead of the next expected one. */
  dtlsMessagesAhead: 8,
  /** Records of the next epoch held until its keys exist. */
  dtlsEarlyRecords: 8,
  dtlsFirstTimeoutMs: 200,
  dtlsLastTimeoutMs: 8_000,
  dtlsRetransmissions: 7,

  /** Remote SSRCs that one SRTP context keeps a replay window for. */
  srtpSources: 8,

  /** Recorded audio that waits for a slow disk, per recording; beyond it silence is written instead. */
  recorderPendingBytes: 2_000_000,
} as const;
