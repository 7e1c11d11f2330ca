/**
 * What every channel for messages must do, whatever it speaks: the three promises of channels/message-channel.ts and the
 * manners of ChannelAdapter. An adapter's test file makes a stand - the adapter with a far end of its own - and calls
 * `messageChannelSuite`. Times are real: a stand has short limits or none that matter here.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InboundEvent, Receipt, Receive } from '../../channels/channel.ts';
import type {
  DeliveryReported,
  MessageArrived,
  MessageChannel,
  OutgoingMessage,
} from '../../channels/message-channel.ts';
import { type MessageId, newId } from '../../server/kernel/ids.ts';

/** An adapter and its far end. Everything starts with `makeStand`; the suite starts and closes the channel. */
export interface MessageChannelStand {
  readonly channel: MessageChannel;
  /**
   * Somebody writes `text` to us. Resolves when the wire got an answer: whether it was told that the message is kept. It
   * must not repeat by itself what was refused, or only after the answer.
   */
  arrive(text: string): Promise<boolean>;
  /** The wire brings the last `arrive` once more, as after a lost answer (a new connection, a repeated webhook). */
  arriveAgain(): Promise<boolean>;
  /** A message that the far end will take: sender, recipient and what else the wire needs. */
  outgoing(id: MessageId): OutgoingMessage;
  /** How many messages with our id, or with the words of `outgoing`, the far end has. */
  taken(): Promise<number>;
  /** From now on: `hang` = the far end neither takes nor answers; `lose_answer` = it takes the next one, and its answer is lost. */
  break(how: 'hang' | 'lose_answer'): void;
  /** Lets the far end report what became of the last message that it took. Absent where the wire has no receipts. */
  report?(): Promise<void>;
  /** Ends the far end; the channel is closed already. */
  close(): Promise<void>;
}

/** @param receive the one door; the stand's channel must use it and no other */
export type MakeStand = (receive: Receive) => Promise<MessageChannelStand>;

/** Longest a step of a stand may take, milliseconds: fast on a quiet machine, patient on a busy one. */
const patience = { timeout: 10_000 };

