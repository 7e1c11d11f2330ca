import { expect, it } from 'vitest';
import { killWhileMessagesFlow } from '../support/killed-server.ts';

// 200 kills and 5,000 messages each way: npm run bench -- messages-kill
it('loses no message and doubles none while the server is killed in the middle of sending and receiving', async () => {
  const { doubtful, seconds, held, heldAndTaken, ...counts } = await killWhileMessagesFlow({
    kills: 3,
    messages: 120,
    seed: 20_261_122,
  });
  process.stdout.write(`${JSON.stringify({ ...counts, doubtful, held, heldAndTaken, seconds })}\n`);
  expect(counts).toMatchObject({ out: 120, takenTwice: 0, missing: 0, wronglyTaken: 0 });
  expect(counts.delivered + held).toBe(120);
  // whatever the provider took and told a receipt of is known to be taken; only what it never saw may be left to a person
  expect(heldAndTaken).toBe(0);
  expect(counts).toMatchObject({ stored: 120, lost: 0, storedTwice: 0, extraCards: 0 });
}, 600_000);
