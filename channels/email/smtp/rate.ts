import { limits } from '../limits.ts';

/** How fast each recipient domain gets mail: a bucket that holds a minute's worth and fills evenly. */
export interface DomainRate {
  /** Takes one mail's worth from every domain. @returns 0, or how many milliseconds until there is enough; then nothing is taken */
  take(domains: readonly string[]): number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** @param perMinute 0 = no limit @param now milliseconds since the epoch */
export function createDomainRate(perMinute: number, now: () => number): DomainRate {
  const buckets = new Map<string, Bucket>();
  const perMs = perMinute / 60_000;

  function bucketOf(domain: string, at: number): Bucket {
    const known = buckets.get(domain) ?? { tokens: perMinute, filledAt: at };
    const bucket = { tokens: Math.min(perMinute, known.tokens + (at - known.filledAt) * perMs), filledAt: at };
    // the one that was used longest ago comes first, and is the fullest
    buckets.delete(domain);
    buckets.set(domain, bucket);
    return bucket;
  }

  return {
    take(domains) {
      if (perMinute === 0) return 0;
      const at = now();
      const used = [...new Set(domains)].map((domain) => bucketOf(domain, at));
      for (const oldest of buckets.keys()) {
        if (buckets.size <= limits.rateDomains) break;
        buckets.delete(oldest);
      }
      const lowest = Math.min(...used.map(({ tokens }) => tokens));
      if (lowest < 1) return Math.ceil((1 - lowest) / perMs);
      for (const bucket of used) bucket.tokens -= 1;
      return 0;
    },
  };
}
