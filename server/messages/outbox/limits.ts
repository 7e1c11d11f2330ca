import type { MessageChannelName } from '../../contract/messages-words.ts';

const seconds = (count: number): number => count * 1_000;
const minutes = (count: number): number => seconds(60) * count;
const hours = (count: number): number => minutes(60) * count;

/** How one channel is tried. Times in milliseconds. */
export interface ChannelPatience {
  /** Waits after the first, second ... attempt; the last one repeats. */
  readonly ladder: readonly number[];
  /** Then it is given up. */
  readonly attempts: number;
  /** One attempt is cut off after this; its row is somebody else's `leaseMs` after it began. */
  readonly attemptMs: number;
  readonly leaseMs: number;
  /** A doubtful attempt is left alone so long before the provider is asked: lists and receipts lag. */
  readonly settleMs: number;
}

export const patience: Readonly<Record<MessageChannelName, ChannelPatience>> = {
  sms: {
    ladder: [seconds(5), seconds(30), minutes(2), minutes(10), minutes(30), hours(1)],
    attempts: 10,
    attemptMs: seconds(45),
    leaseMs: seconds(60),
    settleMs: seconds(90),
  },
  email: {
    ladder: [minutes(1), minutes(5), minutes(15), minutes(30), hours(1), hours(2), hours(4)],
    attempts: 14,
    attemptMs: seconds(150),
    leaseMs: seconds(180),
    settleMs: minutes(5),
  },
  chat: {
    ladder: [seconds(2), seconds(10), minutes(1), minutes(10)],
    attempts: 10,
    attemptMs: seconds(20),
    leaseMs: seconds(30),
    settleMs: seconds(5),
  },
};

export const outboxLimits = {
  /** Waits of the ladder are shortened or lengthened by up to this part, so that retries do not come all at once. */
  jitter: 0.2,
  /** A doubtful message holds up the later ones to its client only so long. */
  blockMs: minutes(1),
  /** Longest pause that a provider may ask of us. */
  throttleMs: minutes(5),
  throttleDefaultMs: 500,
  /** An account that refused us, or is down, is tried with one message so often. */
  accountDownMs: minutes(5),
  probeMs: seconds(30),
  /** A provider that cannot say what became of an attempt is asked again, until a person must decide. */
  doubtMs: hours(1),
  /** Everything that nobody woke us for is found by this. */
  pollMs: seconds(15),
  /** While attempts are under way, the database is asked what is due next at most so often. */
  askMs: 250,
  /** Rows of one statement. */
  batch: 200,
  /** Doubtful messages that are asked about at once. */
  lookUps: 20,
  /** Receipts for a message that nobody knows are kept so long. */
  parkedMs: hours(24 * 7),
  /** Temporary failures of an address are counted together within this time (see the gate's `softFailures`). */
  softFailureMs: hours(24 * 30),
  /** A closing process waits so long for attempts under way; their leases tell the next one of the rest. */
  closeMs: seconds(5),
  /** Longest text of a wire's error that is kept. */
  errorText: 500,
} as const;
