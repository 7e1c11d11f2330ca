import { and, eq, inArray } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutgoingMessage, SendResult } from '../../../../channels/message-channel.ts';
import { messageOutbox } from '../../../../db/schema/index.ts';
import type { MessageId } from '../../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { openOutboxHouse } from './house.ts';
import { trouble } from './scripted-channel.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** What a provider may do to an attempt. */
const faults = ['take', 'take', 'take', 'drop_before', 'drop_after', 'error_after', 'throttle', 'hang', 'die'] as const;
type Fault = (typeof faults)[number];

const clientCount = 5;
const perClient = 4;

/**
 * A provider that loses connections before and after it has taken a message, answers 429 and 5xx, or says nothing; receipts
 * doubled and shuffled; senders that vanish in the middle of an attempt and are followed by others over the same rows. The
 * provider can be asked what it has, as Twilio can.
 */
test('none missing, none twice, none out of order, whatever goes wrong', async () => {
  const plans = fc.array(fc.constantFrom<Fault>(...faults), { minLength: 40, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(plans, fc.infiniteStream(fc.nat(1000)), async (plan, luck) => {
      const house = await openOutboxHouse(db);
      const left = [...plan];
      const abandoned: (typeof house.outbox)[] = [];
      const late: (() => Promise<unknown>)[] = [];
      let dead = 0;
      house.channel.script((message, signal) => play(message, signal, left.shift() ?? 'take'));

      function play(message: OutgoingMessage, signal: AbortSignal, fault: Fault): SendResult | Promise<SendResult> {
        const lost: SendResult = { kind: 'unknown', problem: trouble(fault) };
        const took = fault !== 'drop_before' && fault !== 'throttle' && fault !== 'hang';
        if (took) {
          house.channel.take(message);
          for (const step of ['sent', 'delivered', 'sent'] as const)
            late.push(() => house.outbox.report(house.receipt({ messageId: message.id, step })));
        }
        if (fault === 'take') return { kind: 'accepted', providerId: `p-${message.id}-0`, parts: [] };
        if (fault === 'throttle') return { kind: 'throttled', problem: trouble('429'), afterMs: 300 };
        if (fault === 'hang') return new Promise((resolve) => signal.addEventListener('abort', () => resolve(lost)));
        if (fault !== 'die') return lost;
        dead++;
        return new Promise(() => undefined);
      }

      const conversations = await Promise.all(Array.from({ length: clientCount }, () => house.addConversation()));
      const written: MessageId[][] = conversations.map(() => []);
      for (let number = 0; number < perClient; number++)
        for (const [index, conversation] of conversations.entries())
          written[index]?.push(await house.write(conversation, { text: String(number) }));

      const all = written.flat();
      const delivered = () =>
        db.orm
          .select({ id: messageOutbox.id })
          .from(messageOutbox)
          .where(and(inArray(messageOutbox.id, all), eq(messageOutbox.state, 'delivered')));
      for (let round = 0; round < 400; round++) {
        await house.pass(20_000);
        if (dead > abandoned.length) {
          abandoned.push(house.outbox);
          house.restart();
        }
        // receipts that wait are told in any order, some of them twice
        const next = luck.next().value;
        const told = late.splice(next % (late.length + 1), 1 + (next % 3));
        await Promise.all([...told, ...told.slice(0, 1)].map((tell) => tell()));
        if (late.length === 0 && (await delivered()).length === all.length) break;
      }

      expect((await delivered()).map(({ id }) => id).toSorted()).toEqual(all.toSorted());
      const taken = house.channel.taken.map(({ id }) => id);
      expect(taken.toSorted()).toEqual(all.toSorted());
      // a message in doubt holds up the others for a minute only, so it may come after them
      const doubted = new Set<MessageId>();
      for (const id of all)
        if ((await house.attemptsOf(id)).some(({ result }) => result === 'unknown' || result === 'lost'))
          doubted.add(id);
      for (const ids of written) {
        const sure = ids.filter((id) => !doubted.has(id));
        expect(taken.filter((id) => sure.includes(id))).toEqual(sure);
      }

      const closing = [...abandoned, house.outbox].map((outbox) => outbox.close());
      house.clock.advance(10_000);
      await Promise.all(closing);
    }),
    // each run is some hundred transactions; a failing one is told as it is
    { numRuns: 3, endOnFailure: true },
  );
});
