import { createHash, randomBytes, sign, timingSafeEqual, type X509Certificate } from 'node:crypto';
import { type TransitionTable, transition } from '../../../../../server/kernel/transition.ts';
import type { SrtpProfile } from '../srtp/keys.ts';
import { type Certificate, isSignedBy, ownScheme, readCertificate, signatureSchemes } from './certificate.ts';
import type { HandshakeInput } from './fragments.ts';
import { chooseFromHello, type HelloChoice, serverHello } from './hello.ts';
import { createKeyExchange, type KeyExchange } from './key-exchange.ts';
import { exportSrtpKeys, prf, recordKeys, type SrtpKeys, type WriteKey } from './keys.ts';
import {
  alertDescription,
  createReader,
  DtlsFailure,
  handshakeMessage,
  handshakeType,
  uint8,
  uint16,
  vector8,
  vector16,
  vector24,
} from './wire.ts';

export type HandshakeState = 'hello' | 'certificate' | 'key-exchange' | 'verify' | 'finished' | 'done';
type HandshakeStep = 'clientHello' | 'certificate' | 'clientKeyExchange' | 'certificateVerify' | 'finished';

/**
 * A full handshake with client authentication, from the server's side (RFC 5246 section 7.3); a state is named after
 * the message that it waits for.
 *
 *     hello -> certificate -> key-exchange -> verify -> finished -> done
 */
export const handshakeTransitions = {
  hello: { clientHello: 'certificate' },
  certificate: { certificate: 'key-exchange' },
  'key-exchange': { clientKeyExchange: 'verify' },
  verify: { certificateVerify: 'finished' },
  finished: { finished: 'done' },
  done: {},
} as const satisfies TransitionTable<HandshakeState, HandshakeStep>;

const steps: ReadonlyMap<number, HandshakeStep> = new Map([
  [handshakeType.clientHello, 'clientHello'],
  [handshakeType.certificate, 'certificate'],
  [handshakeType.clientKeyExchange, 'clientKeyExchange'],
  [handshakeType.certificateVerify, 'certificateVerify'],
  [handshakeType.finished, 'finished'],
]);

/** What a message of the peer leads to. */
export interface HandshakeOutput {
  /** Whole handshake messages to send in epoch 0. */
  readonly flight?: readonly Buffer[];
  /** Record keys, once they exist. */
  readonly keys?: { readonly client: WriteKey; readonly server: WriteKey };
  /** Our Finished, to be sent in epoch 1 after ChangeCipherSpec: the handshake is done. */
  readonly finished?: Buffer;
}

/** The server's half of a handshake, without records, timers or sockets. */
export interface Handshake {
  readonly state: HandshakeState;
  /** The peer's certificate, from its message on; proved only when the state is `done`. */
  readonly peer: X509Certificate | undefined;
  /** Takes the next message. @throws DtlsFailure with the alert to send */
  take(message: HandshakeInput): HandshakeOutput;
  /** Keys for SRTP. @throws before the state is `done` */
  srtpKeys(): SrtpKeys;
}

