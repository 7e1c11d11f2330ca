import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, makeCertificate } from '../../../../../../channels/voice/media/embedded/dtls/certificate.ts';
import { createReassembler } from '../../../../../../channels/voice/media/embedded/dtls/fragments.ts';
import {
  createHandshake,
  handshakeTransitions,
} from '../../../../../../channels/voice/media/embedded/dtls/handshake.ts';
import { chooseFromHello, preferredProfiles } from '../../../../../../channels/voice/media/embedded/dtls/hello.ts';
import { prf } from '../../../../../../channels/voice/media/embedded/dtls/keys.ts';
import { createDtlsServer } from '../../../../../../channels/voice/media/embedded/dtls/server.ts';
import {
  handshakeMessage,
  uint16,
  vector8,
  vector16,
} from '../../../../../../channels/voice/media/embedded/dtls/wire.ts';
import { limits } from '../../../../../../channels/voice/media/limits.ts';
import { createFakeClock } from '../../../../../../server/kernel/clock.ts';
import { checkStateTable } from '../../../../../support/state-table.ts';

const certificate = makeCertificate(Date.UTC(2026, 0, 1));

interface Hello {
  version?: number;
  suites?: number[];
  groups?: number[];
  profiles?: number[];
  versions?: number[];
}

function clientHello(hello: Hello = {}): Buffer {
  const list = (numbers: number[]): Buffer => Buffer.concat(numbers.map(uint16));
  const extension = (type: number, data: Buffer): Buffer => Buffer.concat([uint16(type), vector16(data)]);
  const extensions = [
    extension(10, vector16(list(hello.groups ?? [29, 23]))),
    extension(14, Buffer.concat([vector16(list(hello.profiles ?? [1, 8, 7])), Buffer.from([0])])),
    extension(23, Buffer.alloc(0)),
    ...(hello.versions ? [extension(43, vector8(list(hello.versions)))] : []),
  ];
  return Buffer.concat([
    uint16(hello.version ?? 0xfefd),
    Buffer.alloc(32, 1),
    vector8(Buffer.alloc(0)),
    vector8(Buffer.alloc(0)),
    vector16(list(hello.suites ?? [0xc02b])),
    vector8(Buffer.from([0])),
    vector16(Buffer.concat(extensions)),
  ]);
}

function record(type: number, epoch: number, sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header[0] = type;
  header.writeUInt16BE(0xfefd, 1);
  header.writeUInt16BE(epoch, 3);
  header.writeUIntBE(sequence, 5, 6);
  header.writeUInt16BE(body.length, 11);
  return Buffer.concat([header, body]);
}

describe('the handshake', () => {
  it('has a state table in which every pair is settled', () => {
    checkStateTable(handshakeTransitions, {
      starts: ['hello'],
      inputs: ['clientHello', 'certificate', 'clientKeyExchange', 'certificateVerify', 'finished'],
      terminal: ['done'],
    });
  });

  it.each([
    ['a Finished in the clear', 20, 0],
    ['a certificate before the hello', 11, 0],
    ['a hello that is encrypted', 1, 1],
    ['a message of the server', 2, 0],
  ])('refuses %s', (_, type, epoch) => {
    const handshake = createHandshake(certificate, preferredProfiles);
    expect(() => handshake.take({ type, epoch, sequence: 0, body: clientHello() })).toThrow(/in state hello/);
  });

  it.each<[string, Hello, string]>([
    ['takes AES-CM when both are offered', { profiles: [7, 1] }, 'profile 1 group 29'],
    ['takes AES-GCM when it is alone', { profiles: [7] }, 'profile 7 group 29'],
    ['takes P-256 when it is alone', { groups: [23] }, 'profile 1 group 23'],
    ['falls back from DTLS 1.3', { versions: [0xfefc, 0xfefd] }, 'profile 1 group 29'],
    ['refuses a client of DTLS 1.3 alone', { versions: [0xfefc] }, 'does not speak DTLS 1.2'],
    ['refuses a client of DTLS 1.0 alone', { version: 0xfeff }, 'does not speak DTLS 1.2'],
    ['refuses other ciphers', { suites: [0xc02c] }, 'no common cipher suite'],
    ['refuses other groups', { groups: [24] }, 'no common group'],
    ['refuses a client without SRTP', { profiles: [] }, 'no common SRTP profile'],
  ])('%s', (_, hello, outcome) => {
    let result: string;
    try {
      const choice = chooseFromHello(clientHello(hello), preferredProfiles);
      result = `profile ${choice.profile} group ${choice.group}`;
    } catch (error) {
      result = String(error);
    }
    expect(result).toContain(outcome);
  });

  it('refuses a hello that ends anywhere too early', () => {
    const whole = clientHello();
    for (let length = 0; length < whole.length; length++) {
      expect(() => chooseFromHello(whole.subarray(0, length), preferredProfiles), `${length}`).toThrow();
    }
  });
});

