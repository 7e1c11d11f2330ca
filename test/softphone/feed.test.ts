import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Push } from '../../server/contract/events.ts';
import { emptyFeed, type Feed, feedInterrupted, feedPush, feedSnapshot } from '../../softphone/state/feed.ts';

/** A push that tells its number. */
const numbered = (seq: number): Push => ({ type: 'client-changed', clientId: 1, version: seq });
const numberOf = (push: Push): number => (push.type === 'client-changed' ? push.version : -1);

describe('the feed of pushes', () => {
  it('applies what follows the snapshot', () => {
    const started = feedSnapshot(emptyFeed, 10).feed;
    const step = feedPush(started, 11, numbered(11));
    expect(step.apply.map(numberOf)).toEqual([11]);
    expect(step.resync).toBe(false);
  });

  it('keeps pushes that come before the snapshot and drops those that it contains', () => {
    let feed: Feed = emptyFeed;
    for (const seq of [9, 10, 11, 12]) feed = feedPush(feed, seq, numbered(seq)).feed;
    const step = feedSnapshot(feed, 10);
    expect(step.apply.map(numberOf)).toEqual([11, 12]);
  });

  it('asks for a snapshot after a gap and applies nothing until it comes', () => {
    const started = feedSnapshot(emptyFeed, 10).feed;
    const gap = feedPush(started, 13, numbered(13));
    expect(gap).toMatchObject({ apply: [], resync: true });
    expect(feedPush(gap.feed, 14, numbered(14)).apply).toEqual([]);
  });

  it('applies nothing after a reconnect until the snapshot comes', () => {
    const lost = feedInterrupted(feedSnapshot(emptyFeed, 10).feed);
    const step = feedPush(lost, 12, numbered(12));
    expect(step.apply).toEqual([]);
    expect(feedSnapshot(step.feed, 11).apply.map(numberOf)).toEqual([12]);
  });

  it('shows every push exactly once and in order, whatever is lost or repeated', () => {
    const arrivals = fc.array(fc.record({ lost: fc.boolean(), twice: fc.boolean(), snapshotLag: fc.nat({ max: 3 }) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(arrivals, (plan) => {
        let feed = feedSnapshot(emptyFeed, 0).feed;
        let seen = 0;
        const take = (step: ReturnType<typeof feedPush>, snapshotSeq: number): void => {
          feed = step.feed;
          for (const push of step.apply) {
            expect(numberOf(push)).toBe(seen + 1);
            seen += 1;
          }
          if (!step.resync) return;
          // the truth jumps over what was lost
          seen = Math.max(seen, snapshotSeq);
          take(feedSnapshot(feed, snapshotSeq), snapshotSeq + 1);
        };
        plan.forEach(({ lost, twice }, index) => {
          const seq = index + 1;
          if (lost) return;
          take(feedPush(feed, seq, numbered(seq)), seq);
          if (twice) take(feedPush(feed, seq, numbered(seq)), seq);
        });
        const last = plan.findLastIndex(({ lost }) => !lost) + 1;
        expect(seen).toBe(last);
      }),
    );
  });
});
