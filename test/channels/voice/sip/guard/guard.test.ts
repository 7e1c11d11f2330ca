import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createBuckets } from '../../../../../channels/voice/sip/guard/buckets.ts';
import { createOverloadWatch } from '../../../../../channels/voice/sip/guard/overload.ts';
import { isScanner } from '../../../../../channels/voice/sip/guard/scanners.ts';
import { limits } from '../../../../../channels/voice/sip/limits.ts';
import { headerOf } from '../../../../../channels/voice/sip/message/message.ts';
import { createFakeClock } from '../../../../../server/kernel/clock.ts';
import { silentLog } from '../../../../../server/kernel/log.ts';
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

describe('overload', () => {
  const sampleMs = 250;
  const long = limits.unreadMs + 1;
  const many = 3 * limits.overloadSamples;
  /** Overload from the last of so many samples on. */
  const onlyLast = (count: number): boolean[] => Array.from({ length: count }, (_, at) => at === count - 1);

  /** A watch whose event loop and queue are what a test says. */
  function openWatch() {
    const clock = createFakeClock();
    const told: unknown[] = [];
    const log = pino({}, { write: (line: string) => void told.push(JSON.parse(line)) });
    const state = { open: 0, busy: 0, unreadMs: 0, probes: 0 };
    const reading: (() => void)[] = [];
    const watch = createOverloadWatch({
      clock,
      log,
      openTransactions: () => state.open,
      utilization: () => state.busy,
      afterReading: (look) => void reading.push(look),
    });
    watch.start({
      send: () => void state.probes++,
      get unreadMs() {
        return state.unreadMs;
      },
    });
    /** Whether it was overload at the end of each of so many samples. */
    const samples = (count: number, now: { busy: number; unreadMs: number }): boolean[] =>
      Array.from({ length: count }, () => {
        clock.advance(sampleMs);
        Object.assign(state, now);
        for (const look of reading.splice(0)) look();
        return watch.overloaded;
      });
    return { clock, watch, state, told, samples };
  }

  test('is none while an event loop without rest reads what comes: a hundred calls at once are served', () => {
    expect(openWatch().samples(many, { busy: 1, unreadMs: limits.unreadMs })).not.toContain(true);
  });

  test('is none while an event loop with rest does not read', () => {
    expect(openWatch().samples(many, { busy: limits.busyLoop, unreadMs: 60_000 })).not.toContain(true);
  });

  test('is none after pauses of any length, when what waited is read after each', () => {
    const { clock, state, samples } = openWatch();
    for (let i = 0; i < many; i++) {
      state.unreadMs = 5_000;
      clock.advance(5_000);
      expect(samples(1, { busy: 1, unreadMs: 0 })).toEqual([false]);
    }
  });

  test('begins when a queue has stood for a second', () => {
    const { samples, state } = openWatch();
    expect(samples(limits.overloadSamples - 1, { busy: 1, unreadMs: long })).not.toContain(true);
    expect(samples(1, { busy: 1, unreadMs: 0 })).toEqual([false]);
    expect(samples(limits.overloadSamples, { busy: 1, unreadMs: long })).toEqual(onlyLast(limits.overloadSamples));
    expect(state.probes).toBe(2 * limits.overloadSamples + 1);
  });

  test('ends with some rest, or when all was read for a second', () => {
    const { samples } = openWatch();
    const begin = () => samples(limits.overloadSamples, { busy: 1, unreadMs: long });
    expect(begin()).toContain(true);
    expect(samples(1, { busy: limits.relaxedLoop, unreadMs: long })).toEqual([true]);
    expect(samples(1, { busy: limits.relaxedLoop - 0.01, unreadMs: long })).toEqual([false]);
    expect(begin()).toContain(true);
    expect(samples(limits.overloadSamples - 1, { busy: 1, unreadMs: 0 })).not.toContain(false);
    expect(samples(1, { busy: 1, unreadMs: 0 })).toEqual([false]);
  });

  test('is too many open transactions; the log tells of its begin and of its end, once', () => {
    const { watch, state, told, samples } = openWatch();
    state.open = limits.openServerTransactions + 1;
    expect(watch.overloaded).toBe(true);
    expect(told).toEqual([]);
    for (let i = 0; i < 3; i++) watch.refuse();
    samples(2, { busy: 1, unreadMs: 0 });
    expect(told).toMatchObject([{ msg: 'overloaded: calls refused with 503' }]);
    state.open = 0;
    samples(2, { busy: 1, unreadMs: 0 });
    expect(told.slice(1)).toMatchObject([{ msg: 'no longer overloaded', refused: 3 }]);
    expect(watch.refused).toBe(3);
  });

  test('is none when a test moves the clock', () => {
    const clock = createFakeClock();
    const watch = createOverloadWatch({ clock, log: silentLog, openTransactions: () => 0 });
    watch.start();
    clock.advance(60_000);
    expect(watch.overloaded).toBe(false);
  });
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
    expect(core.stats().refused).toBe(1);
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
