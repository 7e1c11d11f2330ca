import { afterAll, beforeAll, describe, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { playDay, type Script } from '../../support/random-day/script.ts';

/** Days that once broke a rule, cut down to what it took. */
const found: Readonly<Record<string, Script>> = {
  'a message on a line that tells no end of anything ends all the same': {
    steps: [{ act: 'a queue has other members', m: 7 }, { act: 'a caller arrives' }, { act: 'time passes', n: 9 }],
  },
  'the offer of a call back on a line that does not say when it was spoken has an end': {
    rules: [{ outOfHours: 'callback' }, {}],
    steps: [{ act: 'a queue has other members', m: 7 }, { act: 'a caller arrives' }, { act: 'time passes', n: 8 }],
  },
  'a talk that is given to another card leaves its client with the call that nobody took meanwhile': {
    steps: [
      { act: 'a caller arrives', n: 3 },
      { act: 'a phone is picked up' },
      { act: 'a caller hangs up at once', n: 3 },
      { act: 'a call is edited', m: 2 },
    ],
  },
  'a call that its lost agent gives back to the queue is stored as nobody’s': {
    steps: [
      { act: 'a caller arrives' },
      { act: 'a phone is picked up' },
      { act: 'a queue has other members', m: 7 },
      { act: 'a phone goes' },
      { act: 'time passes', n: 8 },
    ],
  },
  'a call that is given to another card during its last words is owed to that one': {
    rules: [{ outOfHours: 'hang_up' }, {}],
    steps: [{ act: 'a queue has other members', m: 7 }, { act: 'a caller arrives' }, { act: 'a call is edited', m: 2 }],
  },
  'a caller who hangs up while his call cannot be stored leaves nothing to be saved': {
    steps: [
      { act: 'the database fails', n: 1 },
      { act: 'a caller arrives', n: 1, stored: 'one' },
      { act: 'a client hangs up' },
    ],
  },
  'the repetition of a call whose caller hangs up leaves nothing to be saved': {
    steps: [
      { act: 'an arrival is repeated', stored: 'one' },
      { act: 'the far ends confirm', stored: 'one' },
      { act: 'a client hangs up', n: 1 },
    ],
  },
  'a call whose first statement is carried out without an answer is in hand all the same': {
    steps: [{ act: 'an answer is lost' }, { act: 'a caller arrives' }, { act: 'time passes', n: 3 }],
  },
  'an answer that is lost while a call is stored does not lose the call': {
    steps: [
      { act: 'a caller arrives' },
      { act: 'an answer is lost' },
      { act: 'a phone is picked up' },
      { act: 'time passes', n: 3 },
      { act: 'an answer is lost' },
      { act: 'a client hangs up' },
      { act: 'time passes', n: 3 },
    ],
  },
  'an outgoing call that is stored without an answer is closed, and its agent is free for others': {
    steps: [
      { act: 'an answer is lost' },
      { act: 'an agent calls out' },
      { act: 'a caller arrives', n: 1 },
      { act: 'time passes', n: 3 },
    ],
  },
  'what a killed process leaves ends by the clock of the house': {
    steps: [
      { act: 'a caller arrives', n: 3 },
      { act: 'a phone is picked up' },
      { act: 'the server is killed' },
      { act: 'time passes', n: 3 },
      { act: 'a caller arrives', n: 3 },
      { act: 'a client hangs up' },
    ],
  },
};

describe('random days that broke a rule once', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await openTestDatabase();
  });
  afterAll(() => db.close());

  it.each(Object.entries(found))('%s', (_name, script) => playDay(db, script));
});