export function messageChannelSuite(name: string, makeStand: MakeStand): void {
  describe(`${name} keeps the contract of message channels`, () => {
    let stand: MessageChannelStand;
    let events: InboundEvent[];
    /** Every event that came to the door, stored or not. */
    let knocks: InboundEvent[];
    let door: (event: InboundEvent) => Promise<Receipt>;
    const never = new AbortController().signal;
    const send = (message: OutgoingMessage) => stand.channel.send(message, never);

    const arrived = (): MessageArrived[] => knocks.filter((event) => event.type === 'message.arrived');
    const reported = (): DeliveryReported[] => events.filter((event) => event.type === 'delivery.reported');

    beforeEach(async () => {
      events = [];
      knocks = [];
      door = async () => ({ accepted: true });
      stand = await makeStand(async (event) => {
        knocks.push(event);
        const receipt = await door(event);
        if (receipt.accepted) events.push(event);
        return receipt;
      });
      await stand.channel.start();
      await vi.waitFor(() => expect(stand.channel.health().state).toBe('up'), patience);
    });
    afterEach(async () => {
      await stand.channel.close();
      await stand.close();
    });

    describe('what comes in', () => {
      it('is handed in with its words, its account and a sender', async () => {
        expect(await stand.arrive('Привет, where is my order?')).toBe(true);
        expect(arrived()).toHaveLength(1);
        const [event] = arrived();
        expect(event).toMatchObject({
          channel: stand.channel.channel,
          accountId: stand.channel.accountId,
          direction: 'in',
        });
        expect(event?.writtenText).toContain('Привет, where is my order?');
        expect(event?.from.value).not.toBe('');
        expect(event?.sourceId).not.toBe('');
        expect(event?.at).toBeLessThanOrEqual(Date.now());
      });

      it('is acknowledged only after it is stored', async () => {
        const { promise: stored, resolve: store } = Promise.withResolvers<void>();
        door = async () => {
          await stored;
          return { accepted: true };
        };
        let isAnswered = false;
        const arriving = stand.arrive('wait for it').then((isKept) => {
          isAnswered = true;
          return isKept;
        });
        await vi.waitFor(() => expect(arrived()).toHaveLength(1), patience);
        expect(isAnswered).toBe(false);
        store();
        expect(await arriving).toBe(true);
      });

      it('is not acknowledged when it could not be stored', async () => {
        door = () => Promise.reject(new Error('the database is down'));
        expect(await stand.arrive('nobody can write this down')).toBe(false);
        door = async () => ({ accepted: true });
        expect(await stand.arriveAgain()).toBe(true);
        expect(new Set(arrived().map((event) => event.sourceId)).size).toBe(1);
      });

      it('is not acknowledged when the house is overloaded', async () => {
        door = async () => ({ accepted: false, reason: 'overloaded' });
        expect(await stand.arrive('too much')).toBe(false);
      });

      it('has the same source id when it comes again, and another when somebody writes the same again', async () => {
        await stand.arrive('yes');
        await stand.arriveAgain();
        await vi.waitFor(() => expect(arrived().length).toBeGreaterThanOrEqual(1), patience);
        expect(new Set(arrived().map((event) => event.sourceId)).size).toBe(1);
        await stand.arrive('yes');
        expect(new Set(arrived().map((event) => event.sourceId)).size).toBe(2);
      });

      it('is acknowledged as well when the house has it already', async () => {
        await stand.arrive('once');
        door = async () => ({ accepted: false, reason: 'duplicate' });
        expect(await stand.arriveAgain()).toBe(true);
      });
    });

    describe('what goes out', () => {
      const message = (): OutgoingMessage => stand.outgoing(newId<MessageId>());

      it('is accepted with an id of the provider', async () => {
        const result = await send(message());
        expect(result).toMatchObject({ kind: 'accepted', providerId: expect.stringMatching(/./) });
        expect(await stand.taken()).toBe(1);
      });

      it('comes back with our id when the wire has receipts', async () => {
        const sent = message();
        const result = await send(sent);
        if (stand.report === undefined) return;
        await stand.report();
        await vi.waitFor(() => expect(reported().length).toBeGreaterThanOrEqual(1), patience);
        for (const report of reported()) expect(report.messageId).toBe(sent.id);
        const providerId = result.kind === 'accepted' ? result.providerId : '';
        expect(reported().some((report) => report.providerId === providerId)).toBe(true);
      });

      it('is in doubt when the answer was lost', async () => {
        stand.break('lose_answer');
        const result = await send(message());
        expect(result.kind).toBe('unknown');
        expect(await stand.taken()).toBe(1);
      });

      it('ends when it is given up, in doubt or untried, and never as refused', async () => {
        stand.break('hang');
        const controller = new AbortController();
        const sending = stand.channel.send(message(), controller.signal);
        controller.abort();
        expect(['unknown', 'retry']).toContain((await sending).kind);
      });

      it('that is given up before it began was not sent', async () => {
        const result = await stand.channel.send(message(), AbortSignal.abort());
        expect(['unknown', 'retry']).toContain(result.kind);
        expect(await stand.taken()).toBe(0);
      });

      it('is refused, not thrown, when it is too long, empty or has no recipient', async () => {
        const { maxText } = stand.channel.capabilities;
        for (const spoiled of [{ text: 'я'.repeat(maxText * 20) }, { to: [] }, { to: [{ address: '\0\n', name: '' }] }])
          expect((await send({ ...message(), ...spoiled })).kind).toBe('rejected');
        expect(await stand.taken()).toBe(0);
      });

      it('can be asked about without an exception, whatever is known', async () => {
        if (stand.channel.lookUp === undefined) return;
        const { kind } = await stand.channel.lookUp(message(), Date.now());
        // it was not sent a moment ago: "absent" would be a guess so soon
        expect(kind).toBe('cannot_tell');
      });
    });

    describe('manners', () => {
      it('closes twice, and what is sent then is not', async () => {
        await stand.channel.close();
        await stand.channel.close();
        const result = await send(stand.outgoing(newId<MessageId>()));
        expect(['retry', 'throttled', 'account_down']).toContain(result.kind);
        expect(await stand.taken()).toBe(0);
        expect(stand.channel.health().state).toBe('off');
      });

      it('does not come back to life after it was closed', async () => {
        await stand.channel.close();
        await stand.channel.start().catch(() => undefined);
        expect(stand.channel.health().state).toBe('off');
      });

      it('starts twice without harm', async () => {
        await stand.channel.start();
        expect((await send(stand.outgoing(newId<MessageId>()))).kind).toBe('accepted');
        expect(await stand.taken()).toBe(1);
      });

      it('says what it can do', () => {
        const { maxText, maxAttachmentBytes, rate } = stand.channel.capabilities;
        expect(maxText).toBeGreaterThan(0);
        expect(maxAttachmentBytes).toBeGreaterThanOrEqual(0);
        expect(rate.perSecond).toBeGreaterThan(0);
        expect(rate.concurrency).toBeGreaterThan(0);
      });

      it('webhooks answer rubbish and store nothing of it', async () => {
        for (const webhook of Object.values(stand.channel.webhooks ?? {})) {
          const rubbish = {
            method: 'POST',
            url: '/channels/1/x?y=%ff',
            headers: {},
            body: Buffer.from('a=%zz&\0'),
            signal: never,
          };
          const { status } = await webhook(rubbish);
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        }
        expect(knocks).toEqual([]);
      });
    });
  });
}
