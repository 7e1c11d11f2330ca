import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { type Certificate, makeCertificate } from '../../channels/voice/media/embedded/dtls/certificate.ts';
import { type IceCredentials, newCredentials } from '../../channels/voice/media/embedded/ice/registry.ts';
import { bindingRequest } from '../../channels/voice/media/embedded/ice/stun.ts';
import { isRtcp } from '../../channels/voice/media/embedded/rtp.ts';
import {
  createSrtpReceiver,
  createSrtpSender,
  type SrtpReceiver,
  type SrtpSender,
} from '../../channels/voice/media/embedded/srtp/context.ts';
import { parseSdp, type SdpSection } from '../../channels/voice/media/sdp/parse.ts';
import { createDtlsClient, type DtlsClient } from './dtls-client.ts';
import { createRtpPeer, type RtpPeer, type RtpPeerOptions } from './rtp-peer.ts';

/** Between two checks that we are still there (RFC 7675); browsers take twice as long. */
const checkMs = 2_500;
/** SRTP authentication tag and the longest trailer. */
const sealRoom = 32;

let certificate: Certificate | undefined;
/** One for the process, as a browser has one for its profile. */
function ownCertificate(): Certificate {
  certificate ??= makeCertificate(Date.now());
  return certificate;
}

function answerTo(section: SdpSection, port: number, { ufrag, pwd }: IceCredentials): Buffer {
  const types = section.codecs.filter(({ name }) => /^(PCMU|PCMA|TELEPHONE-EVENT)$/.test(name));
  const mid = section.mid ?? '0';
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mid}`,
    `m=audio ${port} ${section.proto} ${types.map(({ payloadType }) => payloadType).join(' ')}`,
    'c=IN IP4 127.0.0.1',
    `a=mid:${mid}`,
    ...types.map(
      ({ payloadType, name }) =>
        `a=rtpmap:${payloadType} ${name.toLowerCase().replace(/^pcm./, (law) => law.toUpperCase())}/8000`,
    ),
    'a=sendrecv',
    'a=rtcp-mux',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:sha-256 ${ownCertificate().fingerprint}`,
    'a=setup:active',
    `a=candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

/**
 * The audio of a browser: ICE, DTLS and SRTP towards an ICE-lite server (RFC 8445 section 2.5, RFC 5764), around a plain
 * telephone, whose packets it seals and opens.
 * @param offer the server's SDP
 */
export async function openWebRtcPeer(offer: Buffer, options: RtpPeerOptions): Promise<RtpPeer> {
  const section = parseSdp(offer.toString()).sections.find(({ media }) => media === 'audio');
  if (!section) throw new Error('no audio in the offer');
  const peer = await createRtpPeer(options);
  const socket = dgram.createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const own = newCredentials();
  const server = { port: section.port, address: section.address };
  let sender: SrtpSender | undefined;
  let receiver: SrtpReceiver | undefined;
  let dtls: DtlsClient | undefined;
  let checking: NodeJS.Timeout | undefined;
  let isClosed = false;

  const send = (packet: Buffer): void => {
    if (!isClosed) socket.send(packet, server.port, server.address);
  };
  const check = (): void =>
    send(
      bindingRequest({
        transactionId: randomBytes(12),
        username: `${section.iceUfrag}:${own.ufrag}`,
        password: section.icePwd ?? '',
        useCandidate: true,
      }),
    );

  function handshake(): void {
    if (dtls || !section) return;
    dtls = createDtlsClient({
      certificate: ownCertificate(),
      fingerprints: section.fingerprints,
      send,
      onConnected(keys) {
        sender = createSrtpSender(keys.client);
        receiver = createSrtpReceiver(keys.server);
      },
    });
    dtls.start();
  }

  function fromServer(packet: Buffer): void {
    const [first = 255] = packet;
    // RFC 7983 section 7: what a datagram is, by its first octet.
    if (first <= 3) handshake();
    else if (first <= 63) dtls?.receive(packet);
    else if (receiver && !isRtcp(packet)) {
      const length = receiver.unprotect(packet);
      if (length > 0) socket.send(packet.subarray(0, length), peer.port, '127.0.0.1');
    }
  }

  function fromPhone(packet: Buffer): void {
    if (!sender) return;
    const sealed = Buffer.alloc(packet.length + sealRoom);
    packet.copy(sealed);
    send(sealed.subarray(0, sender.protect(sealed, packet.length)));
  }

  socket.on('message', (packet, from) => {
    if (isClosed) return;
    if (from.port === peer.port) fromPhone(packet);
    else fromServer(packet);
  });

  return {
    ...peer,
    description: () => answerTo(section, port, own),
    connect() {
      const codec = section.codecs.find(({ name }) => name === (options.law ?? 'PCMU')) ?? section.codecs[0];
      peer.connect(Buffer.from(plainDescription(port, codec?.payloadType ?? 0, codec?.name ?? 'PCMU')));
      if (checking) return;
      checking = setInterval(check, checkMs);
      check();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(checking);
      dtls?.close();
      peer.close();
      socket.close();
    },
  };
}

/** Tells the telephone inside to send to us. */
const plainDescription = (port: number, payloadType: number, law: string): string =>
  [
    'v=0',
    'c=IN IP4 127.0.0.1',
    `m=audio ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${law}/8000`,
    '',
  ].join('\r\n');
