import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMailsInHand } from '../../../../channels/email/imap/in-hand.ts';
import { limits } from '../../../../channels/email/limits.ts';

/** A house that stores when it is told to, and a bookmark. Mails are numbered from 1. */
function stand({ bytes = 1, reach = async () => undefined }: { bytes?: number; reach?: () => Promise<void> } = {}) {
  const stop = new AbortController();
  const marks: number[] = [];
  const begun: number[] = [];
  const done: number[] = [];
  const open = new Map<number, { readonly store: () => void; readonly refuse: (error: Error) => void }>();
  const inHand = createMailsInHand({
    stop: stop.signal,
    async reach(uid) {
      await reach();
      marks.push(uid);
    },
    onDone: (uid) => void done.push(uid),
  });
  let last = 0;
  return {
    inHand,
    stop,
    marks,
    begun,
    done,
    open,
    /** @param read when it is read */
    add(keys: readonly string[], read: Promise<void> = Promise.resolve()): number {
      const uid = ++last;
      const handIn = (): Promise<void> => {
        begun.push(uid);
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        open.set(uid, { store: resolve, refuse: reject });
        return promise.finally(() => open.delete(uid));
      };
      inHand.add(
        uid,
        bytes,
        read.then(() => ({ keys, handIn })),
      );
      return uid;
    },
    store: (uid: number) => open.get(uid)?.store(),
    refuse: (uid: number) => open.get(uid)?.refuse(new Error(`${uid} is refused`)),
  };
}
/** Until everything that can go on has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('mails in hand', () => {
  it('are handed in at once when they have nothing to do with each other, so many and no more', async () => {
    const house = stand();
    for (let count = 0; count < limits.handedInAtOnce + 5; count++) house.add([`address ${count}`]);
    await settled();
    expect(house.begun).toHaveLength(limits.handedInAtOnce);
    house.store(3);
    await settled();
    expect(house.begun).toHaveLength(limits.handedInAtOnce + 1);
  });

  it('come one after another when they share a sender or a thread, and hold up no others', async () => {
    const house = stand();
    house.add(['anna']);
    house.add(['anna', 'thread']);
    house.add(['boris', 'thread']);
    house.add(['carla']);
    await settled();
    expect(house.begun).toEqual([1, 4]);
    house.store(1);
    await settled();
    expect(house.begun).toEqual([1, 4, 2]);
    house.store(2);
    await settled();
    expect(house.begun).toEqual([1, 4, 2, 3]);
  });

  it('wait for those before them that nobody has read yet', async () => {
    const house = stand();
    const { promise: read, resolve: finish } = Promise.withResolvers<void>();
    house.add(['anna'], read);
    house.add(['boris']);
    await settled();
    expect(house.begun).toEqual([]);
    finish();
    await settled();
    expect(house.begun).toEqual([1, 2]);
  });

  it('move the bookmark over no gap', async () => {
    const house = stand();
    for (const key of ['a', 'b', 'c']) house.add([key]);
    await settled();
    house.store(2);
    house.store(3);
    await settled();
    expect(house.marks).toEqual([]);
    house.stop.abort();
    house.refuse(1);
    await expect(house.inHand.settle()).rejects.toThrow('1 is refused');
    expect(house.marks).toEqual([]);
  });

  it('stop at one that fails in the middle: what has begun is ended, and marked up to the gap', async () => {
    const house = stand();
    for (const key of ['a', 'b', 'c', 'b', 'c']) house.add([key]);
    await settled();
    house.refuse(2);
    await settled();
    const settling = house.inHand.settle();
    await expect(house.inHand.room()).rejects.toThrow('2 is refused');
    house.store(3);
    await settled();
    house.store(1);
    await expect(settling).rejects.toThrow('2 is refused');
    expect(house.begun).toEqual([1, 2, 3]);
    expect(house.marks).toEqual([1]);
  });

  it('stop when everything stops: what has begun is ended and marked, nothing more begins', async () => {
    const house = stand();
    for (const key of ['a', 'b', 'a']) house.add([key]);
    house.add(['c'], new Promise(() => undefined));
    await settled();
    house.stop.abort();
    const settling = house.inHand.settle();
    house.store(2);
    house.store(1);
    await settling;
    expect(house.begun).toEqual([1, 2]);
    expect(house.marks).toEqual([2]);
  });

  it('are so many and so large at most', async () => {
    const large = stand({ bytes: limits.inHandBytes });
    large.add(['a']);
    large.add(['b']);
    let hasRoom = false;
    const asking = large.inHand.room().then(() => {
      hasRoom = true;
    });
    await settled();
    expect(hasRoom).toBe(false);
    // done, and not counted any more, though the first one holds the bookmark
    large.store(2);
    await asking;
    const many = stand();
    for (let count = 0; count <= limits.inHandMails; count++) many.add([`${count}`]);
    await settled();
    hasRoom = false;
    const waiting = many.inHand.room().then(() => {
      hasRoom = true;
    });
    many.store(2);
    await settled();
    expect(hasRoom).toBe(false);
    many.stop.abort();
    await waiting;
  });

  it('mark now and then, and a bookmark that cannot be moved ends it', async () => {
    let isLost = false;
    const house = stand({ reach: () => (isLost ? Promise.reject(new Error('no bookmarks')) : Promise.resolve()) });
    const storeSome = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) {
        const uid = house.add([`${at}`]);
        await settled();
        house.store(uid);
        await settled();
      }
    };
    await storeSome(limits.markedAtOnce + 1);
    expect(house.marks).toEqual([limits.markedAtOnce]);
    isLost = true;
    await storeSome(limits.markedAtOnce);
    await expect(house.inHand.room()).rejects.toThrow('no bookmarks');
    await expect(house.inHand.settle()).rejects.toThrow('no bookmarks');
  });

  it('whatever comes in whatever order: each key in order, no gap passed, all stored or the failure told', async () => {
    const mail = fc.record({
      keys: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
      fails: fc.integer({ min: 0, max: 40 }).map((chance) => chance === 0),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(mail, { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(1_000), { minLength: 200, maxLength: 200 }),
        fc.option(fc.nat(100)),
        check,
      ),
    );
  });
});

async function check(
  mails: readonly { keys: number[]; fails: boolean }[],
  choices: Iterable<number>,
  stopAt: number | null,
): Promise<void> {
  const house = stand();
  const stored = new Set<number>();
  const keysOf = (uid: number): number[] => mails[uid - 1]?.keys ?? [];
  for (const { keys } of mails) house.add(keys.map(String));
  let step = 0;
  for (const choice of choices) {
    await settled();
    const open = [...house.open.keys()];
    expect(open.length).toBeLessThanOrEqual(limits.handedInAtOnce);
    for (const mark of house.marks) for (let uid = 1; uid <= mark; uid++) expect(stored.has(uid)).toBe(true);
    const uid = open[choice % open.length];
    if (uid === undefined) break;
    if (step++ === stopAt) house.stop.abort();
    for (const other of open.filter((each) => each !== uid))
      expect(keysOf(other).some((key) => keysOf(uid).includes(key))).toBe(false);
    if (mails[uid - 1]?.fails) house.refuse(uid);
    else {
      stored.add(uid);
      house.store(uid);
    }
  }
  const hasFailed = house.begun.some((uid) => mails[uid - 1]?.fails);
  if (hasFailed) await expect(house.inHand.settle()).rejects.toThrow('is refused');
  else await house.inHand.settle();
  const firstGap = mails.findIndex((_, index) => !stored.has(index + 1));
  const last = firstGap < 0 ? mails.length : firstGap;
  expect(house.marks.at(-1) ?? 0).toBe(last);
  if (!hasFailed && stopAt === null) expect(stored.size).toBe(mails.length);
  for (const key of [0, 1, 2, 3, 4, 5, 6]) {
    const order = house.begun.filter((uid) => keysOf(uid).includes(key));
    expect(order).toEqual(order.toSorted((one, other) => one - other));
  }
}
