import { describe, expect, it } from 'vitest';
import { createPace } from '../../../../channels/sms/smpp/pace.ts';
import { createFakeClock } from '../../../../server/kernel/clock.ts';

const never = new AbortController().signal;

function start({ window = 10, perSecond = 100 } = {}) {
  const clock = createFakeClock();
  const pace = createPace({ window, perSecond, clock });
  const entered: (string | null)[] = [];
  const enter = (signal = never): void => void pace.enter(signal).then((refusal) => entered.push(refusal));
  pace.open();
  return { clock, pace, entered, enter };
}
/** Lets what is resolved be heard. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the window and the rate', () => {
  it('lets in no more than the window until somebody leaves', async () => {
    const { pace, entered, enter } = start({ window: 2 });
    for (let count = 0; count < 3; count++) enter();
    await settle();
    expect(entered).toEqual([null, null]);
    pace.leave('clean');
    await settle();
    expect(entered).toEqual([null, null, null]);
  });

  it('lets in no more than the rate', async () => {
    const { clock, entered, enter } = start({ window: 1_000, perSecond: 50 });
    for (let count = 0; count < 200; count++) enter();
    for (let ms = 0; ms < 1_000; ms++) clock.advance(1);
    await settle();
    // a burst of a tenth of a second, then 50 a second
    expect(entered.length).toBeGreaterThanOrEqual(53);
    expect(entered.length).toBeLessThanOrEqual(55);
  });

  it('many refusals of one window slow it down once, clean answers bring it back', async () => {
    const { clock, pace, enter } = start({ window: 10, perSecond: 100 });
    for (let count = 0; count < 10; count++) enter();
    await settle();
    for (let count = 0; count < 10; count++) pace.leave('throttled');
    expect(pace.rate()).toBe(80);
    expect(pace.pausedMs()).toBe(500);
    clock.advance(500);
    expect(pace.pausedMs()).toBe(0);
    for (let count = 0; count < 1_000; count++) {
      enter();
      await settle();
      pace.leave('clean');
      clock.advance(20);
    }
    expect(pace.rate()).toBe(100);
  });

  it('nobody is let in while it pauses', async () => {
    const { clock, pace, entered, enter } = start();
    enter();
    await settle();
    pace.leave('throttled');
    enter();
    await settle();
    expect(entered).toHaveLength(1);
    clock.advance(500);
    await settle();
    expect(entered).toHaveLength(2);
  });
});

describe('who waits', () => {
  it('is sent away when the link is lost, and at once while it is', async () => {
    const { pace, entered, enter } = start({ window: 1 });
    enter();
    enter();
    await settle();
    pace.shut();
    enter();
    await settle();
    expect(entered).toEqual([null, 'not_bound', 'not_bound']);
  });

  it('is sent away after a while', async () => {
    const { clock, entered, enter } = start({ window: 1 });
    enter();
    enter();
    await settle();
    clock.advance(30_000);
    await settle();
    expect(entered).toEqual([null, 'waited_too_long']);
  });

  it('may give up, and leaves the others', async () => {
    const { pace, entered, enter } = start({ window: 1 });
    const controller = new AbortController();
    enter();
    enter(controller.signal);
    enter();
    await settle();
    controller.abort();
    await settle();
    pace.leave('clean');
    await settle();
    expect(entered).toEqual([null, 'aborted', null]);
  });

  it('is refused when too many do', async () => {
    const { entered, enter } = start({ window: 1 });
    for (let count = 0; count < 2_002; count++) enter();
    await settle();
    expect(entered).toEqual([null, 'queue_full']);
  });
});
