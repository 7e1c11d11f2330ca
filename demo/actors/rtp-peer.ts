import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import { g711 } from '../../channels/voice/media/embedded/g711.ts';
import { parseSdp } from '../../channels/voice/media/sdp/parse.ts';
import type { Pcm } from './audio.ts';

export type Law = 'PCMU' | 'PCMA';

/** An RFC 4733 packet as it arrived. */
export interface ReceivedEvent {
  readonly event: number;
  readonly end: boolean;
  readonly timestamp: number;
  readonly duration: number;
  readonly marker: boolean;
}

export interface RtpPeerOptions {
  /** The tone that it says, Hz. 0 = silence. */
  readonly frequency: number;
  readonly law?: Law;
  readonly dtmfPayloadType?: number;
  /** Milliseconds per packet. */
  readonly packetMs?: number;
  /** Every nth packet is left out. */
  readonly dropEvery?: number;
}

/**
 * A telephone at the far end of a plain RTP leg, on a loopback socket: it says a tone every 20 ms, keeps what it hears,
 * and sends and receives digits.
 */
export interface RtpPeer {
  readonly port: number;
  /** SDP offer (or answer) for this peer: PCMU or PCMA and telephone-event. */
  description(options?: { direction?: string; laws?: readonly Law[] }): Buffer;
  /** Takes the other side's SDP: where to send, and its payload types. */
  connect(description: Buffer): void;
  /** Starts saying the tone. */
  start(): void;
  /** Stops saying anything; still hears. */
  mute(): void;
  sendDigits(digits: string): void;
  /** Sends one raw datagram from its RTP socket. */
  sendRaw(packet: Buffer, port: number): void;
  /** Forgets what was heard and then resolves with the next `seconds` of audio. */
  listen(seconds: number): Promise<Pcm>;
  /** Everything heard since the last `forget` or `listen`. */
  heard(): Pcm;
  forget(): void;
  /** Digits received since `forget`, each once. */
  digits(): string;
  /** Resolves when `count` digits have arrived since `forget`. */
  waitForDigits(count: number): Promise<string>;
  /** Resolves with the next RTP packet. */
  nextPacket(): Promise<Buffer>;
  readonly received: {
    packets: number;
    /** Sequence numbers that were skipped or came out of order. */
    gaps: number;
    readonly ssrcs: Set<number>;
    readonly payloadTypes: Set<number>;
    readonly events: ReceivedEvent[];
    readonly rtcp: Buffer[];
  };
  /** Idempotent. */
  close(): void;
}

/** A digit lasts 160 ms, with 80 ms of voice before the next. */
const eventPackets = 8;
const pausePackets = 4;
const eventDigits = '0123456789*#ABCD';

