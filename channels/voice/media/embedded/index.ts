import type { Log } from '../../../../server/kernel/log.ts';
import type { EngineStats, MediaCall, MediaEngine, MediaEngineOptions, MediaEvent } from '../engine.ts';
import { createLibrary } from './library.ts';
import { createMediaCall } from './media-call.ts';
import { leastLoaded, type WorkerSlot } from './placement.ts';
import { sumStats } from './protocol.ts';
import { type SpawnWorker, spawnWorker, startWorker } from './worker-link.ts';

/** A worker that cannot be replaced at once is tried again after this. */
const respawnMs = 1_000;

/**
 * The embedded media engine: `options.workers` threads, each with a WebRTC port and its share of the RTP ports; a call
 * lives on one of them.
 * @param spawn for tests
 */
export function createEmbeddedEngine(
  options: MediaEngineOptions & { readonly log: Log },
  spawn: SpawnWorker = spawnWorker,
): MediaEngine {
  const { log } = options;
  const slots: readonly WorkerSlot[] = Array.from({ length: options.workers }, (_, index) => ({
    index,
    link: undefined,
    calls: new Map(),
  }));
  // An IPv4 socket cannot be reached at an IPv6 address; an IPv6 socket serves both.
  const announced = options.announceAddresses.filter((address) => options.host.includes(':') || !address.includes(':'));
  const library = createLibrary((name, sound) => {
    for (const { link } of slots) link?.tell({ kind: 'sound', name, sound });
  });
  let closed = false;
  let respawn: NodeJS.Timeout | undefined;

  const settingsOf = (index: number) => ({
    host: options.host,
    announceAddresses: announced,
    rtpPorts: options.rtpPorts,
    webRtcPort: options.webRtcPort === 0 ? 0 : options.webRtcPort + index,
    index,
    workers: options.workers,
  });

  async function startSlot(slot: WorkerSlot): Promise<void> {
    const link = await startWorker({
      settings: settingsOf(slot.index),
      log,
      spawn,
      onEvent: (event) => forward(slot, event),
      onDeath: () => void replace(slot),
    });
    // Before any command can reach it, and with nothing in between that could change the library.
    for (const [name, sound] of library.sounds) link.tell({ kind: 'sound', name, sound });
    slot.link = link;
    if (closed) await link.close();
  }

  /** Events of calls and legs that have been removed meanwhile concern nobody. */
  function forward(slot: WorkerSlot, event: MediaEvent): void {
    if (slot.calls.get(event.callId)?.legs.has(event.legId)) engine.onEvent?.(event);
  }

  async function replace(slot: WorkerSlot): Promise<void> {
    slot.link = undefined;
    const lost = [...slot.calls];
    slot.calls.clear();
    log.error({ worker: slot.index, calls: lost.length }, 'media worker died');
    for (const [callId, call] of lost) {
      call.closed = true;
      for (const legId of call.legs) engine.onEvent?.({ type: 'lost', callId, legId, reason: 'media worker died' });
    }
    await restart(slot);
  }

  async function restart(slot: WorkerSlot): Promise<void> {
    if (closed) return;
    try {
      await startSlot(slot);
      log.info({ worker: slot.index }, 'media worker replaced');
    } catch (error) {
      log.error({ err: error, worker: slot.index }, 'media worker could not be replaced');
      respawn = setTimeout(() => void restart(slot), respawnMs);
      respawn.unref();
    }
  }

  const engine: MediaEngine = {
    onEvent: undefined,
    async start() {
      if (announced.length === 0) throw new Error(`no address to announce can be reached on ${options.host}`);
      await library.loadPrompts();
      const started = await Promise.allSettled(slots.map(startSlot));
      const failed = started.find((result) => result.status === 'rejected');
      if (!failed) return;
      await engine.close();
      throw failed.reason;
    },
    async close() {
      closed = true;
      clearTimeout(respawn);
      await Promise.all(slots.map((slot) => slot.link?.close()));
      for (const slot of slots) {
        for (const call of slot.calls.values()) call.closed = true;
        slot.calls.clear();
      }
    },
    openCall(callId): MediaCall {
      return createMediaCall(callId, closed ? undefined : leastLoaded(slots));
    },
    loadSound: library.load,
    unloadSound: library.unload,
    async stats(): Promise<EngineStats> {
      const links = slots.map((slot) => slot.link).filter((link) => link !== undefined);
      const all = await Promise.all(links.map((link) => link.ask({ kind: 'stats' }).catch(() => null)));
      return sumStats(all.filter((stats) => stats !== null) as EngineStats[]);
    },
  };
  return engine;
}
