import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMediaCore } from '../../../../../channels/voice/media/embedded/core.ts';
import type { CallCommand } from '../../../../../channels/voice/media/embedded/protocol.ts';
import { type CallId, type LegId, newId } from '../../../../../server/kernel/ids.ts';
import { findFreeUdpPorts } from '../../../../support/free-ports.ts';

const [a, b] = ['a' as LegId, 'b' as LegId];
/** What keeps a process alive or costs it something: sockets and timers. */
async function resources(): Promise<{ sockets: number; timers: number }> {
  // Closed sockets go away with the next turn of the event loop.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const names = process.getActiveResourcesInfo();
  const count = (kind: RegExp): number => names.filter((name) => kind.test(name)).length;
  return { sockets: count(/UDP/), timers: count(/Timeout/) };
}

const first = await findFreeUdpPorts(8);

const fail = (error: unknown): never => {
  throw error;
};

async function startCore() {
  const settings = { host: '127.0.0.1', announceAddresses: ['127.0.0.1'], rtpPorts: { first, last: first + 7 } };
  return createMediaCore({ ...settings, webRtcPort: 0, index: 0, workers: 1 }, () => {}, fail);
}

it('leaves no socket and no timer, whether calls are closed or not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'core-'));
  const before = await resources();
  const core = await startCore();
  const idle = await resources();
  let busyTimers = 0;
  for (const closes of [true, false]) {
    const callId = newId<CallId>();
    const run = (command: CallCommand) => core.run(callId, command);
    await run({ operation: 'offerLeg', input: { legId: a, kind: 'rtp' } });
    await run({ operation: 'offerLeg', input: { legId: b, kind: 'webrtc' } });
    await run({ operation: 'hear', input: { legId: a, sources: [{ kind: 'sound', name: 'music', loop: true }] } });
    await run({ operation: 'startRecording', input: { path: join(directory, callId), left: a, right: b } });
    const busy = await resources();
    expect(busy.sockets).toBe(idle.sockets + 2);
    busyTimers = busy.timers;
    if (!closes) continue;
    await run({ operation: 'closeCall', input: {} });
    expect(core.stats()).toMatchObject({ calls: 0, legs: 0, recordings: 0 });
    expect((await resources()).sockets).toBe(idle.sockets);
  }
  await core.close();
  await core.close();
  const after = await resources();
  expect(after.sockets).toBe(before.sockets);
  // The test runner's own timer may have ended at any moment, which makes both smaller, or the later one.
  expect(after.timers).toBeLessThan(busyTimers);
  await expect(
    core.run(newId<CallId>(), { operation: 'offerLeg', input: { legId: a, kind: 'rtp' } }),
  ).rejects.toMatchObject({ code: 'closed' });
  rmSync(directory, { recursive: true });
});

it('runs the commands of a call in order, also when the first has to wait', async () => {
  const core = await startCore();
  const callId = newId<CallId>();
  const added = core.run(callId, { operation: 'offerLeg', input: { legId: a, kind: 'rtp' } });
  const removed = core.run(callId, { operation: 'removeLeg', input: { legId: a } });
  await Promise.all([added, removed]);
  expect(core.stats()).toMatchObject({ calls: 1, legs: 0 });
  await core.close();
});

it('does nothing for calls that it does not know', async () => {
  const core = await startCore();
  const unknown = (command: CallCommand) => core.run(newId<CallId>(), command);
  await expect(unknown({ operation: 'stopRecording', input: {} })).resolves.toBeNull();
  await expect(unknown({ operation: 'removeLeg', input: { legId: a } })).resolves.toBeUndefined();
  await expect(unknown({ operation: 'reoffer', input: { legId: a } })).rejects.toMatchObject({ code: 'no_leg' });
  expect(core.stats().calls).toBe(0);
  await core.close();
});