/** Opens the peer on a free port of 127.0.0.1. */
export async function createRtpPeer(options: RtpPeerOptions): Promise<RtpPeer> {
  const law = options.law ?? 'PCMU';
  const dtmfType = options.dtmfPayloadType ?? 101;
  const packetMs = options.packetMs ?? 20;
  const samplesPerPacket = packetMs * 8;
  const socket = dgram.createSocket('udp4');
  const received: RtpPeer['received'] = {
    packets: 0,
    gaps: 0,
    ssrcs: new Set(),
    payloadTypes: new Set(),
    events: [],
    rtcp: [],
  };
  const target = { port: 0, address: '127.0.0.1', payloadType: law === 'PCMU' ? 0 : 8, dtmfType };
  let samples: number[] = [];
  let lastSequence = -1;
  const packetWaiters: ((packet: Buffer) => void)[] = [];
  const sampleWaiters: { count: number; done: () => void }[] = [];
  const digitWaiters: { count: number; done: (digits: string) => void }[] = [];

  function digits(): string {
    const seen = new Map<number, string>();
    for (const { event, timestamp, end } of received.events) if (end) seen.set(timestamp, eventDigits[event] ?? '?');
    return [...seen.values()].join('');
  }

  function receiveEvent(packet: Buffer, marker: boolean): void {
    received.events.push({
      event: packet.readUInt8(12),
      end: (packet.readUInt8(13) & 0x80) !== 0,
      timestamp: packet.readUInt32BE(4),
      duration: packet.readUInt16BE(14),
      marker,
    });
    for (const waiter of [...digitWaiters]) {
      if (digits().length < waiter.count) continue;
      digitWaiters.splice(digitWaiters.indexOf(waiter), 1);
      waiter.done(digits());
    }
  }

  function receiveAudio(packet: Buffer, payloadType: number): void {
    const { decode } = g711[payloadType === 8 ? 'PCMA' : 'PCMU'];
    for (const octet of packet.subarray(12)) samples.push(decode[octet] ?? 0);
    for (const waiter of [...sampleWaiters]) {
      if (samples.length < waiter.count) continue;
      sampleWaiters.splice(sampleWaiters.indexOf(waiter), 1);
      waiter.done();
    }
  }

  socket.on('message', (packet) => {
    const payloadType = packet.readUInt8(1) & 0x7f;
    if (payloadType >= 64 && payloadType < 96) {
      received.rtcp.push(packet);
      return;
    }
    const sequence = packet.readUInt16BE(2);
    if (lastSequence >= 0 && ((sequence - lastSequence) & 0xffff) !== 1) received.gaps++;
    lastSequence = sequence;
    received.packets++;
    received.payloadTypes.add(payloadType);
    received.ssrcs.add(packet.readUInt32BE(8));
    if (payloadType === dtmfType) receiveEvent(packet, (packet.readUInt8(1) & 0x80) !== 0);
    else receiveAudio(packet, payloadType);
    for (const waiter of packetWaiters.splice(0)) waiter(packet);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));

  const ssrc = randomInt(2 ** 32);
  let sequence = randomInt(2 ** 16);
  let timestamp = randomInt(2 ** 32);
  let spoken = 0;
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const queue: number[] = [];
  let eventStep = 0;
  /** Packets of audio before the next digit. */
  let pause = 0;

  function header(marker: boolean, payloadType: number, bytes: number): Buffer {
    const packet = Buffer.alloc(12 + bytes);
    packet[0] = 0x80;
    packet[1] = (marker ? 0x80 : 0) | payloadType;
    packet.writeUInt16BE(sequence, 2);
    packet.writeUInt32BE(timestamp, 4);
    packet.writeUInt32BE(ssrc, 8);
    sequence = (sequence + 1) & 0xffff;
    return packet;
  }

  function sendEvent(event: number): void {
    eventStep++;
    const end = eventStep === eventPackets;
    for (let i = 0; i < (end ? 3 : 1); i++) {
      const packet = header(eventStep === 1, target.dtmfType, 4);
      packet[12] = event;
      packet[13] = (end ? 0x80 : 0) | 10;
      packet.writeUInt16BE(eventStep * samplesPerPacket, 14);
      socket.send(packet, target.port, target.address);
    }
    if (!end) return;
    eventStep = 0;
    queue.shift();
    pause = pausePackets;
    timestamp = (timestamp + eventPackets * samplesPerPacket) >>> 0;
  }

  function sendAudio(): void {
    const packet = header(spoken === 0, target.payloadType, samplesPerPacket);
    const { encode } = g711[target.payloadType === 8 ? 'PCMA' : 'PCMU'];
    for (let i = 0; i < samplesPerPacket; i++) {
      const level = options.frequency === 0 ? 0 : 0.5;
      const sample = Math.round(Math.sin((2 * Math.PI * options.frequency * (spoken + i)) / 8000) * level * 32767);
      packet[12 + i] = encode[sample & 0xffff] ?? 0;
    }
    spoken += samplesPerPacket;
    timestamp = (timestamp + samplesPerPacket) >>> 0;
    sent++;
    if (!options.dropEvery || sent % options.dropEvery !== 0) socket.send(packet, target.port, target.address);
  }

  function run(dueAt: number): void {
    let next = dueAt;
    while (next <= performance.now()) {
      const [event] = queue;
      if (event === undefined || pause > 0) {
        pause = Math.max(0, pause - 1);
        sendAudio();
      } else sendEvent(event);
      next += packetMs;
    }
    timer = setTimeout(() => run(next), Math.max(1, next - performance.now()));
  }

  const pcm = (): Pcm => ({ rate: 8000, samples: Int16Array.from(samples) });
  const forget = (): void => {
    samples = [];
    received.events.length = 0;
  };

  return {
    port: socket.address().port,
    received,
    description({ direction = 'sendrecv', laws = [law] } = {}) {
      const types = laws.map((each) => (each === 'PCMU' ? 0 : 8));
      const lines = [
        'v=0',
        'o=- 1 1 IN IP4 127.0.0.1',
        's=-',
        'c=IN IP4 127.0.0.1',
        't=0 0',
        `m=audio ${socket.address().port} RTP/AVP ${types.join(' ')} ${dtmfType}`,
        ...types.map((type) => `a=rtpmap:${type} ${type === 0 ? 'PCMU' : 'PCMA'}/8000`),
        `a=rtpmap:${dtmfType} telephone-event/8000`,
        `a=fmtp:${dtmfType} 0-15`,
        `a=${direction}`,
      ];
      return Buffer.from(`${lines.join('\r\n')}\r\n`);
    },
    connect(description) {
      const [audio] = parseSdp(description.toString()).sections;
      if (!audio) throw new Error('no media in the description');
      target.port = audio.port;
      target.address = audio.address === '0.0.0.0' || audio.address === '' ? '127.0.0.1' : audio.address;
      const codec = audio.codecs.find(({ name }) => name === law) ?? audio.codecs[0];
      if (codec) target.payloadType = codec.payloadType;
      target.dtmfType = audio.codecs.find(({ name }) => name === 'TELEPHONE-EVENT')?.payloadType ?? dtmfType;
    },
    start() {
      if (!timer && !closed) run(performance.now());
    },
    mute() {
      clearTimeout(timer);
      timer = undefined;
    },
    sendDigits(text) {
      for (const digit of text) queue.push(eventDigits.indexOf(digit));
    },
    sendRaw(packet, port) {
      socket.send(packet, port, '127.0.0.1');
    },
    async listen(seconds) {
      forget();
      await new Promise<void>((done) => sampleWaiters.push({ count: Math.round(seconds * 8000), done }));
      return pcm();
    },
    heard: pcm,
    forget,
    digits,
    waitForDigits: (count) =>
      digits().length >= count ? Promise.resolve(digits()) : new Promise((done) => digitWaiters.push({ count, done })),
    nextPacket: () => new Promise((resolve) => packetWaiters.push(resolve)),
    close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      socket.close();
    },
  };
}
