/** The media worker of the benchmark as a process of its own, so that its processor time can be read from outside. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMediaCore } from '../../../channels/voice/media/embedded/core.ts';
import { type MasterKey, srtpProfiles } from '../../../channels/voice/media/embedded/srtp/keys.ts';
import type { WebRtcTransport } from '../../../channels/voice/media/embedded/webrtc-transport.ts';
import { parseSdp } from '../../../channels/voice/media/sdp/parse.ts';
import { type CallId, type LegId, newId } from '../../../server/kernel/ids.ts';
import { findFreeUdpPorts } from '../../support/free-ports.ts';
import { serve } from './child.ts';
import type { CallPorts, CallTarget, EngineCommands, HexKey } from './protocol.ts';

const agent = 'agent' as LegId;
const customer = 'customer' as LegId;
const directory = mkdtempSync(join(tmpdir(), 'bench-media-'));
const first = await findFreeUdpPorts(2);
const core = await createMediaCore(
  {
    host: '127.0.0.1',
    announceAddresses: ['127.0.0.1'],
    webRtcPort: 0,
    rtpPorts: { first, last: Math.min(65_535, first + 9_999) },
    index: 0,
    workers: 1,
  },
  () => {},
  (error) => console.error(error),
);

const lines = (...all: string[]): string => `${all.join('\r\n')}\r\n`;
const session = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];

const browserOffer = lines(
  ...session,
  'm=audio 9 UDP/TLS/RTP/SAVPF 0',
  'a=mid:0',
  'a=rtcp-mux',
  'a=ice-ufrag:peer',
  `a=ice-pwd:${'p'.repeat(24)}`,
  `a=fingerprint:sha-256 ${Array(32).fill('00').join(':')}`,
  'a=setup:actpass',
);
const plainOffer = (port: number): string => lines(...session, `m=audio ${port} RTP/AVP 0`);

const newKey = (): MasterKey => ({
  profile: srtpProfiles.aes128CmSha1Tag80,
  key: randomBytes(16),
  salt: randomBytes(14),
});
const hex = ({ key, salt }: MasterKey): HexKey => ({ key: key.toString('hex'), salt: salt.toString('hex') });

async function openCall(ports: CallPorts): Promise<CallTarget> {
  const callId = newId<CallId>();
  const answer = (legId: LegId, offer: string) =>
    core.run(callId, { operation: 'answerLeg', input: { legId, offer } }) as Promise<string>;
  const [secure] = parseSdp(await answer(agent, browserOffer)).sections;
  const [plain] = parseSdp(await answer(customer, plainOffer(ports.customer))).sections;
  const keys = { client: newKey(), server: newKey() };
  const transport = core.callOf(callId)?.legs.get(agent)?.transport as WebRtcTransport;
  transport.install(keys);
  const hear = (legId: LegId, other: LegId) =>
    core.run(callId, { operation: 'hear', input: { legId, sources: [{ kind: 'leg', legId: other }] } });
  await hear(agent, customer);
  await hear(customer, agent);
  const path = join(directory, `${callId}.wav`);
  await core.run(callId, { operation: 'startRecording', input: { path, left: customer, right: agent } });
  return {
    webRtcPort: core.webRtcPort,
    ufrag: secure?.iceUfrag ?? '',
    pwd: secure?.icePwd ?? '',
    keys: { client: hex(keys.client), server: hex(keys.server) },
    customerPort: plain?.port ?? 0,
  };
}

serve<EngineCommands>(
  {
    async open(calls) {
      const targets: CallTarget[] = [];
      for (const ports of calls) targets.push(await openCall(ports));
      return targets;
    },
    lateTicks: async () => core.stats().lateTicks,
  },
  async () => {
    await core.close();
    rmSync(directory, { recursive: true, force: true });
  },
);
