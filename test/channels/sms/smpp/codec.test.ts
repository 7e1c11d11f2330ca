import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFramer, decodePdu, encodePdu } from '../../../../channels/sms/smpp/codec.ts';
import { tags } from '../../../../channels/sms/smpp/commands.ts';

const hex = (...parts: string[]): Buffer => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');

describe('PDUs as the specification writes them', () => {
  it('the bind_transmitter of section 3.2.3.1', () => {
    const bytes = hex(
      '0000002F 00000002 00000000 00000001',
      '534D50503354455354 00 7365637265743038 00 5355424D495431 00 00 01 01 00',
    );
    const fields = { system_id: 'SMPP3TEST', password: 'secret08', system_type: 'SUBMIT1', addr_ton: 1, addr_npi: 1 };
    expect(encodePdu({ command: 'bind_transmitter', sequence: 1, fields })).toEqual(bytes);
    expect(decodePdu(bytes)).toMatchObject({ ok: true, pdu: { command: 'bind_transmitter', sequence: 1, fields } });
  });

  it('an answer with an error has no body, and may come without one', () => {
    const bytes = hex('00000010 80000004 00000058 00000007');
    expect(encodePdu({ command: 'submit_sm_resp', sequence: 7, status: 0x58 })).toEqual(bytes);
    expect(decodePdu(bytes)).toMatchObject({ ok: true, pdu: { status: 0x58, fields: { message_id: '' } } });
  });

  it('one NUL too many at the end is let pass', () => {
    expect(decodePdu(hex('00000011 00000015 00000000 00000001 00')).ok).toBe(true);
  });
});

describe('what cannot be read is named', () => {
  it.each([
    ['a length that is not the length', '00000011 00000015 00000000 00000001', 'bad_length'],
    ['a command that nobody knows', '00000010 00000aaa 00000000 00000001', 'unknown_command'],
    ['a request that ends before its fields', '00000010 00000005 00000000 00000001', 'truncated'],
    ['text without an end', '00000012 00000005 00000000 00000001 6162', 'unterminated'],
    ['text that is too long for its field', '00000017 00000005 00000000 00000001 61626364656600', 'field_too_long'],
    ['a parameter over the end', '00000014 00000015 00000000 00000001 04240009', 'truncated'],
  ])('%s', (_name, bytes, code) => {
    expect(decodePdu(hex(bytes))).toMatchObject({ ok: false, error: { code } });
  });

  it('a short_message over the end', () => {
    const good = encodePdu({ command: 'deliver_sm', sequence: 1, fields: { short_message: Buffer.from('hello') } });
    const bad = Buffer.from(good);
    bad[bad.length - 6] = 200;
    expect(decodePdu(bad)).toMatchObject({ ok: false, error: { code: 'truncated', where: 'short_message' } });
  });

  it('too many parameters', () => {
    const tlvs = Array.from({ length: 65 }, (_, tag) => [tag, Buffer.alloc(1)] as const);
    expect(decodePdu(encodePdu({ command: 'enquire_link', sequence: 1, tlvs }))).toMatchObject({
      ok: false,
      error: { code: 'too_many_tlvs' },
    });
  });
});

describe('what does not fit is not written', () => {
  it.each([
    ['a password of nine characters', { password: '123456789' }],
    ['a name with a NUL', { system_id: 'a\0b' }],
    ['a name that is not ASCII', { system_id: 'имя' }],
    ['a byte of 256', { addr_ton: 256 }],
  ])('%s', (_name, fields) => {
    expect(() => encodePdu({ command: 'bind_transceiver', sequence: 1, fields })).toThrow(RangeError);
  });
  it('a short_message of 255 bytes', () => {
    const fields = { short_message: Buffer.alloc(255) };
    expect(() => encodePdu({ command: 'submit_sm', sequence: 1, fields })).toThrow(RangeError);
  });
});

const ascii = (maxLength: number) =>
  fc.string({ unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)), maxLength });
