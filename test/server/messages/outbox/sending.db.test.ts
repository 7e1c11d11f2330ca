import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OutgoingMessage, SendResult } from '../../../../channels/message-channel.ts';
import { consents } from '../../../../db/schema/index.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { openOutboxHouse } from './house.ts';
import { createScriptedChannel, trouble } from './scripted-channel.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openOutboxHouse>>;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

beforeEach(async () => {
  house = await openOutboxHouse(db);
});
afterEach(() => house.outbox.close());

const seconds = (count: number): number => count * 1_000;

/** Answers these one after another, then takes everything. */
function answers(...results: SendResult[]): (message: OutgoingMessage) => SendResult {
  const left = [...results];
  return (message) => left.shift() ?? house.channel.take(message);
}

const retry: SendResult = { kind: 'retry', problem: trouble('busy') };

test('a message leaves once, with its attempt, and is accepted', async () => {
  const id = await house.write(await house.addConversation(), { text: 'Your order is ready' });
  await house.reaches(id, 'accepted');
  expect(house.channel.taken.map(({ text, attempt }) => ({ text, attempt }))).toEqual([
    { text: 'Your order is ready', attempt: 1 },
  ]);
  expect(await house.rowOf(id)).toMatchObject({ attempts: 1, providerId: `p-${id}-0`, segments: 1, leaseUntil: null });
  expect(await house.attemptsOf(id)).toMatchObject([{ attempt: 1, result: 'accepted', detail: `p-${id}-0` }]);
  expect(house.heard.filter(({ type }) => type === 'message.delivery').map(({ data }) => data)).toEqual([
    { messageId: id, channel: 'sms', state: 'accepted' },
  ]);
});

test('the attempt is written down before the provider is called', async () => {
  const seen: unknown[] = [];
  house.channel.script(async (message) => {
    seen.push(await house.stateOf(message.id), await house.attemptsOf(message.id));
    return house.channel.take(message);
  });
  await house.reaches(await house.write(await house.addConversation()), 'accepted');
  expect(seen).toMatchObject(['sending', [{ attempt: 1, result: null }]]);
});

test('the same key twice is one message', async () => {
  const conversation = await house.addConversation();
  const first = house.outgoing(conversation, { idempotencyKey: 'order 1' });
  const again = house.outgoing(conversation, { idempotencyKey: 'order 1' });
  const [one, other] = await Promise.all(
    [first, again].map((message) => db.transaction((tx) => house.outbox.enqueue(tx, message))),
  );
  expect(one?.id).toBe(other?.id);
  expect([one?.isNew, other?.isNew].sort()).toEqual([false, true]);
});

test('what is held waits for its time, and is claimed then', async () => {
  const id = await house.write(await house.addConversation(), {
    isHeld: true,
    notBefore: house.clock.now() + seconds(10),
  });
  await house.pass(seconds(9));
  expect(await house.stateOf(id)).toBe('held');
  await house.pass(seconds(1));
  await house.reaches(id, 'accepted');
});

