import { afterEach, describe, expect, it, vi } from 'vitest';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import { message, never, type SmppStand, type StandOptions, startSmppStand } from './smpp-stand.ts';

let stand: SmppStand;
afterEach(() => stand.close());

const soon = { timeout: 10_000 };
const isUp = (): Promise<void> => vi.waitFor(() => expect(stand.channel.health().state).toBe('up'), soon);
const count = (expected: number): Promise<void> => vi.waitFor(() => expect(stand.arrived).toHaveLength(expected), soon);

async function up(options: StandOptions = {}): Promise<SmppStand> {
  stand = await startSmppStand(options);
  await stand.channel.start();
  await isUp();
  return stand;
}

const from = '+79001234567';
const to = '+15550100';
const order = 'Добрый день, где мой заказ №12345? ';

describe('short messages of people', () => {
  it('have a sender, a line and words', async () => {
    await up();
    stand.smsc.write({ from, to, text: 'Привет' });
    await count(1);
    expect(stand.arrived[0]).toMatchObject({
      from: { kind: 'phone', value: from },
      to: [to],
      text: 'Привет',
      facts: {},
    });
  });

  it.each(['udh8', 'udh16', 'sar', 'payload'] as const)('long ones by %s, in any order', async (how) => {
    await up();
    const texts = [order.repeat(5), '{Hello} €'.repeat(40)];
    for (const text of texts) stand.smsc.write({ from, to, text, how, reverse: true });
    await count(2);
    expect(stand.arrived.map((event) => event.text).sort()).toEqual(texts.sort());
    expect(stand.smsc.malformed).toEqual([]);
  });

  it('two long ones at once do not mix', async () => {
    await up();
    const [one, other] = [order.repeat(4), order.toUpperCase().repeat(4)];
    stand.smsc.write({ from, to, text: one, only: [1, 3] });
    stand.smsc.write({ from, to, text: other });
    stand.smsc.write({ from, to, text: one, only: [2], series: 0 });
    await count(2);
    expect(stand.arrived.map((event) => event.text).sort()).toEqual([one, other].sort());
  });

  it('a repeated part changes nothing', async () => {
    await up();
    const text = order.repeat(3);
    stand.smsc.write({ from, to, text, series: 9, only: [1] });
    stand.smsc.write({ from, to, text, series: 9, only: [1] });
    stand.smsc.write({ from, to, text, series: 9, only: [2] });
    await count(1);
    expect(stand.arrived[0]?.text).toBe(text);
  });

  it('a part that the network repeats after the whole is no message', async () => {
    const clock = createFakeClock();
    await up({ clock });
    const text = order.repeat(3);
    stand.smsc.write({ from, to, text, series: 9 });
    await count(1);
    const [again] = stand.smsc.write({ from, to, text, series: 9, only: [2] });
    await vi.waitFor(() => expect(again?.statuses).toEqual([0]), soon);
    expect(await stand.state.get('smpp:halves')).toHaveLength(1);
    clock.advance(5 * 60_000);
    await vi.waitFor(async () => expect(await stand.state.get('smpp:halves')).toEqual([]), soon);
    expect(stand.arrived).toHaveLength(1);
  });

  it('the same long words under the same reference once more are a message', async () => {
    await up();
    for (let times = 1; times <= 2; times++) {
      stand.smsc.write({ from, to, text: order.repeat(3), series: 9 });
      await count(times);
    }
  });

  it('the same reference with other words is another message', async () => {
    const clock = createFakeClock();
    await up({ clock });
    stand.smsc.write({ from, to, text: 'а'.repeat(100), series: 9, only: [1] });
    stand.smsc.write({ from, to, text: 'б'.repeat(100), series: 9 });
    await count(2);
    expect(stand.arrived.map((event) => event.text)).toEqual([`${'а'.repeat(66)}…`, 'б'.repeat(100)]);
    expect(stand.arrived[0]?.facts).toEqual({ incomplete: '1 of 2 parts' });
  });

  it('parts survive a crash of the house', async () => {
    await up();
    const text = order.repeat(6);
    const parts = stand.smsc.write({ from, to, text, series: 3, only: [1, 3, 4] });
    await vi.waitFor(() => expect(parts.every((part) => part.statuses[0] === 0)).toBe(true), soon);
    await stand.crash();
    await isUp();
    stand.smsc.write({ from, to, text, series: 3, only: [2] });
    await count(1);
    expect(stand.arrived[0]?.text).toBe(text);
  });

  it('what waited too long for its parts is handed in with gaps', async () => {
    const clock = createFakeClock();
    await up({ clock });
    const text = `${'а'.repeat(66)}${'б'.repeat(66)}${'в'.repeat(66)}`;
    const parts = stand.smsc.write({ from, to, text, only: [1, 3] });
    await vi.waitFor(() => expect(parts.every((part) => part.statuses[0] === 0)).toBe(true), soon);
    clock.advance(5 * 60_000);
    await count(1);
    expect(stand.arrived[0]).toMatchObject({
      text: `${'а'.repeat(66)}…${'в'.repeat(66)}`,
      facts: { incomplete: '2 of 3 parts' },
    });
  });

  it('senders who never finish cannot fill our memory', async () => {
    const clock = createFakeClock();
    await up({ clock });
    for (let series = 0; series < 150; series++)
      stand.smsc.write({ from: `+7900${1_000_000 + series}`, to, text: order.repeat(3), series, only: [1] });
    await vi.waitFor(() => expect(stand.arrived.length).toBeGreaterThan(80), { timeout: 20_000 });
    expect(stand.state.largest()).toBeLessThan(64 * 1024);
  });
});

