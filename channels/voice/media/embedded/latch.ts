/**
 * Symmetric RTP (RFC 4961) with as little trust as it needs: the first packet after an offer or answer shows where the
 * peer really is (it may sit behind NAT), and from then on only that source is heard. Two sources may take over: the
 * address that the signalling announced, at any time; and another port of an address that is already trusted, once the
 * latched source has been silent.
 */
export interface Latch {
  /** From the SDP; empty address = not known. */
  signalledAddress: string;
  signalledPort: number;
  /** Empty address = nothing heard yet. */
  address: string;
  port: number;
  lastHeardAt: number;
}

/** How long a source must be silent before a second port of its address may replace it. */
const silenceMs = 2_000;

export const newLatch = (): Latch => ({
  signalledAddress: '',
  signalledPort: 0,
  address: '',
  port: 0,
  lastHeardAt: Number.NEGATIVE_INFINITY,
});

/** A new offer or answer: the next packet latches anew. An unchanged address keeps the latch, so that hold changes nothing. */
export function signal(latch: Latch, address: string, port: number): void {
  if (address === latch.signalledAddress && port === latch.signalledPort) return;
  latch.signalledAddress = address;
  latch.signalledPort = port;
  latch.address = '';
  latch.port = 0;
}

/** Whether a packet from there is the peer's. May move the latch. */
export function admit(latch: Latch, address: string, port: number, nowMs: number): boolean {
  const current = latch.address === address && latch.port === port;
  if (!current && !mayTakeOver(latch, address, port, nowMs)) return false;
  latch.address = address;
  latch.port = port;
  latch.lastHeardAt = nowMs;
  return true;
}

function mayTakeOver(latch: Latch, address: string, port: number, nowMs: number): boolean {
  if (latch.address === '') return true;
  if (address === latch.signalledAddress && port === latch.signalledPort) return true;
  const trusted = address === latch.address || address === latch.signalledAddress;
  return trusted && nowMs - latch.lastHeardAt > silenceMs;
}