describe('when it is not taken', () => {
  test('it is tried again by the ladder', async () => {
    house.channel.script(answers(retry, retry));
    const id = await house.write(await house.addConversation());
    await house.attempted(id);
    await house.pass(seconds(4));
    expect(await house.attemptsOf(id)).toHaveLength(1);
    await house.pass(seconds(1));
    await house.rest();
    expect(await house.attemptsOf(id)).toHaveLength(2);
    await house.pass(seconds(30));
    await house.reaches(id, 'accepted');
    expect((await house.attemptsOf(id)).map(({ result }) => result)).toEqual(['retry', 'retry', 'accepted']);
  });

  test('it is given up in the end, with the reason', async () => {
    house.channel.script(() => retry);
    const id = await house.write(await house.addConversation());
    for (let turn = 0; turn < 12; turn++) await house.pass(seconds(3600));
    expect(await house.rowOf(id)).toMatchObject({ state: 'dead', attempts: 10, lastError: 'busy' });
  });

  test('past its time it is given up without an attempt', async () => {
    house.channel.script(() => retry);
    const id = await house.write(await house.addConversation(), { expiresAt: house.clock.now() + seconds(3) });
    await house.attempted(id);
    await house.pass(seconds(3));
    await house.reaches(id, 'dead');
    expect(await house.attemptsOf(id)).toHaveLength(1);
  });

  test('throttled costs no attempt and holds up the whole account', async () => {
    house.channel.script(answers({ kind: 'throttled', problem: trouble('slower'), afterMs: seconds(7) }));
    const id = await house.write(await house.addConversation());
    await house.attempted(id);
    expect((await house.rowOf(id)).attempts).toBe(0);
    const other = await house.write(await house.addConversation());
    await house.pass(seconds(6));
    expect(house.channel.taken).toEqual([]);
    await house.pass(seconds(1));
    await house.reaches(id, 'accepted');
    await house.reaches(other, 'accepted');
    expect(await house.attemptsOf(id)).toMatchObject([{ attempt: 1, result: 'accepted' }]);
  });

  test('a message that is throttled alone holds up nothing but later ones to its client', async () => {
    const problem = trouble('enough for this domain');
    house.channel.script(answers({ kind: 'throttled', problem, afterMs: seconds(7), isAlone: true }));
    const conversation = await house.addConversation();
    const first = await house.write(conversation, { text: 'one' });
    await house.attempted(first);
    expect(await house.rowOf(first)).toMatchObject({ state: 'queued', attempts: 0 });
    const second = await house.write(conversation, { text: 'two' });
    await house.reaches(await house.write(await house.addConversation(), { text: 'to another' }), 'accepted');
    await house.pass(seconds(7));
    for (const id of [first, second]) await house.reaches(id, 'accepted');
    expect(house.channel.taken.map(({ text }) => text)).toEqual(['to another', 'one', 'two']);
  });

  test('a refused account is left alone until its settings change', async () => {
    house.channel.script(() => ({ kind: 'account_down', problem: trouble('wrong password') }));
    const id = await house.write(await house.addConversation());
    await house.attempted(id);
    await house.pass(seconds(60));
    expect(await house.rowOf(id)).toMatchObject({ attempts: 0, lastError: 'wrong password' });
    const repaired = createScriptedChannel(house.account.id, 'sms');
    house.channels.set(house.account.id, repaired);
    house.outbox.wake();
    await house.reaches(id, 'accepted');
    expect(repaired.taken).toHaveLength(1);
  });

  test('a refused message has failed; its number is closed when the provider says so', async () => {
    const problem = { kind: 'recipient', code: '30006', text: 'landline' } as const;
    house.channel.script(answers({ kind: 'rejected', problem }));
    const id = await house.write(await house.addConversation(), { to: '+74951112233' });
    await house.reaches(id, 'failed');
    const rows = await db.orm.query.suppressions.findMany();
    expect(rows).toMatchObject([{ channel: 'sms', value: '+74951112233', reason: 'gone', evidence: '30006 landline' }]);
  });

  test('a refusal that the provider holds is noted with its proof', async () => {
    const problem = { kind: 'opted_out', code: '21610', text: 'unsubscribed' } as const;
    house.channel.script(answers({ kind: 'rejected', problem }));
    const id = await house.write(await house.addConversation());
    await house.reaches(id, 'failed');
    expect(house.refusals).toMatchObject([
      {
        kind: 'phone',
        channel: 'sms',
        purpose: null,
        state: 'refused',
        source: 'provider',
        evidence: '21610 unsubscribed',
      },
    ]);
  });

  test('parts that got through are not sent again', async () => {
    const partsDone = { 0: 'first' };
    house.channel.script(answers({ kind: 'retry', problem: trouble('second part refused'), partsDone }));
    const id = await house.write(await house.addConversation());
    await house.attempted(id);
    await house.pass(seconds(5));
    await house.reaches(id, 'accepted');
    expect(house.channel.taken[0]?.partsDone).toEqual(partsDone);
  });

  test('a receipt of a part that got through does not keep the others back', async () => {
    const partsDone = { 0: 'first' };
    house.channel.script(answers({ kind: 'retry', problem: trouble('second part refused'), partsDone }));
    const id = await house.write(await house.addConversation());
    await house.attempted(id);
    await house.outbox.report(house.receipt({ providerId: 'first', part: 0, step: 'delivered' }));
    expect(await house.stateOf(id)).toBe('queued');
    await house.pass(seconds(5));
    await house.reaches(id, 'delivered');
    expect(house.channel.taken).toMatchObject([{ id, attempt: 2 }]);
  });

  test('words of the wire that no database takes are stored all the same', async () => {
    const problem = trouble('mailbox\0 full');
    house.channel.script(answers({ kind: 'unknown', problem }, { kind: 'rejected', problem }));
    const id = await house.write(await house.addConversation());
    await house.attempted(id);
    expect(await house.rowOf(id)).toMatchObject({ state: 'unconfirmed', lastError: 'mailbox full' });
    await house.pass(seconds(90));
    await house.reaches(id, 'failed');
  });
});

