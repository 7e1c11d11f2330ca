import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressBytes,
  bindingError,
  bindingRequest,
  bindingSuccess,
  hasIntegrity,
  parseStun,
  stunTypes,
} from '../../../../../../channels/voice/media/embedded/ice/stun.ts';

const octets = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex');

/** RFC 5769 section 2.1; password VOkJxbRl1RmTxUk/WvJxBt. */
const sampleRequest = octets(`
  00010058 2112a442 b7e7a701bc34d686fa87dfae
  80220010 5354554e207465737420636c69656e74
  00240004 6e0001ff
  80290008 932ff9b151263b36
  00060009 6576746a3a68367659202020
  00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
  80280004 e57a3bcf`);
/** RFC 5769 section 2.2: XOR-MAPPED-ADDRESS 192.0.2.1:32853. */
const sampleResponse = octets(`
  0101003c 2112a442 b7e7a701bc34d686fa87dfae
  8022000b 7465737420766563746f7220
  00200008 0001a147e112a643
  00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7
  80280004 c07d4c96`);
const password = 'VOkJxbRl1RmTxUk/WvJxBt';

describe('STUN', () => {
  it('reads the sample request of RFC 5769', () => {
    const message = parseStun(sampleRequest);
    expect(message).toMatchObject({ type: stunTypes.bindingRequest, username: 'evtj:h6vY', controlled: true });
    expect(message && hasIntegrity(sampleRequest, message, password)).toBe(true);
    expect(message && hasIntegrity(sampleRequest, message, `${password}x`)).toBe(false);
  });

  it('checks the sample response of RFC 5769', () => {
    const message = parseStun(sampleResponse);
    expect(message && hasIntegrity(sampleResponse, message, password)).toBe(true);
  });

  it('answers with the address of RFC 5769, signed', () => {
    const request = parseStun(sampleRequest);
    if (!request) throw new Error('the sample must parse');
    const answer = bindingSuccess(request, '192.0.2.1', 32853, password);
    expect(answer.includes(octets('00200008 0001a147e112a643'))).toBe(true);
    const read = parseStun(answer);
    expect(read?.type).toBe(stunTypes.bindingSuccess);
    expect(read && hasIntegrity(answer, read, password)).toBe(true);
  });

  it('answers with the IPv6 address of RFC 5769 section 2.3', () => {
    const request = parseStun(sampleRequest);
    if (!request) throw new Error('the sample must parse');
    const answer = bindingSuccess(request, '2001:db8:1234:5678:11:2233:4455:6677', 32853, password);
    expect(answer.includes(octets('00200014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9'))).toBe(true);
  });

  it.each([
    [420, '00090004 00000414'],
    [487, '00090004 00000457'],
  ] as const)('answers with error %i', (code, expected) => {
    const request = parseStun(sampleRequest);
    if (!request) throw new Error('the sample must parse');
    const answer = bindingError(request, code, password);
    expect(answer.includes(octets(expected))).toBe(true);
    expect(parseStun(answer)?.type).toBe(stunTypes.bindingError);
  });

  it('reads its own requests', () => {
    const packet = bindingRequest({
      transactionId: Buffer.alloc(12, 7),
      username: 'a:b',
      password,
      useCandidate: true,
    });
    const message = parseStun(packet);
    expect(message).toMatchObject({ username: 'a:b', useCandidate: true, controlled: false, unknown: [] });
    expect(message && hasIntegrity(packet, message, password)).toBe(true);
  });

  it('refuses every request in which one bit was changed', () => {
    for (let bit = 0; bit < sampleRequest.length * 8; bit++) {
      const forged = Buffer.from(sampleRequest);
      forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
      const message = parseStun(forged);
      const genuine = message?.type === stunTypes.bindingRequest && hasIntegrity(forged, message, password);
      expect(genuine, `bit ${bit}`).toBe(false);
    }
  });

  it('never throws on random datagrams', () => {
    const prefix = sampleRequest.subarray(0, 8);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (data, likeStun) => {
        const packet = likeStun ? Buffer.concat([prefix, data]) : Buffer.from(data);
        if (likeStun && packet.length >= 20) packet.writeUInt16BE(packet.length - 20, 2);
        const message = parseStun(packet);
        if (message) hasIntegrity(packet, message, password);
      }),
    );
  });

  it.each([
    ['192.0.2.1', 'c0000201'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ])('writes %s as octets', (address, hex) => {
    expect(addressBytes(address).toString('hex')).toBe(hex);
  });
});
