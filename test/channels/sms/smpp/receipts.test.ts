import { beforeEach, expect, it } from 'vitest';
import type { InboundEvent } from '../../../../channels/channel.ts';
import { decodePdu, encodePdu } from '../../../../channels/sms/smpp/codec.ts';
import { tags } from '../../../../channels/sms/smpp/commands.ts';
import { createReceipts } from '../../../../channels/sms/smpp/receipts.ts';
import { createSentParts } from '../../../../channels/sms/smpp/sent-parts.ts';
import { verdictOf } from '../../../../channels/sms/smpp/verdicts.ts';
import { createFakeClock } from '../../../../server/kernel/clock.ts';
import type { AccountId } from '../../../../server/kernel/ids.ts';
import { createMemoryState } from '../memory-state.ts';

const clock = createFakeClock();
let events: InboundEvent[];
beforeEach(() => {
  events = [];
});

function open(accountId: number) {
  const memory = createMemoryState();
  return createReceipts({
    account: { id: accountId as AccountId, name: '', settings: {}, secrets: {}, addresses: [] },
    async receive(event) {
      events.push(event);
      return { accepted: true };
    },
    state: {
      get: memory.get,
      async set(key, value) {
        if (Buffer.byteLength(JSON.stringify(value)) > 65_536) throw new RangeError('the house takes 64 kB a key');
        await memory.set(key, value);
      },
    },
    clock,
    sent: createSentParts(clock),
  });
}

function receiptOf(text: string, reference: number) {
  const fields = { source_addr: '79001234567', esm_class: 4, short_message: Buffer.from(text, 'latin1') };
  const tlvs = [[tags.user_message_reference, Buffer.of(reference >> 8, reference & 0xff)]] as const;
  const read = decodePdu(encodePdu({ command: 'deliver_sm', sequence: 1, fields, tlvs }));
  if (!read.ok || read.pdu.command !== 'deliver_sm') throw new Error('not readable');
  return read.pdu;
}

it('receipts of nobody with the longest fields are stored, however many come', async () => {
  const receipts = open(1);
  await receipts.start();
  const long = 'ÿ'.repeat(60);
  for (let number = 0; number < 150; number++)
    await receipts.take(receiptOf(`id:${number}${long} stat:UNDELIV err:${long} done date:${long}`, number));
  expect(events).toHaveLength(150);
  const last = { reference: 149, to: '+79001234567', since: 0 };
  expect(receipts.seen(last)).toBe(`149${long}`);
});

it('the same id at two providers is two receipts', async () => {
  const receipt = receiptOf('id:17 stat:DELIVRD err:000', 1);
  for (const account of [1, 2]) await open(account).take(receipt);
  expect(new Set(events.map(({ sourceId }) => sourceId)).size).toBe(2);
});

it('an SMSC that wants numbers written otherwise closes no address', () => {
  for (const status of [0x50, 0x51])
    expect(verdictOf({ kind: 'answered', status, id: '' })).toMatchObject({ problem: { kind: 'sender' } });
});
