/** The media engine as a process of its own, so that its processor time and its memory can be read from outside. */
import { createEmbeddedEngine } from '../../../channels/voice/media/embedded/index.ts';
import type { MediaCall, MediaSource } from '../../../channels/voice/media/engine.ts';
import { parseSdp } from '../../../channels/voice/media/sdp/parse.ts';
import { type CallId, type LegId, newId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { findFreeUdpPorts } from '../../support/free-ports.ts';
import { serve } from '../media/child.ts';
import type { EngineCommands } from './protocol.ts';

const caller = 'caller' as LegId;
const promptEveryMs = 30_000;
const music: readonly MediaSource[] = [{ kind: 'sound', name: 'music', loop: true }];
const promptThenMusic: readonly MediaSource[] = [{ kind: 'sequence', names: ['ru/please-wait'], thenLoop: 'music' }];

const first = await findFreeUdpPorts(2);
const engine = createEmbeddedEngine({
  host: '127.0.0.1',
  announceAddresses: ['127.0.0.1'],
  webRtcPort: 0,
  rtpPorts: { first, last: Math.min(65_535, first + 9_999) },
  workers: 1,
  log: silentLog,
});
await engine.start();

const calls: MediaCall[] = [];

const offer = (port: number): Buffer =>
  Buffer.from(
    ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${port} RTP/AVP 8`, ''].join(
      '\r\n',
    ),
  );

async function wait(port: number): Promise<number> {
  const call = engine.openCall(newId<CallId>());
  calls.push(call);
  const answer = await call.answerLeg(caller, offer(port));
  call.hear(caller, music);
  return parseSdp(answer.toString()).sections[0]?.port ?? 0;
}

serve<EngineCommands>(
  {
    async wait(ports) {
      const targets: number[] = [];
      for (const port of ports) targets.push(await wait(port));
      return targets;
    },
    async interrupt() {
      let next = 0;
      setInterval(() => calls[next++ % calls.length]?.hear(caller, promptThenMusic), promptEveryMs / calls.length);
      return null;
    },
    lateTicks: async () => (await engine.stats()).lateTicks,
  },
  () => engine.close(),
);
