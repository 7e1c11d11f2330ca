import { afterEach, expect, it, vi } from 'vitest';
import { encodePdu } from '../../../channels/sms/smpp/codec.ts';
import { tags } from '../../../channels/sms/smpp/commands.ts';
import { createSeededRandom, type SeededRandom } from '../../support/random.ts';
import { signatureOf } from '../../support/twilio-peer.ts';
import { message, never, startSmppStand } from './smpp-stand.ts';
import { startTwilioStand } from './twilio-stand.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
const soon = { timeout: 20_000 };

/** A deliver_sm with something wrong in it: whole lengths, so that the stream stays in step. */
function mutant(random: SeededRandom, sequence: number): Buffer {
  const bytes = encodePdu({
    command: 'deliver_sm',
    sequence,
    fields: {
      source_addr: '79001234567',
      destination_addr: '15550100',
      esm_class: random.pick([0, 4, 0x20, 0x40, 0x44]),
      data_coding: random.pick([0, 1, 3, 4, 8, 0x18, 0xf4]),
      short_message: Buffer.from(
        random.pick(['id:1 stat:DELIVRD', '\u0005\0\u0003\u0001\u0002\u0001words', '', 'hello']),
      ),
    },
    tlvs: [
      [
        random.pick([tags.message_payload, tags.receipted_message_id, tags.sar_msg_ref_num, 0x1234]),
        Buffer.from('0102', 'hex'),
      ],
      [tags.sar_total_segments, Buffer.of(random.below(256))],
      [tags.sar_segment_seqnum, Buffer.of(random.below(256))],
    ],
  });
  for (let damages = random.below(8); damages > 0; damages--)
    bytes[16 + random.below(bytes.length - 16)] = random.below(256);
  // another command now and then, requests and answers that nobody asked for
  if (random.below(10) === 0) bytes.writeUInt32BE(random.pick([0x80000004, 0x80000000, 0x102, 4, 9, 0x80000015]), 4);
  return bytes;
}

it('a link lives through 20,000 damaged PDUs', async () => {
  const stand = await startSmppStand({ smsc: { repeatMs: 60_000 } });
  closers.push(() => stand.close());
  await stand.channel.start();
  await vi.waitFor(() => expect(stand.channel.health().state).toBe('up'), soon);
  const random = createSeededRandom(4);
  for (let batch = 0; batch < 100; batch++) {
    const pdus = Array.from({ length: 200 }, (_, index) => mutant(random, 0x10000 + batch * 200 + index));
    stand.smsc.sendBytes(Buffer.concat(pdus));
    // one submission after each batch: everything before it was taken
    expect((await stand.channel.send(message('+79001234006', `n${batch}`), never)).kind).toBe('accepted');
  }
  expect(stand.smsc.binds.accepted).toBe(1);
  expect(stand.events.length).toBeGreaterThan(1_000);
  expect(stand.state.largest()).toBeLessThan(64 * 1024);
  // what a database would refuse: NUL, half surrogate pairs
  for (const event of stand.events) expect(JSON.stringify(event)).not.toMatch(/\\u0000|\\ud[89a-f]/);
});

it('signed webhooks with rubbish in them are answered, 5,000 times', async () => {
  let events = 0;
  const stand = await startTwilioStand({
    async receive(event) {
      events++;
      expect(JSON.stringify(event)).not.toMatch(/\\u0000|\\ud[89a-f]/);
      return { accepted: true };
    },
  });
  closers.push(async () => {
    await stand.channel.close();
    await stand.close();
  });
  await stand.channel.start();
  const random = createSeededRandom(4);
  const names = [
    'MessageSid',
    'MessageStatus',
    'Body',
    'From',
    'To',
    'NumMedia',
    'MediaUrl0',
    'OptOutType',
    '__proto__',
    'constructor',
  ] as const;
  const values = [
    'SM1',
    '',
    'delivered',
    '\0',
    '\ud800',
    '-1',
    '1e309',
    '9'.repeat(2_000),
    'STOP',
    '<x>&',
    'я'.repeat(500),
  ] as const;
  for (let count = 0; count < 5_000; count++) {
    const pairs = Array.from({ length: random.below(12) }, (): [string, string] => [
      random.pick(names),
      random.pick(values),
    ]);
    const body = Buffer.from(new URLSearchParams(pairs).toString());
    if (random.below(3) === 0 && body.length > 0) body[random.below(body.length)] = random.below(256);
    const url = random.pick([
      '/channels/7/sms',
      '/channels/7/status?message=x&mac=%ff',
      '/channels/7/status?a=1?b=2#c',
    ]);
    const address = stand.urlOf('sms').replace('/channels/7/sms', url);
    const signature = signatureOf(address, [...new URLSearchParams(body.toString('utf8'))]);
    const headers = { 'x-twilio-signature': random.below(5) === 0 ? 'x' : signature };
    const webhook = stand.channel.webhooks?.[url.includes('sms') ? 'sms' : 'status'];
    const reply = await webhook?.({ method: 'POST', url, headers, body, signal: never });
    expect([200, 403]).toContain(reply?.status);
    if (headers['x-twilio-signature'] === 'x') expect(reply?.status).toBe(403);
  }
  expect(events).toBeGreaterThan(500);
});
