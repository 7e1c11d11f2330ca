/** Token buckets by source address: no single sender can take the whole event loop. */
import type { Clock } from '../../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';

export interface Buckets {
  /** Takes one token; false when the source has none left and its message is to be dropped unread. */
  admit(address: string): boolean;
  /** Takes more for what was wrong with a message that was admitted. */
  penalize(address: string, cost: number): void;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

export function createBuckets(clock: Clock): Buckets {
  /** In the order of last use. */
  const buckets = new Map<string, Bucket>();

  const bucketOf = (address: string): Bucket => {
    const now = clock.now();
    const known = buckets.get(address);
    if (known) {
      const refill = ((now - known.filledAt) / 1000) * limits.messagesPerSecond;
      known.tokens = Math.min(limits.messageBurst, known.tokens + Math.max(0, refill));
      known.filledAt = now;
      return known;
    }
    if (buckets.size >= limits.sources) {
      const [oldest] = buckets.keys();
      if (oldest !== undefined) buckets.delete(oldest);
    }
    const bucket = { tokens: limits.messageBurst, filledAt: now };
    buckets.set(address, bucket);
    return bucket;
  };

  return {
    admit(address) {
      const bucket = bucketOf(address);
      if (bucket.tokens < 1) return false;
      bucket.tokens--;
      return true;
    },
    penalize(address, cost) {
      bucketOf(address).tokens -= cost;
    },
  };
}
