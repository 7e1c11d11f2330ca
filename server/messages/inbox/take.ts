import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { MessagesContext } from '../context.ts';
import { type OwnAddress, peerOf } from './arrival.ts';
import { claimEvent, sourceKey } from './events.ts';
import { type KeptFiles, keepFiles } from './kept-files.ts';
import type { InboxParts } from './parts.ts';
import { isPoison, stubOf } from './poison.ts';
import type { InboxSetting } from './setting.ts';
import { type Outcome, storeArrivals } from './store-arrivals.ts';

/** A message whose files are being written. */
export interface Incoming {
  readonly event: MessageArrived;
  readonly kept: Promise<KeptFiles>;
}

/** Digits by which spellings of one number are told to be one; two numbers that share them only wait for each other. */
const numberEnd = 9;

/** The same, and which address of ours it came to. */
export interface Addressed extends Incoming {
  readonly address: OwnAddress;
}

/** The same for every spelling of an address: numbers are written with and without the country, and end alike. */
function personKey(written: string, kind: MessageArrived['from']['kind']): string {
  const digits = kind === 'phone' ? written.replace(/\D/g, '').slice(-numberEnd) : '';
  return digits === '' ? written.trim().toLowerCase() : digits;
}

/** What a message has to do with: two that share one of these are stored one after the other. */
export function threadKeys(event: MessageArrived): string[] {
  const { channel, providerId, thread, from, participants } = event;
  const people = event.direction === 'in' ? [from.value] : participants.map(({ address }) => address);
  const messages = [...thread.messageIds, ...(providerId === null ? [] : [providerId])];
  return [
    sourceKey(event),
    ...people.map((value) => `person ${channel} ${personKey(value, from.kind)}`),
    ...messages.map((id) => `message ${id}`),
    ...thread.sentIds.map((id) => `sent ${id}`),
    ...thread.conversationIds.map((id) => `conversation ${id}`),
  ];
}

/** Stores messages: all at once; one by one when that cannot be; a stub of one that cannot be stored as it is. */
export function createTaking(context: MessagesContext, parts: InboxParts) {
  const { db, setup, log } = context;

  /** Its files are written at once, beside what is done with others. */
  function incoming(event: MessageArrived): Incoming {
    const kept = keepFiles(parts.conversations.files, event);
    // whoever waits for it hears of it
    kept.catch(() => undefined);
    return { event, kept };
  }

  /** @throws whatever keeps one of them from being stored */
  async function take(all: readonly Addressed[], setting: InboxSetting): Promise<Outcome[]> {
    const storings = await Promise.all(
      all.map(async ({ event, address, kept }) => ({
        arrival: { event, address, peer: peerOf(event, address, setup) },
        kept: await kept,
      })),
    );
    return storeArrivals(context, parts, storings, setting);
  }

  /** A message that cannot be taken in as it is holds up nothing: its original is kept, with whatever can be said of it. */
  async function takeAnyhow(one: Addressed, setting: InboxSetting): Promise<Outcome> {
    const { event } = one;
    const nobody = { ...event.from, value: '', displayName: '' };
    const stubs = [stubOf(event, event.from), stubOf(event, nobody)];
    for (const attempt of [one, ...stubs.map((stub) => ({ ...one, ...incoming(stub) }))]) {
      try {
        const [outcome = null] = await take([attempt], setting);
        return outcome;
      } catch (error) {
        if (!isPoison(error)) throw error;
        const { channel, sourceId } = event;
        log.error({ err: error, channel, sourceId }, 'a message could not be taken in as it is');
      }
    }
    return (await claimEvent(db, event, { unreadable: true })) ? null : 'duplicate';
  }

  /** What each of these became, or why it was not stored. */
  async function takeAll(all: readonly Addressed[], setting: InboxSetting): Promise<PromiseSettledResult<Outcome>[]> {
    if (all.length > 1)
      try {
        return (await take(all, setting)).map((value) => ({ status: 'fulfilled', value }));
      } catch (error) {
        // one of them is to blame, or two get in each other's way: the others shall not suffer for it
        log.warn({ err: error, messages: all.length }, 'messages are stored one by one');
      }
    const settled: PromiseSettledResult<Outcome>[] = [];
    for (const one of all) settled.push(...(await Promise.allSettled([takeAnyhow(one, setting)])));
    return settled;
  }

  return { incoming, takeAll };
}