describe('bounds', () => {
  it('a message of 200 parts is handed in piece by piece, when memory is full', async () => {
    const clock = createFakeClock();
    await up({ clock });
    const text = 'я'.repeat(66 * 200);
    stand.smsc.write({ from, to, text, only: Array.from({ length: 199 }, (_, index) => index + 1) });
    await vi.waitFor(() => expect(stand.arrived.length).toBeGreaterThanOrEqual(1), soon);
    expect(stand.arrived[0]?.facts['incomplete']).toMatch(/ of 200 parts$/);
    expect(stand.state.largest()).toBeLessThan(64 * 1024);
  });

  it('after a restart receipts without an owner cannot fill it either', async () => {
    await up({ smsc: { holdReceipts: true } });
    for (let count = 0; count < 300; count++)
      await stand.channel.send(message(`+7900${1_000_000 + count}567`, 'x'), never);
    await stand.crash();
    await isUp();
    stand.smsc.releaseReceipts();
    await vi.waitFor(() => expect(stand.reports).toHaveLength(300), soon);
    expect(stand.state.largest()).toBeLessThan(64 * 1024);
  });
});

describe('what cannot be stored', () => {
  it('is refused for now, and comes again', async () => {
    await up();
    let failures = 3;
    stand.door = async () => {
      if (failures-- > 0) throw new Error('the database is down');
      return { accepted: true };
    };
    const [delivered] = stand.smsc.write({ from, to, text: 'Привет' });
    await count(1);
    await vi.waitFor(() => expect(delivered?.statuses).toEqual([0x64, 0x64, 0x64, 0]), soon);
  });

  it('the last part of a long one is refused, and completes it later', async () => {
    await up();
    let failures = 1;
    stand.door = async () => {
      if (failures-- > 0) throw new Error('the database is down');
      return { accepted: true };
    };
    const text = order.repeat(4);
    const parts = stand.smsc.write({ from, to, text });
    await count(1);
    await vi.waitFor(() => expect(parts.map((part) => part.statuses.at(-1))).toEqual([0, 0, 0]), soon);
    expect(stand.arrived[0]?.text).toBe(text);
    expect(parts.flatMap((part) => part.statuses).filter((status) => status === 0x64)).toHaveLength(1);
  });

  it('memory of the adapter that is down refuses too', async () => {
    await up();
    stand.state.isDown = true;
    const [delivered] = stand.smsc.write({ from, to, text: 'Привет' });
    await vi.waitFor(() => expect(delivered?.statuses).toContain(0x64), soon);
    stand.state.isDown = false;
    await count(1);
  });

  it('a long one to a number that is none of ours is not kept for ever', async () => {
    const clock = createFakeClock();
    await up({ clock });
    let knocks = 0;
    stand.door = async () => {
      knocks++;
      return { accepted: false, reason: 'unknown_number' };
    };
    const parts = stand.smsc.write({ from, to, text: order.repeat(4) });
    await vi.waitFor(() => expect(parts.every((part) => part.statuses.at(-1) === 0)).toBe(true), soon);
    clock.advance(10 * 60_000);
    expect(knocks).toBe(1);
  });

  it('a number that is none of ours is refused for good', async () => {
    await up();
    stand.door = async () => ({ accepted: false, reason: 'unknown_number' });
    const [delivered] = stand.smsc.write({ from, to, text: 'Привет' });
    await vi.waitFor(() => expect(delivered?.statuses).toEqual([0x65]), soon);
  });
});