describe('a refusal that comes after a message was written', () => {
  type Word = Partial<typeof consents.$inferInsert>;
  const says = (word: Word) =>
    db.orm.insert(consents).values({
      at: new Date(house.clock.now() + seconds(1)),
      kind: 'phone',
      value: '+79161112233',
      state: 'refused',
      source: 'keyword',
      evidence: 'wrote "stop"',
      ...word,
    });
  afterEach(() => db.orm.delete(consents));

  async function held() {
    const conversation = await house.addConversation();
    const id = await house.write(conversation, { isHeld: true, notBefore: house.clock.now() + seconds(10) });
    // the clock must not move while the lane looks at it
    await house.rest();
    return { id, conversation };
  }

  test.each<[string, Word]>([
    ['his number, on everything', {}],
    ['this channel', { channel: 'sms' }],
    ['this purpose', { purpose: 'service' }],
  ])('keeps it from leaving: %s', async (_name, word) => {
    const { id } = await held();
    await says(word);
    await house.pass(seconds(10));
    await house.reaches(id, 'failed');
    expect(house.channel.begun).toBe(0);
    expect(await house.rowOf(id)).toMatchObject({ lastErrorKind: 'opted_out' });
    expect(house.refusals).toEqual([]);
  });

  test('of the person, whatever the address, does too', async () => {
    const { id, conversation } = await held();
    await says({ kind: 'client', value: String(conversation.clientId) });
    await house.pass(seconds(10));
    await house.reaches(id, 'failed');
  });

  test.each<[string, Word[]]>([
    ['another purpose', [{ purpose: 'marketing' }]],
    ['another channel', [{ channel: 'email' }]],
    ['another number', [{ value: '+79160000000' }]],
    ['before it was written: the gate knew it', [{ at: new Date(0) }]],
    ['taken back', [{}, { state: 'given', at: new Date(Date.UTC(2030, 0, 1)) }]],
  ])('does not when it is of %s', async (_name, words) => {
    const { id } = await held();
    for (const word of words) await says(word);
    await house.pass(seconds(10));
    await house.reaches(id, 'accepted');
  });
});

describe('in doubt', () => {
  const lost: SendResult = { kind: 'unknown', problem: trouble('connection lost') };

  test('the provider is asked, and what it has is not sent again', async () => {
    house.channel.script((message) => {
      house.channel.take(message);
      return lost;
    });
    const id = await house.write(await house.addConversation());
    await house.reaches(id, 'unconfirmed');
    await house.pass(seconds(89));
    expect(await house.stateOf(id)).toBe('unconfirmed');
    await house.pass(seconds(1));
    await house.reaches(id, 'accepted');
    expect(house.channel.taken).toHaveLength(1);
  });

  test('what it has not is sent again', async () => {
    house.channel.script(answers(lost));
    const id = await house.write(await house.addConversation());
    await house.reaches(id, 'unconfirmed');
    await house.pass(seconds(90));
    await house.reaches(id, 'accepted');
    expect(house.channel.taken).toMatchObject([{ id, attempt: 2 }]);
  });

  test('where repeating is recognised, the same bytes go under the same id', async () => {
    const channel = createScriptedChannel(house.account.id, 'sms', { settles: 'same_id' });
    house.channels.set(house.account.id, channel);
    let attempts = 0;
    channel.script((message) => {
      const result = channel.take(message);
      return attempts++ === 0 ? lost : result;
    });
    const id = await house.write(await house.addConversation(), { text: 'Hello' });
    await house.reaches(id, 'unconfirmed');
    await house.pass(seconds(90));
    await house.reaches(id, 'accepted');
    expect(channel.taken).toMatchObject([
      { id, text: 'Hello', attempt: 1 },
      { id, text: 'Hello', attempt: 2 },
    ]);
    expect(channel.taken[0]?.createdAt).toBe(channel.taken[1]?.createdAt);
  });

  test('where nobody can tell, it waits for a person; a late receipt settles it', async () => {
    const channel = createScriptedChannel(house.account.id, 'sms', { settles: 'none' });
    house.channels.set(house.account.id, channel);
    channel.script(() => lost);
    const id = await house.write(await house.addConversation());
    await house.reaches(id, 'unconfirmed');
    await house.pass(seconds(90));
    await house.pass(seconds(90_000));
    expect(await house.rowOf(id)).toMatchObject({ state: 'unconfirmed', leaseUntil: null, attempts: 1 });
    await house.outbox.report(house.receipt({ messageId: id, step: 'delivered' }));
    expect(await house.stateOf(id)).toBe('delivered');
  });

  test('a late word of one part does not speak for the others: the provider is asked again', async () => {
    const channel = createScriptedChannel(house.account.id, 'sms', { parts: 2 });
    house.channels.set(house.account.id, channel);
    channel.script(() => lost);
    const id = await house.write(await house.addConversation());
    await house.reaches(id, 'unconfirmed');
    await house.pass(seconds(90_000));
    const first = { messageId: id, providerId: `p-${id}-0`, part: 0, step: 'delivered' } as const;
    await house.outbox.report(house.receipt(first));
    expect(await house.stateOf(id)).toBe('unconfirmed');
    channel.script(channel.take);
    await house.pass(seconds(15));
    await house.reaches(id, 'accepted');
    expect(channel.taken).toMatchObject([{ partsDone: { 0: `p-${id}-0` } }]);
  });

  test('a silent provider is cut off, and the message is in doubt', async () => {
    house.channel.script(
      (_message, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(lost));
        }),
    );
    const id = await house.write(await house.addConversation());
    await expect.poll(() => house.channel.begun).toBe(1);
    await house.pass(seconds(45));
    await house.reaches(id, 'unconfirmed');
  });

  test('an adapter that does not even hear the cut is given up', async () => {
    house.channel.script(() => new Promise(() => undefined));
    const id = await house.write(await house.addConversation());
    await expect.poll(() => house.channel.begun).toBe(1);
    await house.pass(seconds(50));
    await house.reaches(id, 'unconfirmed');
  });

  test('when the process dies while it sends, the next one asks before it repeats', async () => {
    house.channel.script((message) => {
      house.channel.take(message);
      return new Promise(() => undefined);
    });
    const id = await house.write(await house.addConversation());
    await expect.poll(() => house.channel.begun).toBe(1);
    const dead = house.outbox;
    house.channel.script(house.channel.take);
    house.restart();
    await house.pass(seconds(60));
    await house.reaches(id, 'unconfirmed');
    // the old one is cut off at the same time and may say so late, which begins the settle time anew
    await house.pass(seconds(90));
    await house.pass(seconds(90));
    await house.reaches(id, 'accepted');
    expect(house.channel.taken).toHaveLength(1);
    const closing = dead.close();
    house.clock.advance(seconds(5));
    await closing;
  });
});

