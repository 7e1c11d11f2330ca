import { createHash, randomBytes, sign, type X509Certificate } from 'node:crypto';
import {
  type Certificate,
  isSignedBy,
  matchesFingerprint,
  ownScheme,
  readCertificate,
} from '../../channels/voice/media/embedded/dtls/certificate.ts';
import { createReassembler, type HandshakeInput } from '../../channels/voice/media/embedded/dtls/fragments.ts';
import { type Group, groups } from '../../channels/voice/media/embedded/dtls/hello.ts';
import { createKeyExchange } from '../../channels/voice/media/embedded/dtls/key-exchange.ts';
import { exportSrtpKeys, prf, recordKeys, type SrtpKeys } from '../../channels/voice/media/embedded/dtls/keys.ts';
import {
  createRecordOpener,
  createRecordWriter,
  type DtlsRecord,
  readRecords,
} from '../../channels/voice/media/embedded/dtls/records.ts';
import {
  contentType,
  createReader,
  dtls12,
  handshakeMessage,
  handshakeType,
  uint8,
  uint16,
  vector8,
  vector16,
  vector24,
} from '../../channels/voice/media/embedded/dtls/wire.ts';
import { srtpProfiles } from '../../channels/voice/media/embedded/srtp/keys.ts';
import type { SdpFingerprint } from '../../channels/voice/media/sdp/parse.ts';

export interface DtlsClientOptions {
  readonly certificate: Certificate;
  /** What the server's SDP announced. */
  readonly fingerprints: readonly SdpFingerprint[];
  readonly send: (datagram: Buffer) => void;
  readonly onConnected: (keys: SrtpKeys) => void;
}

/** The browser's side of a DTLS 1.2 handshake for SRTP (RFC 6347, RFC 5764), as far as our own server needs it. */
export interface DtlsClient {
  /** Sends the first flight. */
  start(): void;
  /** @throws when the server is not who it announced, or speaks out of turn */
  receive(datagram: Buffer): void;
  /** Stops repeating itself. Idempotent. */
  close(): void;
}

/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256. */
const cipherSuite = 0xc02b;
const profile = srtpProfiles.aes128CmSha1Tag80;
/** The peer is on the same machine: repeated without growing pauses. */
const repeatMs = 300;

interface Outgoing {
  readonly type: number;
  readonly epoch: 0 | 1;
  readonly body: Buffer;
}

function clientHello(random: Buffer): Buffer {
  const extension = (type: number, data: Buffer): Buffer => Buffer.concat([uint16(type), vector16(data)]);
  const extensions = [
    extension(10, vector16(uint16(groups.x25519))),
    extension(11, vector8(uint8(0))),
    extension(13, vector16(uint16(ownScheme))),
    extension(14, Buffer.concat([vector16(uint16(profile)), uint8(0)])),
    extension(23, Buffer.alloc(0)),
  ];
  const none = vector8(Buffer.alloc(0));
  const head = [uint16(dtls12), random, none, none, vector16(uint16(cipherSuite)), vector8(uint8(0))];
  return Buffer.concat([...head, vector16(Buffer.concat(extensions))]);
}

