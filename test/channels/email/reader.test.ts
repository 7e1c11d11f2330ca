import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../../channels/email/limits.ts';
import type { MailContext } from '../../../channels/email/mail-context.ts';
import { createMailReader, type MailReader } from '../../../channels/email/reader.ts';
import { createFakeClock, systemClock } from '../../../server/kernel/clock.ts';
import type { AccountId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { mailCases } from '../../fixtures/email/cases.ts';
import { signer } from '../../support/mail-peer/channel.ts';

const readers: MailReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
});

function open(more: Partial<Parameters<typeof createMailReader>[0]> = {}): MailReader {
  const reader = createMailReader({ signer, clock: systemClock, log: silentLog, ...more });
  readers.push(reader);
  return reader;
}
const contextOf = (sourceId: string): MailContext => ({
  sourceId,
  accountId: 1 as AccountId,
  addresses: ['support@shop.test'],
  direction: 'in',
  at: 0,
  cutFrom: null,
});
const bytesOf = (subject: string): Buffer => Buffer.from(`From: a@b.test\r\nSubject: ${subject}\r\n\r\nHello\r\n`);

/** A thread that does what the subject says. */
const program = `
import { parentPort } from 'node:worker_threads';
let count = 0;
parentPort.postMessage('ready');
parentPort.on('message', ({ bytes, context }) => {
  const text = Buffer.from(bytes).toString();
  if (text.includes('hang')) for (;;) {}
  if (text.includes('die')) process.exit(1);
  if (text.includes('throw')) throw new Error('broken');
  if (text.includes('refuse')) return parentPort.postMessage({ ok: false, reason: 'cannot' });
  if (text.includes('wait')) return;
  if (text.includes('count')) return parentPort.postMessage({ ok: true, reading: { count: ++count } });
  parentPort.postMessage({ ok: true, reading: { kind: 'ours' } });
});`;
async function withProgram(test: (url: URL) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'reader-'));
  const path = join(folder, 'thread.mjs');
  writeFileSync(path, program);
  try {
    await test(pathToFileURL(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the reading thread', () => {
  it.each([
    ['throws', 'throw', 'broken'],
    ['ends', 'die', 'the reading thread ended'],
    ['refuses', 'refuse', 'cannot'],
  ])('that %s costs one mail its content, and the next one nothing', (_name, subject, reason) =>
    withProgram(async (url) => {
      const reader = open({ program: url });
      const both = await Promise.all([
        reader.read(bytesOf(subject), contextOf('1')),
        reader.read(bytesOf('fine'), contextOf('2')),
      ]);
      expect(both[0]).toMatchObject({
        kind: 'event',
        event: { sourceId: '1', facts: { unreadable: reason }, nature: 'human' },
      });
      expect(both[1]).toEqual({ kind: 'ours' });
    }),
  );

  it.each(['wait', 'hang'])('that takes too long (%s) is replaced', (subject) =>
    withProgram(async (url) => {
      const clock = createFakeClock();
      const reader = open({ program: url, clock });
      await reader.read(bytesOf('fine'), contextOf('0'));
      const slow = reader.read(bytesOf(subject), contextOf('1'));
      const next = reader.read(bytesOf('fine'), contextOf('2'));
      clock.advance(limits.readMs);
      expect(await slow).toMatchObject({ event: { facts: { unreadable: `not read in ${limits.readMs} ms` } } });
      expect(await next).toEqual({ kind: 'ours' });
    }),
  );

  it('has time to begin, which is not the time of its first mail', () =>
    withProgram(async (url) => {
      const clock = createFakeClock();
      const reader = open({ program: url, clock });
      const first = reader.read(bytesOf('fine'), contextOf('1'));
      clock.advance(limits.readerStartMs - 1);
      expect(await first).toEqual({ kind: 'ours' });
      const stuck = reader.read(bytesOf('wait'), contextOf('2'));
      clock.advance(limits.readMs);
      expect(await stuck).toMatchObject({ event: { facts: { unreadable: expect.stringContaining('not read in') } } });
    }));

  it('that never begins is given up', () =>
    withProgram(async (url) => {
      const clock = createFakeClock();
      const reader = open({ program: url, clock });
      const first = reader.read(bytesOf('fine'), contextOf('1'));
      clock.advance(limits.readerStartMs);
      expect(await first).toMatchObject({ event: { facts: { unreadable: expect.any(String) } } });
    }));

  it('that had nothing to do ends, and another one begins', () =>
    withProgram(async (url) => {
      const clock = createFakeClock();
      const reader = open({ program: url, clock });
      const numbers = [];
      for (const idleMs of [0, limits.readerIdleMs - 1, limits.readerIdleMs]) {
        clock.advance(idleMs);
        numbers.push(await reader.read(bytesOf('count'), contextOf('1')));
      }
      expect(numbers).toMatchObject([{ count: 1 }, { count: 2 }, { count: 1 }]);
    }));

  it('that is closed reads nothing any more', async () => {
    const reader = open();
    const reading = reader.read(bytesOf('a'), contextOf('1'));
    await reader.close();
    await reader.close();
    expect(await reading).toMatchObject({ kind: 'event' });
    expect(await reader.read(bytesOf('b'), contextOf('2'))).toMatchObject({
      event: { facts: { unreadable: expect.any(String) } },
    });
  });
});

it('reads 500 damaged mails of the corpus in their order, and survives them all', async () => {
  const seeds = mailCases.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 20_000);
  const damage = fc.record({
    seed: fc.nat(seeds.length - 1),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    kind: fc.constantFrom('cut', 'flip', 'repeat', 'insert'),
    byte: fc.nat(255),
  });
  const mails = fc.sample(damage, 500).map(({ seed, at, kind, byte }) => {
    const bytes = seeds[seed] ?? Buffer.alloc(0);
    const place = Math.floor(at * bytes.length);
    const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
    if (kind === 'cut') return head;
    if (kind === 'repeat') return Buffer.concat([head, tail, head]);
    if (kind === 'insert') return Buffer.concat([head, Buffer.alloc(50, byte), tail]);
    return Buffer.concat([head, Buffer.from([byte]), tail.subarray(1)]);
  });
  const reader = open();
  const order: string[] = [];
  const readings = await Promise.all(
    mails.map(async (bytes, index) => {
      const reading = await reader.read(bytes, contextOf(String(index)));
      order.push(String(index));
      return reading;
    }),
  );
  expect(order).toEqual(mails.map((_mail, index) => String(index)));
  for (const [index, reading] of readings.entries()) {
    if (reading.kind !== 'event') throw new Error('no mail of the corpus is ours');
    expect(reading.event.sourceId).toBe(String(index));
    if (reading.event.type === 'message.arrived') expect(reading.event.facts.unreadable).toBeUndefined();
  }
});
