/** One call of the day: what is to happen in it, and what its actors saw of it by their own watch. */

export const incomingKinds = [
  'known',
  'unknown',
  'hidden',
  'vip',
  'client hangs up',
  'agent hangs up',
  'hold',
  'declined',
  'nobody picks up',
  'phantom ring',
  'short abandon',
  'long abandon',
  'waits',
  'voice message',
  'callback',
  'missed first',
  'two at once',
  'reload',
  'agent lost',
] as const;
export const outgoingKinds = [
  'out answered',
  'out busy',
  'out no answer',
  'out refused',
  'out wrong number',
  'calls back',
] as const;
export type IncomingKind = (typeof incomingKinds)[number];
export type OutgoingKind = (typeof outgoingKinds)[number];
export type Kind = IncomingKind | OutgoingKind;

/** How agents treat the call. Times in milliseconds. */
export interface Manners {
  /** How long it rings before it is taken. */
  readonly ringMs: number;
  readonly talkMs: number;
  readonly wrapUpMs: number;
  readonly endsBy: 'client' | 'agent';
  readonly holdMs: number;
  /** The agent's page is reloaded in mid-call. */
  readonly reloads: boolean;
  /** His machine dies in mid-call: the client is given back to the queue. */
  readonly dies: boolean;
  /** How many agents decline before one takes it. */
  readonly declines: number;
  /** How many agents let it ring until the server tries the next one. */
  readonly ignores: number;
  /** How many browsers do not say that they ring. */
  readonly phantoms: number;
  readonly disposition: number;
  readonly note: string;
}

export const calmManners: Manners = {
  ringMs: 1_500,
  talkMs: 6_000,
  wrapUpMs: 2_000,
  endsBy: 'client',
  holdMs: 0,
  reloads: false,
  dies: false,
  declines: 0,
  ignores: 0,
  phantoms: 0,
  disposition: 2,
  note: '',
};

export type RingResult = 'accepted' | 'declined' | 'timeout' | 'client_gone' | 'not_delivered';

export interface Ring {
  readonly offerId: string;
  readonly userId: number;
  /** As whoever holds the phone saw it end. */
  result: RingResult | null;
  /** As his screen was told: all there is of a ring that ended before the phone rang. */
  told: RingResult | null;
}

export const newRing = (offerId: string, userId: number): Ring => ({ offerId, userId, result: null, told: null });

export const ringResult = ({ result, told }: Ring): RingResult | null => result ?? told;

/** A ring that was over before anybody could know whose call it was. */
export interface StrayRing extends Ring {
  readonly interactionId: string;
}

/** Written by the actors while the call goes on. Instants in milliseconds since the epoch. */
export interface Story {
  readonly kind: Kind;
  readonly direction: 'in' | 'out';
  /** E.164; empty = hidden. */
  readonly number: string;
  readonly manners: Manners;
  readonly rings: Ring[];
  interactionId: string | null;
  arrivedAt: number | null;
  answeredAt: number | null;
  /** When the agent who has it now took it; earlier talks of a call that was given back, in milliseconds and number. */
  talkFrom: number | null;
  talkedMs: number;
  returned: number;
  /** When the talk ended, or the caller gave up, or the attempt failed. */
  endedAt: number | null;
  closedAt: number | null;
  /** `refused`: the server had more to do than time and said so with 503; no call came of it. */
  outcome: 'answered' | 'abandoned' | 'voicemail' | 'callback' | 'failed' | 'refused' | null;
  agentId: number | null;
  /** All has been said: whoever ends the talk may hang up. */
  said: boolean;
  rescued: number;
  /** How long the requests took by which the agent hung up and finished: by so much the watch knows less. */
  slackMs: number;
  /** The other side's voice came through. */
  heardByAgent: boolean;
  heardByClient: boolean;
  /** What went wrong with the script itself. */
  trouble: string | null;
}

export function newStory(kind: Kind, number: string, manners: Partial<Manners> = {}): Story {
  return {
    kind,
    direction: (outgoingKinds as readonly string[]).includes(kind) ? 'out' : 'in',
    number,
    manners: { ...calmManners, ...manners },
    rings: [],
    interactionId: null,
    arrivedAt: null,
    answeredAt: null,
    talkFrom: null,
    talkedMs: 0,
    returned: 0,
    endedAt: null,
    closedAt: null,
    outcome: null,
    agentId: null,
    said: false,
    rescued: 0,
    slackMs: 0,
    heardByAgent: false,
    heardByClient: false,
    trouble: null,
  };
}

/** What everybody sounds like, Hz: far enough from each other and from the waiting music to be told apart. */
export const voices = { caller: 470, anna: 1010, boris: 1390, vera: 1790 } as const;

/** A talk that is shorter is not judged by its sound. */
const judgedMs = 3_000;

/** Whether this was a talk in which somebody should have been heard and was not. The demo's carrier only echoes. */
export function wasDeaf({ direction, answeredAt, endedAt, heardByAgent, heardByClient }: Story): boolean {
  if (answeredAt === null || endedAt === null || endedAt - answeredAt < judgedMs) return false;
  return !heardByAgent || (direction === 'in' && !heardByClient);
}

/** Every call of the day, and who is to be told what. */
export interface Book {
  readonly stories: readonly Story[];
  readonly strays: readonly StrayRing[];
  add(story: Story): Story;
  /** The story that an incoming offer is about: the one known by its id, or the oldest of that number in its queue. */
  find(interactionId: string, number: string, direction: 'in' | 'out'): Story | undefined;
  /** A screen was told that its offer is over. */
  ringEnded(offerId: string, told: Pick<StrayRing, 'interactionId' | 'userId' | 'told'>): void;
  /** Resolves when this holds for the story; looked at after every `changed`. */
  until(story: Story, holds: (story: Story) => boolean): Promise<void>;
  /** The actors call it after they wrote something. */
  changed(): void;
}

export function createBook(): Book {
  const stories: Story[] = [];
  const strays: StrayRing[] = [];
  const waiting = new Set<() => void>();
  return {
    stories,
    strays,
    add(story) {
      stories.push(story);
      return story;
    },
    find(interactionId, number, direction) {
      const known = stories.find((story) => story.interactionId === interactionId);
      if (known) return known;
      const fresh = stories.find(
        (story) =>
          story.interactionId === null &&
          story.direction === direction &&
          story.number === number &&
          story.arrivedAt !== null &&
          story.outcome === null,
      );
      if (fresh) fresh.interactionId = interactionId;
      return fresh;
    },
    ringEnded(offerId, told) {
      const ring = stories.flatMap(({ rings }) => rings).find((each) => each.offerId === offerId);
      if (ring) ring.told = told.told;
      else strays.push({ offerId, result: null, ...told });
    },
    until(story, holds) {
      if (holds(story)) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => {
        if (!holds(story)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      return promise;
    },
    changed() {
      for (const look of [...waiting]) look();
    },
  };
}