describe('prf', () => {
  it('makes the P_SHA256 vector that TLS implementations share', () => {
    const output = prf(
      Buffer.from('9bbe436ba940f017b17652849a71db35', 'hex'),
      'test label',
      Buffer.from('a0ba9f936cda311827a6f796ffd5198c', 'hex'),
      100,
    );
    expect(output.toString('hex')).toBe(
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66',
    );
  });
});

describe('makeCertificate', () => {
  it('is one that OpenSSL takes: self-signed, P-256, valid for a year', () => {
    const x509 = new X509Certificate(certificate.der);
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.subject).toBe('CN=switchroom');
    expect(x509.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(x509.fingerprint256).toBe(certificate.fingerprint);
    expect([x509.validFromDate.getUTCFullYear(), x509.validToDate.getUTCFullYear()]).toEqual([2025, 2027]);
    expect(fingerprintOf(certificate.der, 'sha-512')).toBe(x509.fingerprint512);
  });
});

describe('createReassembler', () => {
  const message = (sequence: number, length: number): Buffer =>
    handshakeMessage(11, sequence, Buffer.from(Array.from({ length }, (_, i) => (i + sequence) & 0xff)));

  /** Cuts a whole message into fragments of at most `size` octets. */
  function fragments(whole: Buffer, size: number): Buffer[] {
    const body = whole.subarray(12);
    const parts: Buffer[] = [];
    for (let at = 0; at < body.length; at += size) {
      const part = body.subarray(at, at + size);
      const header = Buffer.from(whole.subarray(0, 12));
      header.writeUIntBE(at, 6, 3);
      header.writeUIntBE(part.length, 9, 3);
      parts.push(Buffer.concat([header, part]));
    }
    return parts;
  }

  it('puts messages together from fragments in any order, with repeats', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 300 }),
        fc.infiniteStream(fc.nat()),
        (lengths, size, order) => {
          const wholes = lengths.map((length, sequence) => message(sequence, length));
          const pieces = wholes
            .flatMap((whole) => fragments(whole, size))
            .map((piece) => ({ piece, key: order.next().value as number }));
          pieces.sort((a, b) => a.key - b.key);
          const reassembler = createReassembler();
          const out = pieces.flatMap(({ piece }) => [
            ...reassembler.add(piece, 0).messages,
            ...reassembler.add(piece, 0).messages,
          ]);
          expect(out.map(({ body }) => body)).toEqual(wholes.map((whole) => whole.subarray(12)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('tells that an old message came again', () => {
    const reassembler = createReassembler();
    expect(reassembler.add(message(0, 4), 0)).toMatchObject({ repeated: false, messages: [{ sequence: 0 }] });
    expect(reassembler.add(message(0, 4), 0)).toEqual({ repeated: true, messages: [] });
  });

  it('holds nothing that is too long or too far ahead', () => {
    const reassembler = createReassembler();
    const long = Buffer.alloc(16);
    long[0] = 11;
    long.writeUIntBE(limits.dtlsMessageBytes + 1, 1, 3);
    long.writeUIntBE(4, 9, 3);
    expect(reassembler.add(long, 0).messages).toEqual([]);
    expect(reassembler.add(message(limits.dtlsMessagesAhead, 4), 0).messages).toEqual([]);
    for (let sequence = 0; sequence < limits.dtlsMessagesAhead; sequence++) {
      expect(reassembler.add(message(sequence, 4), 0).messages).toHaveLength(1);
    }
    // The one that was too far ahead was not kept.
    expect(reassembler.add(message(limits.dtlsMessagesAhead + 1, 4), 0).messages).toEqual([]);
  });

  it('ignores fragments that contradict the first one', () => {
    const reassembler = createReassembler();
    const [first, second] = fragments(message(0, 20), 10);
    reassembler.add(first as Buffer, 0);
    expect(reassembler.add(second as Buffer, 1).messages).toEqual([]);
    expect(reassembler.add(second as Buffer, 0).messages).toHaveLength(1);
  });
});

describe('createDtlsServer', () => {
  function server() {
    const clock = createFakeClock();
    const sent: Buffer[] = [];
    const closed: string[] = [];
    const dtls = createDtlsServer({
      certificate,
      clock,
      profiles: preferredProfiles,
      send: (datagram) => sent.push(datagram),
      onConnected: () => {},
      onClosed: (reason) => closed.push(reason),
    });
    return { dtls, clock, sent, closed };
  }
  const hello = (): Buffer => record(22, 0, 0, handshakeMessage(1, 0, clientHello()));

  it('repeats its flight with growing pauses and gives up', () => {
    const { dtls, clock, sent, closed } = server();
    dtls.receive(hello());
    expect(sent).toHaveLength(1);
    clock.advance(limits.dtlsFirstTimeoutMs);
    expect(sent).toHaveLength(2);
    clock.advance(limits.dtlsFirstTimeoutMs);
    expect(sent).toHaveLength(2);
    clock.advance(60_000);
    expect(sent).toHaveLength(1 + limits.dtlsRetransmissions);
    expect(closed).toEqual(['DTLS handshake timed out']);
  });

  it('repeats its flight at once when the peer repeats its hello', () => {
    const { dtls, clock, sent } = server();
    dtls.receive(hello());
    clock.advance(60);
    dtls.receive(hello());
    dtls.receive(hello());
    expect(sent).toHaveLength(2);
  });

  it('is silent after close', () => {
    const { dtls, clock, sent, closed } = server();
    dtls.receive(hello());
    dtls.close();
    dtls.close();
    clock.advance(60_000);
    dtls.receive(hello());
    expect(sent).toHaveLength(1);
    expect(closed).toEqual([]);
  });

  it('ends with a fatal alert of the peer, but not with a warning', () => {
    const { dtls, closed } = server();
    dtls.receive(hello());
    dtls.receive(record(21, 0, 1, Buffer.from([1, 90])));
    expect(closed).toEqual([]);
    dtls.receive(record(21, 0, 2, Buffer.from([2, 40])));
    expect(closed).toEqual(['the peer failed DTLS with alert 40']);
  });

  it('never throws on random datagrams, before and during a handshake', () => {
    const datagram = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc
        .tuple(fc.constantFrom(20, 21, 22, 23), fc.constantFrom(0, 1, 2), fc.uint8Array({ maxLength: 80 }))
        .map(([type, epoch, body]) => record(type, epoch, 1, Buffer.from(body))),
      fc
        .tuple(fc.constantFrom(1, 11, 15, 16, 20), fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 80 }))
        .map(([type, sequence, body]) => record(22, 0, 1, handshakeMessage(type, sequence, Buffer.from(body)))),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(datagram, { maxLength: 12 }), (begun, datagrams) => {
        const { dtls } = server();
        if (begun) dtls.receive(hello());
        for (const each of datagrams) dtls.receive(Buffer.from(each));
        dtls.close();
      }),
      { numRuns: 300 },
    );
  });
});