const byte = fc.nat(255);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const messages = fc.record({
  service_type: ascii(5),
  source_addr_ton: byte,
  source_addr_npi: byte,
  source_addr: ascii(20),
  dest_addr_ton: byte,
  dest_addr_npi: byte,
  destination_addr: ascii(20),
  esm_class: byte,
  protocol_id: byte,
  priority_flag: byte,
  schedule_delivery_time: ascii(16),
  validity_period: ascii(16),
  registered_delivery: byte,
  replace_if_present_flag: byte,
  data_coding: byte,
  sm_default_msg_id: byte,
  short_message: bytes(254),
});
const parameters = fc.uniqueArray(fc.tuple(fc.nat(0xffff), bytes(300)), { selector: ([tag]) => tag, maxLength: 10 });
const pdus = fc
  .tuple(fc.constantFrom('submit_sm' as const, 'deliver_sm' as const), fc.nat(0x7fffffff), messages, parameters)
  .map(([command, sequence, fields, tlvs]) => ({ command, sequence, fields, tlvs }));

describe('for any PDU', () => {
  it('what was written is read', () => {
    fc.assert(
      fc.property(pdus, ({ command, sequence, fields, tlvs }) => {
        const read = decodePdu(encodePdu({ command, sequence, fields, tlvs }));
        expect(read).toEqual({ ok: true, pdu: { command, sequence, status: 0, fields, tlvs: new Map(tlvs) } });
      }),
    );
  });

  it('a stream is cut into the same PDUs, however it is chopped', () => {
    fc.assert(
      fc.property(
        fc.array(pdus, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(400), { maxLength: 60 }),
        (list, cuts) => {
          const whole = list.map((pdu) => encodePdu(pdu));
          const stream = Buffer.concat(whole);
          const framer = createFramer();
          const found: Buffer[] = [];
          let at = 0;
          for (const cut of [...cuts, stream.length]) {
            found.push(...(framer.push(stream.subarray(at, at + cut)) ?? []));
            at = Math.min(stream.length, at + cut);
          }
          expect(found).toEqual(whole);
        },
      ),
    );
  });

  it('a damaged one is read or refused, 20,000 times, and a refusal keeps its number', () => {
    fc.assert(
      fc.property(
        pdus,
        fc.array(fc.tuple(fc.nat(), byte), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        (pdu, damages, cut) => {
          const spoiled = encodePdu(pdu);
          for (const [at, value] of damages) spoiled[at % spoiled.length] = value;
          const short = spoiled.subarray(0, 16 + (cut % (spoiled.length - 15)));
          if (short.length >= 4) short.writeUInt32BE(short.length, 0);
          const read = decodePdu(short);
          if (!read.ok && read.error.code !== 'bad_length') expect(read.error.sequence).toBe(short.readUInt32BE(12));
          if (read.ok) for (const value of read.pdu.tlvs.values()) expect(value.length).toBeLessThan(short.length);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('rubbish never grows in memory without an end', () => {
    fc.assert(
      fc.property(fc.array(bytes(200), { maxLength: 40 }), (chunks) => {
        const framer = createFramer();
        for (const chunk of chunks) {
          const read = framer.push(chunk);
          if (read === null) {
            expect(framer.push(Buffer.alloc(16))).toBeNull();
            return;
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

it('a refusal is read whatever stands in its body', () => {
  const refusal = encodePdu({ command: 'submit_sm_resp', sequence: 5, status: 0x58 });
  const untidy = Buffer.concat([refusal, Buffer.from('no NUL at its end')]);
  untidy.writeUInt32BE(untidy.length, 0);
  expect(decodePdu(untidy)).toMatchObject({ ok: true, pdu: { status: 0x58, sequence: 5, fields: { message_id: '' } } });
});

it('a parameter that comes twice counts once, the first', () => {
  const tlvs = [
    [tags.user_message_reference, Buffer.of(0, 1)],
    [tags.user_message_reference, Buffer.of(0, 2)],
  ] as const;
  const read = decodePdu(encodePdu({ command: 'deliver_sm', sequence: 1, tlvs }));
  expect(read.ok && read.pdu.tlvs.get(tags.user_message_reference)).toEqual(Buffer.of(0, 1));
});
