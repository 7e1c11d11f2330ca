import { afterEach, beforeEach, expect, it } from 'vitest';
import { warmUp } from '../../../server/calls/warm-up.ts';
import { parsePhoneNumber } from '../../../server/clients/phone-number.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openHouse } from '../../support/house.ts';

let db: TestDatabase;

beforeEach(async () => {
  db = await openTestDatabase();
});
afterEach(() => db.close());

const counts = () =>
  db.run<Record<string, number>>({
    name: 'test_counts',
    text: `SELECT (SELECT count(*) FROM interactions) AS interactions, (SELECT count(*) FROM timeline_entries) AS entries,
             (SELECT count(*) FROM offers) AS offers, (SELECT count(*) FROM journal) AS journal,
             (SELECT count(*) FROM outbox) AS outbox, (SELECT count(*) FROM inbound_events) AS inbound,
             (SELECT count(*) FROM queues WHERE last_offered_user_id IS NOT NULL) AS offered`,
    values: [],
  });

it('leaves nothing behind and fails at nothing', async () => {
  const house = await openHouse(db);
  await house.context.clients.matchOrCreateByPhone(parsePhoneNumber('+79160000009', 'RU'), { source: 'call' });
  const logged: unknown[] = [];
  const log = { ...house.context.log, warn: (...words: unknown[]) => void logged.push(words) };
  const before = await counts();
  await warmUp({ ...house.context, log });
  expect(logged).toEqual([]);
  expect(await counts()).toEqual(before);
  expect(await house.calls.receive(house.arrival('+79160000009'))).toEqual({ accepted: true });
});