export function createDtlsClient({ certificate, fingerprints, send, onConnected }: DtlsClientOptions): DtlsClient {
  const clientRandom = randomBytes(32);
  const reassembler = createReassembler();
  const writer = createRecordWriter();
  const transcript: Buffer[] = [];
  let ownSequence = 0;
  let serverRandom = Buffer.alloc(32);
  let server: X509Certificate | undefined;
  let serverKey: { group: Group; publicKey: Buffer } | undefined;
  let master: Buffer | undefined;
  let open: ((record: DtlsRecord) => Buffer | null) | undefined;
  let flight: readonly Outgoing[] = [];
  let repeating: NodeJS.Timeout | undefined;

  const transcriptHash = (): Buffer => createHash('sha256').update(Buffer.concat(transcript)).digest();

  function own(type: number, body: Buffer): Outgoing {
    const message = handshakeMessage(type, ownSequence++, body);
    transcript.push(message);
    return { type: contentType.handshake, epoch: 0, body: message };
  }

  function sendFlight(): void {
    for (const { type, epoch, body } of flight) send(writer.write(type, epoch, body));
  }

  function begin(next: readonly Outgoing[]): void {
    flight = next;
    clearInterval(repeating);
    repeating = setInterval(sendFlight, repeatMs);
    sendFlight();
  }

  function onServerHello(body: Buffer): void {
    const reader = createReader(body);
    reader.uint16();
    serverRandom = Buffer.from(reader.bytes(32));
  }

  function onCertificate(body: Buffer): void {
    server = readCertificate(createReader(createReader(body).vector24()).vector24());
    if (!matchesFingerprint(server, fingerprints)) throw new Error('the server is not who its description says');
  }

  function onServerKeyExchange(body: Buffer): void {
    const reader = createReader(body);
    reader.uint8();
    const group = reader.uint16() as Group;
    const publicKey = Buffer.from(reader.vector8());
    const signed = Buffer.concat([clientRandom, serverRandom, body.subarray(0, 4 + publicKey.length)]);
    if (!server || !isSignedBy(server, reader.uint16(), signed, reader.vector16()))
      throw new Error('the server does not hold the key of its certificate');
    serverKey = { group, publicKey };
  }

  /** Our certificate, our half of the key, the proof that the certificate is ours, and the end. */
  function answerHello(): void {
    if (!serverKey) throw new Error('the server sent no key');
    const exchange = createKeyExchange(serverKey.group);
    const flightOut = [
      own(handshakeType.certificate, vector24(vector24(certificate.der))),
      own(handshakeType.clientKeyExchange, vector8(exchange.publicKey)),
    ];
    // RFC 7627 section 4: bound to the whole handshake up to here.
    master = prf(exchange.agree(serverKey.publicKey), 'extended master secret', transcriptHash(), 48);
    const signature = sign('sha256', Buffer.concat(transcript), certificate.key);
    flightOut.push(own(handshakeType.certificateVerify, Buffer.concat([uint16(ownScheme), vector16(signature)])));
    const keys = recordKeys(master, clientRandom, serverRandom);
    writer.setKey(keys.client);
    open = createRecordOpener(keys.server);
    const finished = own(handshakeType.finished, prf(master, 'client finished', transcriptHash(), 12));
    begin([...flightOut, { type: contentType.changeCipherSpec, epoch: 0, body: uint8(1) }, { ...finished, epoch: 1 }]);
  }

  function onFinished(body: Buffer, hashBefore: Buffer): void {
    if (!master || !prf(master, 'server finished', hashBefore, 12).equals(body))
      throw new Error('the handshake was tampered with');
    clearInterval(repeating);
    onConnected(exportSrtpKeys(master, clientRandom, serverRandom, profile));
  }

  function take({ type, sequence, body }: HandshakeInput): void {
    const hashBefore = transcriptHash();
    transcript.push(handshakeMessage(type, sequence, body));
    if (type === handshakeType.serverHello) onServerHello(body);
    else if (type === handshakeType.certificate) onCertificate(body);
    else if (type === handshakeType.serverKeyExchange) onServerKeyExchange(body);
    else if (type === handshakeType.serverHelloDone) answerHello();
    else if (type === handshakeType.finished) onFinished(body, hashBefore);
  }

  return {
    start: () => begin([own(handshakeType.clientHello, clientHello(clientRandom))]),
    receive(datagram) {
      for (const record of readRecords(datagram)) {
        if (record.type !== contentType.handshake) continue;
        const payload = record.epoch === 0 ? record.body : open?.(record);
        if (payload) for (const message of reassembler.add(payload, record.epoch).messages) take(message);
      }
    },
    close: () => clearInterval(repeating),
  };
}