describe('order', () => {
  test('messages to one client leave one after another, in order, whatever fails', async () => {
    const conversation = await house.addConversation();
    house.channel.script(answers(retry));
    const first = await house.write(conversation, { text: 'one' });
    await house.attempted(first);
    const rest = [await house.write(conversation, { text: 'two' }), await house.write(conversation, { text: 'three' })];
    await house.rest();
    expect(house.channel.taken).toEqual([]);
    await house.pass(seconds(5));
    for (const id of [first, ...rest]) await house.reaches(id, 'accepted');
    expect(house.channel.taken.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  test('a doubtful message holds up the next one for a minute only', async () => {
    const conversation = await house.addConversation();
    house.channel.script(answers({ kind: 'unknown', problem: trouble('lost') }));
    const first = await house.write(conversation);
    await house.reaches(first, 'unconfirmed');
    const second = await house.write(conversation);
    await house.pass(seconds(59));
    expect(await house.stateOf(second)).toBe('queued');
    await house.pass(seconds(1));
    await house.reaches(second, 'accepted');
    expect(await house.stateOf(first)).toBe('unconfirmed');
  });

  test('a mailing that waits for its hour, or is behind, holds up no code', async () => {
    const conversation = await house.addConversation();
    const mailing = await house.write(conversation, { notBefore: house.clock.now() + seconds(3600), priority: 9 });
    const code = await house.write(conversation, { priority: 0, text: '1234' });
    await house.reaches(code, 'accepted');
    expect(await house.stateOf(mailing)).toBe('queued');
  });
});

test('the rate of the account is kept', async () => {
  await house.outbox.close();
  house = await openOutboxHouse(db, {
    makeChannel: (id, name) => createScriptedChannel(id, name, { rate: { perSecond: 4, concurrency: 10 } }),
  });
  const { channel } = house;
  for (let index = 0; index < 9; index++) await house.write(await house.addConversation());
  await house.rest();
  expect(channel.taken).toHaveLength(1);
  for (let quarter = 0; quarter < 4; quarter++) await house.pass(250);
  expect(channel.taken).toHaveLength(5);
  await house.pass(seconds(1));
  await house.pass(seconds(1));
  await house.pass(seconds(1));
  expect(channel.taken.length).toBeLessThanOrEqual(9);
});

test('an account that is down is tried with one message now and then', async () => {
  house.channel.setHealth('down');
  house.channel.script(() => retry);
  for (let index = 0; index < 3; index++) await house.write(await house.addConversation());
  await expect.poll(() => house.channel.begun).toBe(1);
  await house.pass(seconds(29));
  expect(house.channel.begun).toBe(1);
  await house.pass(seconds(1));
  await expect.poll(() => house.channel.begun).toBe(2);
});

test('two senders at once send everything once', async () => {
  const other = house.open();
  other.start();
  const ids = [];
  for (let index = 0; index < 30; index++) {
    ids.push(await house.write(await house.addConversation()));
    other.wake();
  }
  for (const id of ids) await house.reaches(id, 'accepted');
  expect(house.channel.taken.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  await other.close();
});
