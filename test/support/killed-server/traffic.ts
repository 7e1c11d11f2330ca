import { setTimeout as pause } from 'node:timers/promises';
import { type ApiClient, ApiFailure } from '../../../demo/actors/api-client.ts';
import type { FarEnd } from './far-end.ts';
import { channelOf, type Recipient } from './people.ts';

const postersAtOnce = 6;
/** A dead server, and one that starts, is asked again after this. */
const askAgainMs = 100;
/** One that says that it was asked too often. */
const tooOftenMs = 1_000;

/** People who write on until what they wrote is acknowledged, and strangers who write. */
export interface Traffic {
  /** Messages of our people that the API has acknowledged. */
  readonly acknowledged: ReadonlySet<number>;
  /** Everything up to this number, in both directions; what was acknowledged before is done. */
  begin(share: number): Round;
  /** One more message of each channel, to people who get no other, that nobody counts: senders look what else is due. */
  nudge(): Promise<void>;
}

export interface Round {
  /** All of it is acknowledged. */
  readonly done: Promise<void>;
  /** Nothing more is begun; what is under way ends. */
  end(): Promise<void>;
}

interface TrafficOptions {
  readonly admin: ApiClient;
  readonly farEnd: FarEnd;
  /** By the number of their message; those beyond `messages` are for nudges. */
  readonly recipients: readonly Recipient[];
  readonly messages: number;
}

export function createTraffic({ admin, farEnd, recipients, messages }: TrafficOptions): Traffic {
  const acknowledged = new Set<number>();
  let written = 0;
  let nudges = 0;

  async function post(index: number, text: string): Promise<void> {
    const { clientId, address } = recipients[index] ?? { clientId: 0, address: '' };
    const channel = channelOf(index);
    await admin.call('POST /api/v1/messages', {
      body: {
        key: `out-message-${index}`,
        despiteWarnings: true,
        message: {
          clientId,
          channel,
          mode: 'new',
          to: [{ address, name: '' }],
          cc: [],
          subject: channel === 'email' ? text : '',
          text,
          attachmentIds: [],
          purpose: 'service',
        },
      },
    });
  }

  /** @returns how long to wait before asking again. @throws when the refusal is no matter of time */
  function delayAfter(error: unknown): number {
    // no answer is what a dead server gives, and a conflict one whose accounts are only starting
    if (!(error instanceof ApiFailure) || error.status >= 500 || error.status === 409) return askAgainMs;
    if (error.status === 429) return tooOftenMs;
    throw error;
  }

  return {
    acknowledged,
    async nudge() {
      for (const _channel of ['sms', 'email']) await post(messages + nudges++, 'nudge');
    },
    begin(share) {
      let isOver = false;
      const todo = Array.from({ length: share }, (_, index) => index).filter((index) => !acknowledged.has(index));
      const poster = async (): Promise<void> => {
        for (let index = todo.shift(); index !== undefined && !isOver; index = todo.shift()) {
          try {
            await post(index, `out ${index}`);
            acknowledged.add(index);
          } catch (error) {
            todo.push(index);
            await pause(delayAfter(error));
          }
        }
      };
      const writer = async (): Promise<void> => {
        for (; written < share && !isOver; written++) {
          farEnd.write(written);
          await pause(2);
        }
      };
      const posters = Array.from({ length: postersAtOnce }, poster);
      const done = Promise.all([...posters, writer()]).then(() => undefined);
      // awaited by `end`; a failure meanwhile is no unhandled one
      done.catch(() => undefined);
      return {
        done,
        async end() {
          isOver = true;
          await done;
        },
      };
    },
  };
}
