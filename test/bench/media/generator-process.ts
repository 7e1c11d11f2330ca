/**
 * Both ends of many calls: browsers (SRTP, STUN) and a carrier (plain RTP), a packet every 20 ms each way. The time of
 * sending travels in the payload, which the engine passes on as it is. One more pair of sockets talks without the engine:
 * what its packets need is the generator's own part of the delay.
 */
import { randomBytes } from 'node:crypto';
import { bindingRequest } from '../../../channels/voice/media/embedded/ice/stun.ts';
import { writeRtp } from '../../../channels/voice/media/embedded/rtp.ts';
import { createSrtpReceiver, createSrtpSender } from '../../../channels/voice/media/embedded/srtp/context.ts';
import { srtpProfiles } from '../../../channels/voice/media/embedded/srtp/keys.ts';
import { openUdp, type UdpSocket } from '../../../channels/voice/media/embedded/udp.ts';
import { percentile } from '../support/figure.ts';
import { serve } from './child.ts';
import type { CallPorts, CallTarget, GeneratorCommands, HexKey } from './protocol.ts';

const host = '127.0.0.1';
const packetBytes = 172;
const lateMs = 5;
const checkMs = 2_500;

interface Call {
  readonly agent: UdpSocket;
  readonly customer: UdpSocket;
  /** Takes what the agent's socket receives; set when the keys are known. */
  open: (packet: Buffer) => number;
  seal: (packet: Buffer, length: number) => number;
  target: CallTarget | undefined;
}

const calls: Call[] = [];
const packet = Buffer.alloc(256);
let delays: number[] = [];
let controlDelays: number[] = [];
let measuring = false;
let sent = 0;
let sequence = 0;

function note(into: number[], from: Buffer): void {
  if (measuring) into.push(performance.now() - from.readDoubleBE(12));
}

const control = await openUdp({ host, port: 0, onPacket: (received) => note(controlDelays, received) });

function compose(ssrc: number): void {
  writeRtp(packet, false, 0, sequence, (sequence * 160) >>> 0, ssrc);
  packet.writeDoubleBE(performance.now(), 12);
}

async function openCall(): Promise<CallPorts> {
  const call: Call = {
    agent: await openUdp({
      host,
      port: 0,
      // STUN answers come in here, too; they are no SRTP.
      onPacket: (received) => {
        if ((received[0] as number) >= 0x80 && (received[1] as number) < 192 && call.open(received) > 0)
          note(delays, received);
      },
    }),
    customer: await openUdp({ host, port: 0, onPacket: (received) => note(delays, received) }),
    open: () => -1,
    seal: (_, length) => length,
    target: undefined,
  };
  calls.push(call);
  return { agent: call.agent.port, customer: call.customer.port };
}

const master = ({ key, salt }: HexKey) => ({
  profile: srtpProfiles.aes128CmSha1Tag80,
  key: Buffer.from(key, 'hex'),
  salt: Buffer.from(salt, 'hex'),
});

function check(call: Call, target: CallTarget): void {
  const request = bindingRequest({
    transactionId: randomBytes(12),
    username: `${target.ufrag}:peer`,
    password: target.pwd,
    useCandidate: true,
  });
  call.agent.send(request, request.length, target.webRtcPort, host);
}

function speak(call: Call, index: number): void {
  const { target } = call;
  if (!target) return;
  compose(2 * index + 1);
  call.agent.send(packet, call.seal(packet, packetBytes), target.webRtcPort, host);
  compose(2 * index + 2);
  call.customer.send(packet, packetBytes, target.customerPort, host);
  if (measuring) sent += 2;
}

/** Every call has its place within the 20 ms, so that the load is even. */
function run(dueAt: number, slot: number): void {
  let next = dueAt;
  let current = slot;
  while (next <= performance.now()) {
    if (current === 0) sequence = (sequence + 1) & 0xffff;
    for (let i = current; i < calls.length; i += 20) speak(calls[i] as Call, i);
    compose(0);
    control.send(packet, packetBytes, control.port, host);
    current = (current + 1) % 20;
    next++;
  }
  setTimeout(() => run(next, current), 1);
}

serve<GeneratorCommands>(
  {
    async open(count) {
      const ports: CallPorts[] = [];
      while (ports.length < count) ports.push(await openCall());
      return ports;
    },
    async start(targets) {
      const fresh = calls.filter(({ target }) => target === undefined);
      for (const [i, target] of targets.entries()) {
        const call = fresh[i];
        if (!call) throw new Error('more targets than calls');
        const receiver = createSrtpReceiver(master(target.keys.server));
        const sender = createSrtpSender(master(target.keys.client));
        call.open = receiver.unprotect;
        call.seal = sender.protect;
        call.target = target;
        check(call, target);
        setInterval(() => check(call, target), checkMs);
      }
      return null;
    },
    async measure({ seconds }) {
      delays = [];
      controlDelays = [];
      sent = 0;
      measuring = true;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      measuring = false;
      const late = (all: readonly number[]): number => all.filter((delay) => delay > lateMs).length / all.length;
      return {
        sent,
        received: delays.length,
        p50: percentile(delays, 0.5),
        p99: percentile(delays, 0.99),
        controlP50: percentile(controlDelays, 0.5),
        late: late(delays),
        controlLate: late(controlDelays),
      };
    },
  },
  async () => {},
);
run(performance.now(), 0);
