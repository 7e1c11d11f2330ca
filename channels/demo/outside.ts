import type { Clock } from '../../server/kernel/clock.ts';
import { AppError } from '../../server/kernel/errors.ts';

export type OutsideKind = 'sms' | 'email';

/** A message as it lies in a client's phone or mailbox. */
export interface OutsideMessage {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: OutsideKind;
  /** Seen by the client: `in` came from us. */
  readonly direction: 'in' | 'out';
  /** The client's number or address. */
  readonly owner: string;
  /** Ours. */
  readonly peer: string;
  readonly subject: string;
  readonly text: string;
  /** Names of what came with it. */
  readonly files: readonly string[];
}

/** What a client writes. */
export interface OutsideWriting {
  /** The same twice is one message. */
  readonly id: string;
  readonly kind: OutsideKind;
  readonly owner: string;
  readonly ownerName: string;
  /** Ours that he writes to. */
  readonly peer: string;
  readonly subject: string;
  readonly text: string;
  /** E-mail as his program laid it out, besides the text. */
  readonly html?: string | undefined;
  /** E-mail: whom else he writes to. */
  readonly cc?: readonly string[] | undefined;
  /** The message that he answers. */
  readonly answersId: string | null;
}

/** Carries what a client writes to one of our addresses; resolves when the house has it. */
export type OutsideCarrier = (writing: OutsideWriting, answers: OutsideMessage | null) => Promise<void>;

/**
 * The world outside of the demo: phones and mailboxes of clients, in memory. What the house sends through the demo's
 * adapters lies there, and what is written there comes in by the same door as from a real wire.
 */
export interface Outside {
  /** Newest last. */
  read(kind: OutsideKind, owner: string): readonly OutsideMessage[];
  /** Puts a message of ours into a client's phone or mailbox; resolves when it lies there. The same id twice is one message. */
  deliver(message: OutsideMessage): Promise<void>;
  /** @throws AppError `not_found` when nobody carries messages to that address */
  write(writing: OutsideWriting): Promise<void>;
  /** Says who carries messages to an address of ours. @returns takes it back */
  carry(kind: OutsideKind, address: string, carrier: OutsideCarrier): () => void;
}

/** Of one phone or mailbox, and phones and mailboxes in all: the oldest go. */
const mostMessages = 200;
const mostOwners = 500;

export function createOutside(clock: Clock): Outside {
  const boxes = new Map<string, OutsideMessage[]>();
  const carriers = new Map<string, OutsideCarrier>();
  const keyOf = (kind: OutsideKind, address: string): string => `${kind} ${address.toLowerCase()}`;

  function keep(message: OutsideMessage): void {
    const key = keyOf(message.kind, message.owner);
    const box = boxes.get(key) ?? [];
    if (box.some(({ id }) => id === message.id)) return;
    boxes.delete(key);
    boxes.set(key, [...box, message].slice(-mostMessages));
    const [oldest] = boxes.keys();
    if (boxes.size > mostOwners && oldest !== undefined) boxes.delete(oldest);
  }

  return {
    read: (kind, owner) => boxes.get(keyOf(kind, owner)) ?? [],
    deliver: async (message) => keep(message),
    async write(writing) {
      const { id, kind, owner, peer, subject, text, answersId } = writing;
      const carrier = carriers.get(keyOf(kind, peer));
      if (!carrier) throw new AppError('not_found', `nobody carries messages to ${peer}`);
      const answers = boxes.get(keyOf(kind, owner))?.find((message) => message.id === answersId) ?? null;
      await carrier(writing, answers);
      keep({ id, at: clock.now(), kind, direction: 'out', owner, peer, subject, text, files: [] });
    },
    carry(kind, address, carrier) {
      const key = keyOf(kind, address);
      carriers.set(key, carrier);
      return () => {
        if (carriers.get(key) === carrier) carriers.delete(key);
      };
    },
  };
}
