import dgram from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createEmbeddedEngine } from '../../../../channels/voice/media/embedded/index.ts';
import { spawnWorker, startWorker } from '../../../../channels/voice/media/embedded/worker-link.ts';
import type { MediaCall, MediaEngine, MediaEvent } from '../../../../channels/voice/media/engine.ts';
import { parseSdp } from '../../../../channels/voice/media/sdp/parse.ts';
import { loudness, tone, writeWav } from '../../../../demo/actors/audio.ts';
import { createRtpPeer } from '../../../../demo/actors/rtp-peer.ts';
import { type CallId, type LegId, newId } from '../../../../server/kernel/ids.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import { findFreeUdpPorts } from '../../../support/free-ports.ts';

const legId = 'leg' as LegId;
const engines: MediaEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

async function setUp(options: { workers: number; webRtcPort?: number; announceAddresses?: string[] }) {
  const first = await findFreeUdpPorts(20);
  const threads: Worker[] = [];
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line).msg) });
  const engine = createEmbeddedEngine(
    {
      host: '127.0.0.1',
      announceAddresses: ['127.0.0.1'],
      webRtcPort: 0,
      rtpPorts: { first, last: first + 19 },
      log,
      ...options,
    },
    (settings) => {
      const thread = spawnWorker(settings);
      threads.push(thread);
      return thread;
    },
  );
  engines.push(engine);
  return { engine, threads, logged };
}

const portOf = (description: Buffer): number => parseSdp(description.toString()).sections[0]?.port ?? 0;

