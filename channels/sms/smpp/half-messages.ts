/** Long messages of which parts are missing. Every part is durable before it is answered, so a restart loses none. */
import type { Clock, TimerHandle } from '../../../server/kernel/clock.ts';
import type { AdapterState } from '../../message-channel.ts';
import { limits } from '../limits.ts';
import { createStateCell } from '../state-cell.ts';
import { type Coding, decodeText } from './alphabets.ts';
import type { Part } from './long-message.ts';

interface HalfMessage {
  /** Of the delivery that brought the first part. */
  readonly id: string;
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly at: number;
  readonly total: number;
  readonly coding: Coding;
  /** Bytes by number, base64, and which delivery brought them. */
  readonly parts: Record<number, { readonly bytes: string; readonly deliveryId: string }>;
}

/** A long message as far as it came. */
export interface JoinedMessage {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly at: number;
  readonly coding: Coding;
  readonly bytes: Buffer;
  /** Gaps are shown by `…`. */
  readonly text: string;
  readonly have: number;
  readonly total: number;
  readonly deliveryIds: readonly string[];
}

export interface NewPart {
  readonly deliveryId: string;
  readonly from: string;
  readonly to: string;
  readonly coding: Coding;
  readonly bytes: Buffer;
  readonly part: Part;
}

export interface HalfMessages {
  /** Loads what a former process left; hands in what is whole of it, and later what was waited for long enough. */
  start(): Promise<void>;
  close(): void;
  /** Resolves when the part is durable, and the message stored if it is whole now. Rejects when either failed. */
  add(part: NewPart): Promise<void>;
}

export interface HalfMessagesOptions {
  readonly state: AdapterState;
  readonly clock: Clock;
  /** Stores a message; rejects when it could not be stored. */
  handIn(message: JoinedMessage): Promise<void>;
}

function join(half: HalfMessage): JoinedMessage {
  const chunks: Buffer[] = [];
  let text = '';
  let run: Buffer[] = [];
  // neighbours are decoded together: senders cut escape and surrogate pairs
  const endRun = (): void => {
    text += decodeText(half.coding, Buffer.concat(run));
    run = [];
  };
  for (let number = 1; number <= half.total; number++) {
    const part = half.parts[number];
    if (part === undefined) {
      endRun();
      if (!text.endsWith('…')) text += '…';
    } else run.push(Buffer.from(part.bytes, 'base64'));
    chunks.push(...run.slice(-1));
  }
  endRun();
  const deliveryIds = Object.values(half.parts).map((part) => part.deliveryId);
  const { id, from, to, at, coding, total } = half;
  return { id, from, to, at, coding, bytes: Buffer.concat(chunks), text, have: deliveryIds.length, total, deliveryIds };
}

const sizeOf = (half: HalfMessage): number =>
  Object.values(half.parts).reduce((sum, part) => sum + part.bytes.length + 80, 200);

export function createHalfMessages({ state, clock, handIn }: HalfMessagesOptions): HalfMessages {
  const cell = createStateCell<HalfMessage[]>(state, 'smpp:halves', []);
  const finishing = new Map<HalfMessage, Promise<void>>();
  /** What was handed in lately, by key. */
  const finished = new Map<string, HalfMessage['parts']>();
  let lastPlaced: Promise<unknown> = Promise.resolve();
  let timer: TimerHandle | null = null;
  let isClosed = false;

  /** Networks repeat parts of what was handed in long since: alone they are no news. All of them together are one more message. */
  function isEcho({ key, parts, total }: HalfMessage): boolean {
    const before = finished.get(key);
    const numbers = Object.keys(parts).map(Number);
    return numbers.length < total && numbers.every((number) => before?.[number]?.bytes === parts[number]?.bytes);
  }

  function remember({ key, parts }: HalfMessage): void {
    finished.delete(key);
    finished.set(key, parts);
    const [oldest] = finished.keys();
    if (finished.size > limits.finishedMessages && oldest !== undefined) finished.delete(oldest);
  }

  async function store(half: HalfMessage): Promise<void> {
    if (!isEcho(half)) {
      await handIn(join(half));
      remember(half);
    }
    cell.value = cell.value.filter((one) => one !== half);
    await cell.save();
  }

  /** Hands in what there is, once: whoever comes meanwhile waits for the same. */
  function finish(half: HalfMessage): Promise<void> {
    const storing = finishing.get(half) ?? store(half).finally(() => finishing.delete(half));
    finishing.set(half, storing);
    return storing;
  }

  /** What cannot be stored now stays, and is tried again with the next look. */
  async function flush(isOver: (half: HalfMessage) => boolean): Promise<void> {
    for (const half of cell.value.filter(isOver)) await finish(half).catch(() => undefined);
  }

  function watch(): void {
    timer?.cancel();
    timer = null;
    const oldest = cell.value[0];
    if (oldest === undefined || isClosed) return;
    // what was due already could not be stored: it waits as long again
    const dueIn = oldest.at + limits.halfMessageMs - clock.now();
    timer = clock.after(dueIn > 0 ? dueIn : limits.halfMessageMs, () => {
      void flush((half) => clock.now() - half.at >= limits.halfMessageMs).then(watch);
    });
  }

  function hasRoom(): boolean {
    const bytes = cell.value.reduce((sum, half) => sum + sizeOf(half), 0);
    return cell.value.length < limits.halfMessages && bytes < limits.halfMessageBytes;
  }

  /** The oldest give way, handed in with gaps. @throws when one cannot be stored: the new part must wait */
  async function makeRoom(): Promise<void> {
    while (!hasRoom()) {
      const [oldest] = cell.value;
      if (oldest === undefined) return;
      await finish(oldest);
    }
  }

  async function find(part: NewPart, key: string): Promise<HalfMessage> {
    const bytes = part.bytes.toString('base64');
    const known = cell.value.find((half) => half.key === key);
    const there = known?.parts[part.part.number];
    // what is being handed in takes no more parts; one that is in it already is no news
    const isOpen = known !== undefined && !finishing.has(known);
    if (known !== undefined && (there === undefined ? isOpen : there.bytes === bytes)) return known;
    // or the same reference with other words: the phone has begun to count anew
    if (known !== undefined) await finish(known);
    const { from, to, coding } = part;
    const half = { id: part.deliveryId, key, from, to, coding, at: clock.now(), total: part.part.total, parts: {} };
    cell.value.push(half);
    return half;
  }

  /** One after another: where a part belongs may depend on the one before, which is still being looked at. */
  function place(part: NewPart): Promise<HalfMessage> {
    const { reference, total, number } = part.part;
    const placing = lastPlaced.then(async () => {
      await makeRoom();
      const half = await find(part, `${part.from}|${part.to}|${reference}|${total}`);
      half.parts[number] = { bytes: part.bytes.toString('base64'), deliveryId: part.deliveryId };
      return half;
    });
    // whoever brought the part hears of the failure
    lastPlaced = placing.catch(() => undefined);
    return placing;
  }

  return {
    async start() {
      await cell.load();
      // whole ones that a crash kept from being stored
      await flush((half) => Object.keys(half.parts).length === half.total);
      watch();
    },
    close() {
      isClosed = true;
      timer?.cancel();
    },
    async add(part) {
      const half = await place(part);
      try {
        await cell.save();
        const isWhole = Object.keys(half.parts).length === half.total;
        if (isWhole && !finishing.has(half)) await finish(half);
      } catch (error) {
        // it will be refused, and completes the message when it comes again
        delete half.parts[part.part.number];
        throw error;
      }
      watch();
    },
  };
}
