import type { Receive } from '../channels/channel.ts';
import { createVoiceChannel, type VoiceAdapter } from '../channels/voice/adapter.ts';
import { createDemoCarrier } from '../channels/voice/demo-carrier.ts';
import { createEmbeddedEngine } from '../channels/voice/media/embedded/index.ts';
import type { MediaEngine } from '../channels/voice/media/engine.ts';
import { createSipStack } from '../channels/voice/sip/index.ts';
import type { SipStackHandlers } from '../channels/voice/sip/stack.ts';
import { demoTrunkName } from '../db/seed/company.ts';
import type { Access } from './access/index.ts';
import type { Config } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import type { Log } from './kernel/log.ts';
import type { RoutingSetup, TrunkRow } from './routing/store.ts';
import { version } from './version.ts';

const loopback = '127.0.0.1';

export interface VoicePartsOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly access: Pick<Access, 'ha1'>;
  readonly setup: Pick<RoutingSetup, 'trunks'>;
  readonly realm: string;
  readonly receive: Receive;
}

/** The voice channel with its media engine, and while the demo runs the far end of its trunk. */
export interface VoiceParts {
  readonly media: MediaEngine;
  readonly voice: VoiceAdapter;
  /** Takes the carriers as they are now. */
  applyTrunks(trunks: readonly TrunkRow[]): void;
  /** Opens the ports. @throws the bind error */
  start(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export function createVoiceParts({ config, clock, log, access, setup, realm, receive }: VoicePartsOptions): VoiceParts {
  const media = createEmbeddedEngine({
    host: config.host,
    announceAddresses: config.mediaAnnounce,
    webRtcPort: config.mediaPort,
    rtpPorts: config.rtpPorts,
    workers: config.mediaWorkers,
    log,
  });
  const sip =
    (own: { host: string; publicAddress: string; port: number; userAgent: string }) => (handlers: SipStackHandlers) =>
      createSipStack({ clock, log, ha1: access.ha1, realm, ...own, handlers });
  const demoTrunk = config.demo ? (setup.trunks.find((trunk) => trunk.name === demoTrunkName) ?? null) : null;
  const voice = createVoiceChannel({
    media,
    createSip: sip({
      host: config.host,
      publicAddress: config.mediaAnnounce[0] ?? config.host,
      port: config.sipPort,
      userAgent: `Switchroom/${version}`,
    }),
    clock,
    log,
    receive,
    demoTrunk,
    realm,
  });
  const carrier =
    demoTrunk &&
    createDemoCarrier({
      media,
      createSip: sip({ host: loopback, publicAddress: loopback, port: 0, userAgent: 'Demo carrier' }),
      clock,
      log,
    });

  /** The demo's far end listens where the system let it. */
  const applyTrunks = (trunks: readonly TrunkRow[]): void =>
    voice.setTrunks(
      trunks.map((trunk) =>
        carrier && trunk.id === demoTrunk.id ? { ...trunk, host: loopback, port: carrier.port } : trunk,
      ),
    );
  return {
    media,
    voice,
    applyTrunks,
    async start() {
      await voice.start();
      await carrier?.start();
      applyTrunks(setup.trunks);
    },
    async close() {
      await carrier?.close();
      await voice.close();
    },
  };
}
