import { type Session, SessionState } from 'sip.js';
import { type Hearing, type HearingState, hear, startHearing } from './hearing.ts';
import { peerOf } from './media.ts';
import { readCounters } from './read-counters.ts';

const SAMPLE_MS = 1000;

export interface HearingWatch {
  readonly session: Session;
  readonly isMuted: () => boolean;
  /** On hold nothing has to arrive: nothing is judged then, and after it everything is judged anew. */
  readonly isHeld: () => boolean;
  /** null while nothing can be said. */
  readonly onVerdict: (hearing: Hearing | null) => void;
}

/** Judges each second how well both sides hear while the session is up. @returns what ends it */
export function watchHearing({ session, isMuted, isHeld, onVerdict }: HearingWatch): () => void {
  let state: HearingState | undefined;
  const timer = setInterval(async () => {
    const peer = peerOf(session)?.peerConnection;
    if (session.state !== SessionState.Established || peer === undefined) return;
    if (isHeld()) {
      if (state !== undefined) onVerdict(null);
      state = undefined;
      return;
    }
    const counters = await readCounters(peer);
    state = state === undefined ? startHearing(counters) : hear(state, counters, isMuted());
    onVerdict(state.verdict);
  }, SAMPLE_MS);
  return () => clearInterval(timer);
}
