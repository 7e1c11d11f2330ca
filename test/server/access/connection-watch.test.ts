import { describe, expect, it } from 'vitest';
import { createConnectionWatch } from '../../../server/access/connection-watch.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import { silentLog } from '../../../server/kernel/log.ts';

function setUp(findAlive: (ids: readonly string[]) => Promise<ReadonlySet<string>>) {
  const clock = createFakeClock();
  const watch = createConnectionWatch({ clock, log: silentLog, everyMs: 1000, findAlive });
  const ended: string[] = [];
  return { clock, watch, ended, hold: (id: string, name = id) => watch.hold(id, () => ended.push(name)) };
}
/** Lets the promises of a sweep settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('connection watch', () => {
  it('ends every connection of a session once, and none of another', () => {
    const { watch, ended, hold } = setUp(async () => new Set());
    hold('one', 'tab');
    hold('one', 'phone');
    hold('two');
    watch.end('one');
    watch.end('one');
    expect(ended).toEqual(['tab', 'phone']);
  });

  it('ends nothing that was released', () => {
    const { watch, ended, hold } = setUp(async () => new Set());
    const release = hold('one', 'tab');
    release();
    release();
    const phone = hold('one', 'phone');
    release();
    watch.end('one');
    phone();
    expect(ended).toEqual(['phone']);
  });

  it('asks for the sessions again and again and ends those that are over', async () => {
    const asked: string[][] = [];
    let alive = new Set(['one', 'two']);
    const { clock, ended, hold } = setUp(async (ids) => {
      asked.push([...ids]);
      return alive;
    });
    clock.advance(1000);
    await settle();
    hold('one');
    hold('two');
    clock.advance(1000);
    await settle();
    alive = new Set(['two']);
    clock.advance(1000);
    await settle();
    expect(asked).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
    expect(ended).toEqual(['one']);
  });

  it('ends nothing while the database is away', async () => {
    let isAway = true;
    const { clock, ended, hold } = setUp(async () => {
      if (isAway) throw new Error('away');
      return new Set();
    });
    hold('one');
    clock.advance(1000);
    await settle();
    expect(ended).toEqual([]);
    isAway = false;
    clock.advance(1000);
    await settle();
    expect(ended).toEqual(['one']);
  });

  it('asks nothing after it was closed, also during a question', async () => {
    let questions = 0;
    const { clock, watch, hold } = setUp(async () => {
      questions++;
      return new Set(['one']);
    });
    hold('one');
    clock.advance(1000);
    watch.close();
    await settle();
    clock.advance(5000);
    await settle();
    expect(questions).toBe(1);
  });
});
