import { describe, expect, test } from 'vitest';
import { createBuckets } from '../../../../../channels/voice/sip/guard/buckets.ts';
import { createOverloadWatch } from '../../../../../channels/voice/sip/guard/overload.ts';
import { isScanner } from '../../../../../channels/voice/sip/guard/scanners.ts';
import { limits } from '../../../../../channels/voice/sip/limits.ts';
import { headerOf } from '../../../../../channels/voice/sip/message/message.ts';
import { createFakeClock } from '../../../../../server/kernel/clock.ts';
import { createTestCore, sdp } from '../../../../fixtures/sip/core.ts';

describe('buckets', () => {
  test('a source has its burst, then its rate; others are not touched', () => {
    const clock = createFakeClock();
    const buckets = createBuckets(clock);
    const admitted = (): number => {
      let count = 0;
      while (count < 100_000 && buckets.admit('192.0.2.66')) count++;
      return count;
    };
    expect(admitted()).toBe(limits.messageBurst);
    expect(buckets.admit('192.0.2.67')).toBe(true);
    clock.advance(500);
    expect(admitted()).toBe(limits.messagesPerSecond / 2);
  });

  test('faults cost more', () => {
    const clock = createFakeClock();
    const buckets = createBuckets(clock);
    for (let i = 0; i <= limits.messageBurst / limits.wrongPasswordCost; i++) {
      buckets.penalize('192.0.2.66', limits.wrongPasswordCost);
    }
    expect(buckets.admit('192.0.2.66')).toBe(false);
    clock.advance(1_000);
    expect(buckets.admit('192.0.2.66')).toBe(true);
  });
});

test('a late event loop, one that is never idle, or too many open transactions are overload, and it passes', () => {
  let now = 0;
  const timers: (() => void)[] = [];
  let open = 0;
  let busy = 0;
  const clock = {
    now: () => now,
    after(ms: number, fn: () => void) {
      timers.push(() => {
        now += ms;
        fn();
      });
      return { cancel: () => {} };
    },
  };
  const watch = createOverloadWatch({ clock, openTransactions: () => open, utilization: () => busy });
  watch.start();
  /** Samples once, `lagMs` late; whether that was overload. */
  const sample = (lagMs = 0): boolean => {
    now += lagMs;
    timers.shift()?.();
    return watch.overloaded;
  };
  expect(sample(10)).toBe(false);
  expect(sample(limits.eventLoopLagMs + 1)).toBe(true);
  expect(sample()).toBe(false);
  busy = 1;
  for (let i = 1; i < limits.busySamples; i++) expect(sample()).toBe(false);
  expect(sample()).toBe(true);
  busy = (limits.busyLoop + limits.relaxedLoop) / 2;
  expect(sample()).toBe(true);
  busy = 0.5;
  expect(sample()).toBe(false);
  open = limits.openServerTransactions + 1;
  expect(watch.overloaded).toBe(true);
});

test('a clock that a test moves is no overload', () => {
  const clock = createFakeClock();
  const watch = createOverloadWatch({ clock, openTransactions: () => 0 });
  watch.start();
  clock.advance(60_000);
  expect(watch.overloaded).toBe(false);
});

test('scanners by name', () => {
  expect(isScanner('friendly-scanner')).toBe(true);
  expect(isScanner('Sundayddr/1')).toBe(true);
  expect(isScanner('Linphone/5.2')).toBe(false);
  expect(isScanner(undefined)).toBe(false);
});

describe('the core under guard', () => {
  test('scanners get no answer at all', () => {
    const { peer, clock, wire } = createTestCore();
    peer.request(peer.call(), 'OPTIONS', { headers: 'User-Agent: sipvicious' });
    clock.advance(1_000);
    expect(wire.sent).toHaveLength(1);
  });

  test('under overload new requests get 503 with Retry-After, what goes on goes on', () => {
    const test = createTestCore();
    const { peer, clock, core } = test;
    const call = peer.call();
    const bytes = peer.request(call, 'INVITE', { body: sdp('x') });
    clock.advance(2);
    const dialog = test.invite().answer(sdp('y'));
    clock.advance(2);
    peer.learn(call, peer.takeResponse(200));
    peer.request(call, 'ACK');
    for (let i = 0; i <= limits.openServerTransactions; i++) {
      peer.request(peer.call(), 'INVITE', { body: sdp('x') });
      if (i % 1_000 === 0) clock.advance(1_000);
    }
    clock.advance(2);
    expect(core.stats().serverTransactions).toBeGreaterThan(limits.openServerTransactions);
    peer.inbox.length = 0;
    clock.advance(1_000);
    peer.request(peer.call(), 'INVITE', { body: sdp('late') });
    clock.advance(2);
    expect(headerOf(peer.takeResponse(503), 'retry-after')).toBe(String(limits.retryAfterSeconds));
    peer.raw(bytes);
    peer.request(call, 'OPTIONS');
    clock.advance(2);
    peer.takeResponse(200, 'OPTIONS');
    expect(peer.summary()).toEqual([]);
    dialog.bye();
    clock.advance(2);
    peer.takeRequest('BYE');
  });
});
