import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePdu, encodePdu, type PduOf } from '../../../../channels/sms/smpp/codec.ts';
import { tags } from '../../../../channels/sms/smpp/commands.ts';
import { readBody } from '../../../../channels/sms/smpp/long-message.ts';
import {
  idSpellings,
  isReceipt,
  outcomeOf,
  plainId,
  readReceipt,
  spellId,
  unspellId,
} from '../../../../channels/sms/smpp/receipt.ts';

function delivery(text: string, tlvs: readonly (readonly [number, Buffer])[] = [], esm_class = 4): PduOf<'deliver_sm'> {
  const fields = { esm_class, short_message: Buffer.from(text, 'latin1') };
  const read = decodePdu(encodePdu({ command: 'deliver_sm', sequence: 1, fields, tlvs }));
  if (!read.ok || read.pdu.command !== 'deliver_sm') throw new Error('not a deliver_sm');
  return read.pdu;
}

describe('receipts', () => {
  it.each([
    // name, text, ids, state, error
    [
      'of appendix B',
      'id:0123456789 sub:001 dlvrd:001 submit date:0610081200 done date:0610081201 stat:DELIVRD err:000 text:hello',
      ['0123456789'],
      'DELIVRD',
      '000',
    ],
    ['in capitals and with blanks', 'ID: 7F3A SUB:001 STAT: UNDELIV ERR:00B', ['7F3A'], 'UNDELIV', '00B'],
    ['with a spelling of its own', 'id:1 stat:DELIVERED', ['1'], 'DELIVRD', ''],
    ['with words that look like fields', 'id:1 stat:EXPIRED err:005 text:stat:DELIVRD id:2', ['1'], 'EXPIRED', '005'],
    ['without anything', '', [], 'UNKNOWN', ''],
    ['with an unknown state', 'id:1 stat:WHATEVER', ['1'], 'UNKNOWN', ''],
  ])('%s', (_name, text, ids, state, error) => {
    expect(readReceipt(delivery(text))).toMatchObject({ ids, state, error });
  });

  it('by optional parameters alone', () => {
    const pdu = delivery('', [
      [tags.receipted_message_id, Buffer.from('7f3a\0')],
      [tags.message_state, Buffer.of(5)],
      [tags.network_error_code, Buffer.of(3, 1, 1)],
      [tags.user_message_reference, Buffer.of(1, 2)],
    ]);
    expect(readReceipt(pdu)).toMatchObject({ ids: ['7f3a'], state: 'UNDELIV', error: '257', reference: 258 });
  });

  it('are told from messages of people by esm_class or by their id', () => {
    expect(isReceipt(delivery('x', [], 0x04))).toBe(true);
    expect(isReceipt(delivery('x', [], 0x20))).toBe(true);
    expect(isReceipt(delivery('x', [[tags.receipted_message_id, Buffer.from('1\0')]], 0))).toBe(true);
    // people's words, an acknowledgement of a handset, a header
    for (const esmClass of [0x00, 0x08, 0x10, 0x40]) expect(isReceipt(delivery('x', [], esmClass))).toBe(false);
  });

  it('of success have no problem, all others name the state and the code', () => {
    expect(outcomeOf(readReceipt(delivery('id:1 stat:DELIVRD err:000')))).toEqual({ step: 'delivered', problem: null });
    expect(outcomeOf(readReceipt(delivery('id:1 stat:REJECTD err:069'))).problem?.code).toBe('REJECTD 069');
  });

  it('any bytes give something', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 250 }), fc.uint8Array({ maxLength: 70 }), (text, id) => {
        const pdu = delivery(Buffer.from(text).toString('latin1'), [[tags.receipted_message_id, Buffer.from(id)]]);
        expect(readReceipt(pdu).ids.length).toBeLessThanOrEqual(2);
        expect(() => readBody(pdu.fields, pdu.tlvs)).not.toThrow();
      }),
    );
  });
});

describe('ids', () => {
  it.each([
    ['7F3A', 'same', '7f3a'],
    ['0000001001', 'same', '1001'],
    ['0', 'same', '0'],
    ['7f3a', 'decimal_of_hex', '32570'],
    ['32570', 'hex_of_decimal', '7f3a'],
    ['not-a-number', 'decimal_of_hex', null],
    ['7f3a', 'hex_of_decimal', null],
  ] as const)('%s, %s: %s', (id, spelling, spelled) => {
    expect(spellId(id, spelling)).toBe(spelled);
  });

  it('a spelling can be undone', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }),
        fc.constantFrom(...idSpellings),
        (number, spelling) => {
          const id = spelling === 'decimal_of_hex' ? number.toString(16) : number.toString(10);
          const spelled = spellId(id, spelling);
          expect(spelled === null ? null : unspellId(spelled.padStart(24, '0').toUpperCase(), spelling)).toBe(
            plainId(id),
          );
        },
      ),
    );
  });
});