describe('repetitions', () => {
  const ids = (): number => new Set(stand.arrived.map((event) => event.sourceId)).size;

  it('the same words twice in one session are two messages, even at once', async () => {
    await up();
    stand.smsc.write({ from, to, text: 'да' });
    stand.smsc.write({ from, to, text: 'да' });
    await count(2);
    expect(ids()).toBe(2);
  });

  it('two equal ones that both come again after a lost connection are still two', async () => {
    await up();
    const { promise: stored, resolve: store } = Promise.withResolvers<void>();
    let knocks = 0;
    stand.door = async () => {
      knocks++;
      await stored;
      return { accepted: true };
    };
    stand.smsc.write({ from, to, text: 'да' });
    stand.smsc.write({ from, to, text: 'да' });
    await vi.waitFor(() => expect(knocks).toBe(2), soon);
    stand.smsc.dropAll();
    await vi.waitFor(() => expect(stand.smsc.binds.accepted).toBe(2), soon);
    store();
    await count(4);
    expect(ids()).toBe(2);
  });

  it('what was stored when the house was killed before it answered is one message', async () => {
    await up();
    const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
    let sourceId = '';
    stand.door = async (event) => {
      sourceId = event.sourceId;
      // stored, and then the process is gone before the SMSC hears of it
      await killed;
      throw new Error('killed');
    };
    stand.smsc.write({ from, to, text: 'Привет' });
    await vi.waitFor(() => expect(sourceId).not.toBe(''), soon);
    stand.door = async () => ({ accepted: true });
    const crashing = stand.crash();
    kill();
    await crashing;
    await count(1);
    expect(stand.arrived[0]?.sourceId).toBe(sourceId);
  });

  it('once the SMSC has read our answer the same words are new, after a reconnection or a crash too', async () => {
    await up();
    stand.smsc.write({ from, to, text: 'да' });
    await count(1);
    // its answer comes behind our answer: the stream has an order
    expect((await stand.channel.send(message('+79001234006', 'x'), never)).kind).toBe('accepted');
    stand.smsc.dropAll();
    await vi.waitFor(() => expect(stand.smsc.binds.accepted).toBe(2), soon);
    stand.smsc.write({ from, to, text: 'да' });
    await count(2);
    expect((await stand.channel.send(message('+79001234006', 'x'), never)).kind).toBe('accepted');
    await stand.crash();
    await isUp();
    stand.smsc.write({ from, to, text: 'да' });
    await count(3);
    expect(ids()).toBe(3);
  });

  it('the next day the same words in a new session are a new message', async () => {
    const clock = createFakeClock();
    await up({ clock });
    stand.smsc.write({ from, to, text: 'да' });
    await count(1);
    clock.advance(16 * 60_000);
    // so long without an answer to enquire_link: the connection was given up meanwhile
    await vi.waitFor(() => {
      clock.advance(1_000);
      expect(stand.smsc.binds.accepted).toBeGreaterThan(1);
      expect(stand.channel.health().state).toBe('up');
    }, soon);
    stand.smsc.write({ from, to, text: 'да' });
    await count(2);
    expect(ids()).toBe(2);
  });
});
