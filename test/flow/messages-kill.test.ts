import { expect, it } from 'vitest';
import { killWhileMessagesFlow } from '../support/killed-server/index.ts';

// 200 kills and 5,000 messages each way: npm run bench -- messages-kill
it('loses no message and doubles none while the server is killed in the middle of sending and receiving', async () => {
  // by this seed: with much to do, while it starts again, and when all is just acknowledged
  const { sms, email, faults, ...run } = await killWhileMessagesFlow({ kills: 3, messages: 120, seed: 20_261_131 });
  const facts = faults.join('\n');
  process.stdout.write(`${JSON.stringify({ ...run, sms, email })}\n`);
  expect(run.kills).toEqual({ starting: 1, working: 1, settling: 1 });
  const none = { outUnknown: 0, outTwice: 0, missing: 0, wronglyTaken: 0, offTimeline: 0 };
  const allIn = { in: 60, stored: 60, lost: 0, storedTwice: 0, extraCards: 0 };
  expect(sms, facts).toMatchObject({ out: 60, takenTwice: 0, ...none, ...allIn });
  // whatever the SMSC took and told a receipt of is known to be taken; only what it never saw may be left to a person
  expect(sms, facts).toMatchObject({ heldAndTaken: 0, delivered: 60 - sms.held });
  // a mail may come again, as the same one
  expect(email.takenTwice, facts).toBe(email.takenTwiceSameId);
  expect(email, facts).toMatchObject({ out: 60, taken: 60, held: 0, ...none, ...allIn });
  expect(run.shown).toBe(sms.held);
}, 600_000);
