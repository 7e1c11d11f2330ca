import { afterEach, expect, it, vi } from 'vitest';
import type { MessageArrived } from '../../../channels/message-channel.ts';
import { createSeededRandom } from '../../support/random.ts';
import { message, never, type SmppStand, startSmppStand } from './smpp-stand.ts';

let stand: SmppStand;
afterEach(() => stand.close());

const patient = { timeout: 60_000, interval: 20 };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it.each([1, 2, 3])(
  'whatever breaks, all comes in once and nothing goes out twice (seed %i)',
  async (seed) => {
    const random = createSeededRandom(seed);
    stand = await startSmppStand({ settings: { window: 20 }, smsc: { repeatMs: 2 } });
    /** The house: one row for each source id. */
    const stored = new Map<string, MessageArrived>();
    stand.door = async (event) => {
      await turn();
      if (random.below(10) === 0) throw new Error('the database is down');
      if (event.type === 'message.arrived') stored.set(event.sourceId, event);
      // stored, and then the process hangs or dies before the wire hears of it
      if (random.below(10) === 0) throw new Error('the database said yes too late');
      return { accepted: true };
    };
    await stand.channel.start();

    const written: string[] = [];
    const outcomes = new Map<string, string>();
    const sending: Promise<void>[] = [];
    const write = (): void => {
      const number = `+79${100_000_000 + written.length}`;
      const text = `${written.length} ${'слово '.repeat(random.pick([1, 3, 20, 40]))}`;
      written.push(text);
      stand.smsc.write({
        from: number,
        to: '+15550100',
        text,
        how: random.pick(['udh8', 'udh16', 'sar']),
        reverse: random.below(2) === 0,
      });
    };
    const send = (): void => {
      const text = `out ${sending.length}`;
      const one = message('+79001234567', text);
      sending.push(stand.channel.send(one, never).then(({ kind }) => void outcomes.set(text, kind)));
    };
    for (let step = 0; step < 400; step++) {
      if (random.below(2) === 0) write();
      else send();
      const luck = random.below(100);
      if (luck === 0) stand.smsc.dropAll();
      else if (luck === 1) await stand.crash();
      if (random.below(4) === 0) await turn();
      if (step % 100 === 99) await vi.waitFor(() => expect(stand.channel.health().state).toBe('up'), patient);
    }
    await Promise.all(sending);

    const texts = (): string[] => [...stored.values()].map(({ text }) => text);
    await vi.waitFor(() => expect(new Set(texts())).toEqual(new Set(written)), patient);
    expect(texts().sort()).toEqual([...written].sort());
    expect(stand.smsc.malformed).toEqual([]);
    expect(stand.state.largest()).toBeLessThan(64 * 1024);

    const taken = stand.smsc.submitted.map(({ text }) => text);
    expect(new Set(taken).size).toBe(taken.length);
    for (const [text, kind] of outcomes) {
      if (kind === 'accepted') expect(taken).toContain(text);
      if (kind === 'retry') expect(taken).not.toContain(text);
    }
  },
  120_000,
);