export function createHandshake(certificate: Certificate, profiles: readonly SrtpProfile[]): Handshake {
  const serverRandom = randomBytes(32);
  const transcript: Buffer[] = [];
  let state: HandshakeState = 'hello';
  let ownSequence = 0;
  let choice: HelloChoice | undefined;
  let exchange: KeyExchange | undefined;
  let peer: X509Certificate | undefined;
  let master: Buffer | undefined;

  const transcriptHash = (): Buffer => createHash('sha256').update(Buffer.concat(transcript)).digest();

  function own(type: number, body: Buffer): Buffer {
    const message = handshakeMessage(type, ownSequence++, body);
    transcript.push(message);
    return message;
  }

  /** Signed over both randoms, so that it is of this handshake (RFC 8422 section 5.4). */
  function serverKeyExchange({ group, publicKey }: KeyExchange, clientRandom: Buffer): Buffer {
    const namedCurve = 3;
    const parameters = Buffer.concat([uint8(namedCurve), uint16(group), vector8(publicKey)]);
    const signature = sign('sha256', Buffer.concat([clientRandom, serverRandom, parameters]), certificate.key);
    return Buffer.concat([parameters, uint16(ownScheme), vector16(signature)]);
  }

  function certificateRequest(): Buffer {
    const ecdsaSign = 64;
    const rsaSign = 1;
    const types = vector8(Buffer.from([ecdsaSign, rsaSign]));
    const noAuthorities = vector16(Buffer.alloc(0));
    return Buffer.concat([types, vector16(Buffer.concat(signatureSchemes.map(uint16))), noAuthorities]);
  }

  function onClientHello(body: Buffer): HandshakeOutput {
    choice = chooseFromHello(body, profiles);
    exchange = createKeyExchange(choice.group);
    return {
      flight: [
        own(handshakeType.serverHello, serverHello(choice, serverRandom)),
        own(handshakeType.certificate, vector24(vector24(certificate.der))),
        own(handshakeType.serverKeyExchange, serverKeyExchange(exchange, choice.clientRandom)),
        own(handshakeType.certificateRequest, certificateRequest()),
        own(handshakeType.serverHelloDone, Buffer.alloc(0)),
      ],
    };
  }

  function onCertificate(body: Buffer): HandshakeOutput {
    const chain = createReader(createReader(body).vector24());
    if (chain.left === 0) throw new DtlsFailure(alertDescription.handshakeFailure, 'the peer has no certificate');
    peer = readCertificate(chain.vector24());
    return {};
  }

  function onClientKeyExchange(body: Buffer): HandshakeOutput {
    if (!choice || !exchange) throw new DtlsFailure(alertDescription.unexpectedMessage, 'key exchange before hello');
    const secret = exchange.agree(createReader(body).vector8());
    // RFC 7627 section 4: bound to the whole handshake up to and with this message.
    master = choice.extendedMasterSecret
      ? prf(secret, 'extended master secret', transcriptHash(), 48)
      : prf(secret, 'master secret', Buffer.concat([choice.clientRandom, serverRandom]), 48);
    return { keys: recordKeys(master, choice.clientRandom, serverRandom) };
  }

  function onCertificateVerify(body: Buffer, signed: Buffer): HandshakeOutput {
    const reader = createReader(body);
    const scheme = reader.uint16();
    if (!peer || !isSignedBy(peer, scheme, signed, reader.vector16())) {
      throw new DtlsFailure(alertDescription.decryptError, 'the peer does not hold the key of its certificate');
    }
    return {};
  }

  function onFinished(body: Buffer, hashBefore: Buffer): HandshakeOutput {
    if (!master) throw new DtlsFailure(alertDescription.unexpectedMessage, 'Finished before keys');
    const expected = prf(master, 'client finished', hashBefore, 12);
    if (body.length !== 12 || !timingSafeEqual(expected, body)) {
      throw new DtlsFailure(alertDescription.decryptError, 'the handshake was tampered with');
    }
    return { finished: own(handshakeType.finished, prf(master, 'server finished', transcriptHash(), 12)) };
  }

  function act(step: HandshakeStep, body: Buffer, before: { messages: Buffer; hash: Buffer }): HandshakeOutput {
    switch (step) {
      case 'clientHello':
        return onClientHello(body);
      case 'certificate':
        return onCertificate(body);
      case 'clientKeyExchange':
        return onClientKeyExchange(body);
      case 'certificateVerify':
        return onCertificateVerify(body, before.messages);
      case 'finished':
        return onFinished(body, before.hash);
    }
  }

  return {
    get state() {
      return state;
    },
    get peer() {
      return peer;
    },
    take(message) {
      const step = steps.get(message.type);
      const next: HandshakeState | undefined =
        step && (handshakeTransitions[state] as Partial<Record<HandshakeStep, HandshakeState>>)[step];
      // Only Finished comes encrypted (RFC 6347 section 4.2.2 keeps message order, so the epoch must fit).
      if (!step || !next || message.epoch !== (step === 'finished' ? 1 : 0)) {
        throw new DtlsFailure(alertDescription.unexpectedMessage, `message ${message.type} in state ${state}`);
      }
      const before = { messages: Buffer.concat(transcript), hash: transcriptHash() };
      transcript.push(handshakeMessage(message.type, message.sequence, message.body));
      const output = act(step, message.body, before);
      state = transition<HandshakeState, HandshakeStep>(handshakeTransitions, state, step);
      if (state === 'done') transcript.length = 0;
      return output;
    },
    srtpKeys() {
      if (state !== 'done' || !master || !choice) throw new Error('the handshake is not done');
      return exportSrtpKeys(master, choice.clientRandom, serverRandom, choice.profile);
    },
  };
}
