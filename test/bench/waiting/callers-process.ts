/**
 * Callers who wait: each sends a packet every 20 ms and keeps the time at which each packet of the engine came. One more
 * pair of sockets talks without the engine: what of its packets is late is the callers' own delay.
 */
import { newRtpHeader, readRtp, writeRtp } from '../../../channels/voice/media/embedded/rtp.ts';
import { openUdp, type UdpSocket } from '../../../channels/voice/media/embedded/udp.ts';
import { serve } from '../media/child.ts';
import type { CallerCommands, Heard } from './protocol.ts';

const host = '127.0.0.1';
const packetBytes = 172;
const frameMs = 20;
const lateMs = 5;
/** Callers speak at these places within 20 ms, so that the load is even. */
const places = 20;

interface Caller {
  readonly socket: UdpSocket;
  target: number;
  /** Of each packet: when it came, less 20 ms for each packet before it. */
  readonly shifts: number[];
  firstSequence: number;
  lastSequence: number;
}

const callers: Caller[] = [];
const packet = Buffer.alloc(packetBytes, 0xd5);
const header = newRtpHeader();
let measuring = false;
let controlDelays: number[] = [];
let sequence = 0;

const control = await openUdp({
  host,
  port: 0,
  onPacket: (received) => measuring && controlDelays.push(performance.now() - received.readDoubleBE(12)),
});

function hear(caller: Caller, received: Buffer): void {
  // RTCP comes to a port of its own, which nobody has opened.
  if (!measuring || !readRtp(received, received.length, header)) return;
  if (caller.firstSequence < 0) caller.firstSequence = header.sequence;
  caller.lastSequence = header.sequence;
  const place = (header.sequence - caller.firstSequence) & 0xffff;
  caller.shifts.push(performance.now() - place * frameMs);
}

async function openCaller(): Promise<number> {
  const caller: Caller = {
    socket: await openUdp({ host, port: 0, onPacket: (received) => hear(caller, received) }),
    target: 0,
    shifts: [],
    firstSequence: -1,
    lastSequence: -1,
  };
  callers.push(caller);
  return caller.socket.port;
}

function speak(dueAt: number, place: number): void {
  let next = dueAt;
  let current = place;
  while (next <= performance.now()) {
    if (current === 0) sequence = (sequence + 1) & 0xffff;
    for (let i = current; i < callers.length; i += places) {
      const { socket, target } = callers[i] as Caller;
      writeRtp(packet, false, 8, sequence, (sequence * 160) >>> 0, i + 1);
      socket.send(packet, packetBytes, target, host);
    }
    packet.writeDoubleBE(performance.now(), 12);
    control.send(packet, packetBytes, control.port, host);
    packet.fill(0xd5, 12, 20);
    current = (current + 1) % places;
    next += frameMs / places;
  }
  setTimeout(() => speak(next, current), 1);
}

/** The engine is never early, so the earliest packet of a caller shows when its others were due. */
function lateOf({ shifts }: Caller): number {
  const due = shifts.reduce((least, shift) => Math.min(least, shift), Number.POSITIVE_INFINITY);
  return shifts.filter((shift) => shift - due > lateMs).length;
}

function heard(): Heard {
  const sum = (value: (caller: Caller) => number): number => callers.reduce((total, each) => total + value(each), 0);
  const received = sum(({ shifts }) => shifts.length);
  const expected = sum(({ firstSequence, lastSequence }) => ((lastSequence - firstSequence) & 0xffff) + 1);
  return {
    received,
    lost: Math.max(0, expected - received),
    late: sum(lateOf) / received,
    controlLate: controlDelays.filter((delay) => delay > lateMs).length / controlDelays.length,
  };
}

serve<CallerCommands>(
  {
    async open(count) {
      const ports: number[] = [];
      while (ports.length < count) ports.push(await openCaller());
      return ports;
    },
    async speak(targets) {
      for (const [i, target] of targets.entries()) Object.assign(callers[i] ?? {}, { target });
      speak(performance.now(), 0);
      return null;
    },
    async measure({ seconds }) {
      for (const caller of callers) {
        caller.shifts.length = 0;
        caller.firstSequence = -1;
      }
      controlDelays = [];
      measuring = true;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      measuring = false;
      return heard();
    },
  },
  async () => {
    for (const { socket } of callers) socket.close();
    control.close();
  },
);
