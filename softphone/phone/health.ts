/** What one moment of getStats says about a call; counters since its start. */
export interface MediaCounters {
  readonly received: number;
  readonly lost: number;
  readonly sent: number;
  readonly jitterMs: number;
  readonly rttMs: number | null;
}

/**
 * How the call sounds, in steps that a person can act on.
 * `silent`: nothing arrives from the other side at all (one-way or dead).
 */
export type NetworkGrade = 'good' | 'fair' | 'poor' | 'silent';

export interface NetworkHealth {
  readonly grade: NetworkGrade;
  /** Share of packets that did not arrive in the last interval, 0 to 100. */
  readonly lossPercent: number;
  readonly jitterMs: number;
  readonly rttMs: number | null;
}

/** From here on listeners notice: E-model figures for G.711 and Opus with concealment. */
const FAIR = { lossPercent: 2, jitterMs: 30, rttMs: 300 };
const POOR = { lossPercent: 6, jitterMs: 60, rttMs: 600 };

const order: readonly NetworkGrade[] = ['good', 'fair', 'poor', 'silent'];

/** One bad interval is a hiccup (a hold, a busy computer): the milder of two neighbours is shown. */
export function steady(before: NetworkHealth | null, now: NetworkHealth): NetworkHealth {
  const milder = Math.min(order.indexOf(before?.grade ?? 'good'), order.indexOf(now.grade));
  return { ...now, grade: order[milder] ?? now.grade };
}

/** Grade of the interval between two samples. */
export function networkHealth(before: MediaCounters, after: MediaCounters): NetworkHealth {
  const received = after.received - before.received;
  const lost = Math.max(0, after.lost - before.lost);
  const expected = received + lost;
  const lossPercent = expected === 0 ? 0 : Math.round((lost / expected) * 1000) / 10;
  const figures = { lossPercent, jitterMs: Math.round(after.jitterMs), rttMs: after.rttMs };
  return { grade: received <= 0 ? 'silent' : grade(figures), ...figures };
}

function grade(figures: Omit<NetworkHealth, 'grade'>): NetworkGrade {
  const past = (limit: typeof FAIR): boolean =>
    figures.lossPercent >= limit.lossPercent ||
    figures.jitterMs >= limit.jitterMs ||
    (figures.rttMs ?? 0) >= limit.rttMs;
  if (past(POOR)) return 'poor';
  return past(FAIR) ? 'fair' : 'good';
}
