import { setTimeout as sleep } from 'node:timers/promises';
import type { CallerIdentity, PlacedCall, TestPhone } from '../actors/sip-agent.ts';
import { hears } from './listening.ts';
import { type Book, ringResult, type Story, voices } from './story.ts';

/** The town: everybody who calls the line, each with a telephone's sound of his own. */
export interface Callers {
  /** Places the call and plays it to its end. */
  call(story: Story): Promise<void>;
  /** Hangs up whoever is still there. */
  hangUpAll(): void;
}

export interface CallersOptions {
  readonly phone: TestPhone;
  /** The line that is called. */
  readonly line: string;
  readonly book: Book;
}

/** Hung up within the five seconds that a short abandon has, and well after them. */
const shortMs = 2_500;
const longMs = 7_500;
/** Music is heard this long before a key is pressed. */
const listenMs = 1_500;
/** The request for a message and its tone are over by then; see channels/voice/media/prompts. */
const promptMs = 7_500;
const messageMs = 3_500;
const keyAgainMs = 4_000;
/** Nobody's patience is longer: a day must end. */
const patienceMs = 10 * 60_000;

const agentVoices = [voices.anna, voices.boris, voices.vera];
const hiddenCaller: CallerIdentity = { number: 'anonymous', displayName: 'Anonymous' };

export function createCallers({ phone, line, book }: CallersOptions): Callers {
  const calls = new Set<PlacedCall>();

  /** Hangs up after this time, unless the call ended before. */
  async function givesUp(story: Story, call: PlacedCall, ms: number): Promise<void> {
    const isThere = await Promise.race([sleep(ms, true), call.ended.then(() => false)]);
    if (!isThere) return;
    story.endedAt = Date.now();
    story.outcome ??= 'abandoned';
    call.hangUp();
    book.changed();
  }

  /** Whether nobody is being rung for him, so that a key counts. */
  const waitsAlone = ({ rings }: Story): boolean => rings.every((ring) => ringResult(ring) !== null);

  /** Presses a key while he waits, again when it was not heard, until the server has said goodbye. */
  async function presses(story: Story, call: PlacedCall, act: () => Promise<void>): Promise<void> {
    await call.answered(patienceMs);
    let isOver = false;
    const over = call.ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await Promise.race([book.until(story, waitsAlone).then(() => sleep(listenMs)), over]);
      if (isOver || !waitsAlone(story)) continue;
      await act();
      await Promise.race([sleep(keyAgainMs), over]);
    }
  }

  async function asksForCallback(story: Story, call: PlacedCall): Promise<void> {
    await presses(story, call, async () => {
      call.audio.sendDigits('1');
      story.endedAt ??= Date.now();
    });
    story.outcome = 'callback';
  }

  async function leavesMessage(story: Story, call: PlacedCall): Promise<void> {
    await presses(story, call, async () => {
      call.audio.sendDigits('2');
      story.endedAt ??= Date.now();
      await sleep(promptMs + messageMs);
      call.audio.sendDigits('#');
    });
    story.outcome = 'voicemail';
  }

  async function listens(story: Story, call: PlacedCall): Promise<void> {
    await Promise.race([book.until(story, ({ answeredAt, endedAt }) => (answeredAt ?? endedAt) !== null), call.ended]);
    story.heardByClient ||= await hears(call, story, agentVoices);
  }

  async function talks(story: Story, call: PlacedCall): Promise<void> {
    void listens(story, call);
    await Promise.race([book.until(story, ({ said, endedAt }) => said || endedAt !== null), call.ended]);
    if (story.endedAt === null && story.manners.endsBy === 'client') {
      story.endedAt = Date.now();
      call.hangUp();
      book.changed();
    }
    await call.ended;
    story.endedAt ??= Date.now();
  }

  function play(story: Story, call: PlacedCall): Promise<void> {
    switch (story.kind) {
      case 'short abandon':
        return givesUp(story, call, shortMs);
      case 'long abandon':
      case 'missed first':
        return givesUp(story, call, longMs);
      case 'voice message':
        return leavesMessage(story, call);
      case 'callback':
        return asksForCallback(story, call);
      default:
        return talks(story, call);
    }
  }

  /** No way out was found: the server refused the call, or the script went wrong. */
  async function noteRefusal(story: Story, call: PlacedCall, error?: Error): Promise<void> {
    call.hangUp();
    const { status, reason } = await call.ended;
    story.endedAt ??= Date.now();
    if (status === 503) story.outcome = 'refused';
    else story.trouble = error?.message ?? `ended with ${status} ${reason}`;
  }

  return {
    async call(story) {
      story.arrivedAt = Date.now();
      const call = await phone.call(line, story.number === '' ? hiddenCaller : { number: story.number });
      calls.add(call);
      try {
        await play(story, call);
        if (story.outcome === null) await noteRefusal(story, call);
      } catch (error) {
        await noteRefusal(story, call, error as Error);
      } finally {
        call.audio.close();
        calls.delete(call);
        book.changed();
      }
    },
    hangUpAll() {
      for (const call of calls) call.hangUp();
    },
  };
}
