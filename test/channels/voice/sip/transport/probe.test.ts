import { expect, test } from 'vitest';
import { limits } from '../../../../../channels/voice/sip/limits.ts';
import { createReceiveProbe } from '../../../../../channels/voice/sip/transport/probe.ts';
import { createUdpTransport } from '../../../../../channels/voice/sip/transport/udp.ts';
import { until } from '../../../../../demo/actors/within.ts';
import { findFreeUdpPorts } from '../../../../support/free-ports.ts';

/** A probe on a clock and a wire of the test's. */
function openProbe() {
  const sent: Buffer[] = [];
  const state = { now: 1_000 };
  const probe = createReceiveProbe(
    (bytes) => sent.push(bytes),
    () => state.now,
  );
  const sendAt = (at: number): Buffer => {
    state.now = at;
    probe.send();
    return sent.at(-1) ?? Buffer.alloc(0);
  };
  return { probe, state, sendAt };
}

test('the oldest probe that did not come back tells how long the queue is; a lost one is overtaken', () => {
  const { probe, state, sendAt } = openProbe();
  expect(probe.unreadMs).toBe(0);
  const [first, lost, third, fourth] = [sendAt(2_000), sendAt(3_000), sendAt(4_000), sendAt(5_000)];
  expect(probe.unreadMs).toBe(3_000);
  probe.received(first);
  expect(probe.unreadMs).toBe(2_000);
  state.now = 6_000;
  probe.received(third);
  expect(probe.unreadMs).toBe(1_000);
  probe.received(lost);
  expect(probe.unreadMs).toBe(1_000);
  probe.received(fourth);
  expect(probe.unreadMs).toBe(0);
});

test('where none ever comes back, the first one is remembered', () => {
  const { probe, sendAt } = openProbe();
  for (let i = 0; i < 1_000; i++) sendAt(2_000 + i);
  expect(probe.unreadMs).toBe(999);
});

test('nobody else can send one, and none is taken for a message', () => {
  const { probe, state, sendAt } = openProbe();
  const forged = openProbe().sendAt(3_000);
  expect(sendAt(2_000).length).toBeLessThan(limits.shortestMessageBytes);
  state.now = 3_000;
  for (const bytes of [forged, Buffer.alloc(forged.length), Buffer.from('\r\n\r\n'), Buffer.alloc(0)])
    probe.received(bytes);
  expect(probe.unreadMs).toBe(1_000);
});

test.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('a socket bound to %s reaches itself', async (host) => {
  const nothing = () => undefined;
  const sink = { received: nothing, malformed: nothing, sending: nothing };
  const udp = createUdpTransport({ host, sink, sentBy: () => '' });
  await udp.start(await findFreeUdpPorts(1));
  udp.probe.send();
  expect(udp.probe.unreadMs).toBeGreaterThan(0);
  await until(() => udp.probe.unreadMs === 0, 10_000, 'the return of a probe');
  await udp.close();
  // closed: there is no queue to measure
  udp.probe.send();
});