describe('media workers', () => {
  it('share the calls', async () => {
    const { engine } = await setUp({ workers: 2 });
    await engine.start();
    const ports = new Set<number>();
    for (let i = 0; i < 4; i++) {
      ports.add(portOf(await engine.openCall(newId<CallId>()).offerLeg(legId, 'webrtc')));
    }
    expect(ports.size).toBe(2);
    expect(await engine.stats()).toMatchObject({ calls: 4, legs: 4 });
  });

  it('open the WebRTC ports that they are told to', async () => {
    const webRtcPort = await findFreeUdpPorts(2);
    const { engine } = await setUp({ workers: 2, webRtcPort });
    await engine.start();
    const offers = [1, 2].map(() => engine.openCall(newId<CallId>()).offerLeg(legId, 'webrtc'));
    expect((await Promise.all(offers)).map(portOf).sort()).toEqual([webRtcPort, webRtcPort + 1]);
  });

  it('announce only what their sockets can be reached at', async () => {
    const { engine } = await setUp({ workers: 1, announceAddresses: ['2001:db8::1', '192.0.2.1'] });
    await engine.start();
    const offer = (await engine.openCall(newId<CallId>()).offerLeg(legId, 'webrtc')).toString();
    expect(offer.match(/a=candidate:.*/g)).toHaveLength(1);
    expect(offer).toContain('c=IN IP4 192.0.2.1');
    const { engine: unreachable } = await setUp({ workers: 1, announceAddresses: ['2001:db8::1'] });
    await expect(unreachable.start()).rejects.toThrow(/no address to announce/);
  });

  it('do not start when a port is taken, and leave nothing behind', async () => {
    const webRtcPort = await findFreeUdpPorts(2);
    const taken = dgram.createSocket('udp4');
    await new Promise<void>((resolve) => taken.bind(webRtcPort + 1, '127.0.0.1', resolve));
    const { engine, threads } = await setUp({ workers: 2, webRtcPort });
    await expect(engine.start()).rejects.toThrow(/EADDRINUSE/);
    taken.close();
    await expect.poll(() => threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });

  it('that die are replaced, and their legs are lost', async () => {
    const { engine, threads } = await setUp({ workers: 1 });
    const events: MediaEvent[] = [];
    engine.onEvent = (event) => events.push(event);
    await engine.start();
    const call = engine.openCall(newId<CallId>());
    await call.offerLeg(legId, 'rtp');
    await threads[0]?.terminate();
    await expect.poll(() => events.filter(({ type }) => type === 'lost').length).toBeGreaterThan(0);
    expect(events[0]).toMatchObject({ type: 'lost', callId: call.callId, legId, reason: 'media worker died' });
    // The call is over for good; new ones find the new worker.
    await expect(call.offerLeg(legId, 'rtp')).rejects.toMatchObject({ code: 'closed' });
    await expect.poll(() => threads.length).toBe(2);
    await expect
      .poll(() =>
        engine
          .openCall(newId<CallId>())
          .offerLeg(legId, 'rtp')
          .then(
            () => 'works',
            () => 'not yet',
          ),
      )
      .toBe('works');
  });

  it('that replace others know the sounds that were loaded before', async () => {
    const { engine, threads } = await setUp({ workers: 1 });
    const directory = mkdtempSync(join(tmpdir(), 'workers-'));
    const path = join(directory, 'tone.wav');
    writeWav(path, { rate: 8000, samples: tone(700, 1) });
    // Before the start, too.
    await engine.loadSound('early', path);
    await engine.start();
    await engine.loadSound('late', path);
    rmSync(directory, { recursive: true });
    await threads[0]?.terminate();
    await expect.poll(() => threads.length).toBe(2);
    const peer = await createRtpPeer({ frequency: 0 });
    const dialIn = async (): Promise<MediaCall> => {
      const call = engine.openCall(newId<CallId>());
      peer.connect(await call.answerLeg(legId, peer.description()));
      return call;
    };
    await expect.poll(() => dialIn().catch(() => null)).not.toBeNull();
    const call = await dialIn();
    for (const name of ['file:early', 'file:late', 'en/goodbye'] as const) {
      call.hear(legId, [{ kind: 'sound', name, loop: false }]);
      expect(loudness((await peer.listen(0.3)).samples), name).toBeGreaterThan(0.02);
    }
    peer.close();
  });

  it('that die leave no question open', async () => {
    const source = `const { parentPort } = require('node:worker_threads');
      parentPort.on('message', () => process.exit(1));
      parentPort.postMessage({ kind: 'ready', webRtcPort: 1 });`;
    const died: string[] = [];
    const link = await startWorker({
      settings: {
        host: '',
        announceAddresses: [],
        rtpPorts: { first: 0, last: 0 },
        webRtcPort: 0,
        index: 0,
        workers: 1,
      },
      log: silentLog,
      spawn: () => new Worker(source, { eval: true }),
      onEvent: () => {},
      onDeath: () => died.push('died'),
    });
    const questions = [link.ask({ kind: 'stats' }), link.ask({ kind: 'stats' })];
    for (const question of questions) await expect(question).rejects.toMatchObject({ code: 'closed' });
    expect(died).toEqual(['died']);
  });

  it('report a mistake of theirs and go on', async () => {
    const { engine, threads, logged } = await setUp({ workers: 1 });
    await engine.start();
    const call = engine.openCall(newId<CallId>());
    await call.offerLeg(legId, 'rtp');
    // No message of ours has this shape: the handler stumbles over it.
    threads[0]?.postMessage(null);
    await expect.poll(() => logged).toEqual(['media fault']);
    expect(await call.legStats(legId)).not.toBeNull();
    expect(threads).toHaveLength(1);
  });

  it('end with the engine, twice if need be', async () => {
    const { engine, threads } = await setUp({ workers: 2 });
    await engine.start();
    const call = engine.openCall(newId<CallId>());
    await call.offerLeg(legId, 'rtp');
    await Promise.all([engine.close(), engine.close()]);
    await engine.close();
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
    await expect(call.offerLeg(legId, 'rtp')).rejects.toMatchObject({ code: 'closed' });
    await expect(engine.openCall(newId<CallId>()).offerLeg(legId, 'rtp')).rejects.toMatchObject({ code: 'closed' });
  });
});
