import { createRandom, type Random } from '../../db/seed/random.ts';
import type { Cast, CastClient } from './cast.ts';
import { type Manners, newStory, type Story } from './story.ts';

/** Something that begins at a moment of the day, in milliseconds from its start. */
export type Scene =
  | {
      readonly at: number;
      readonly begins: 'call';
      readonly story: Story;
      /** It does not begin before this one is over. */
      readonly after?: Story;
    }
  /** All agents go to lunch, or are back. */
  | { readonly at: number; readonly begins: 'lunch' | 'afternoon' };

export interface PlanOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Calls a minute besides the special ones. */
  readonly rate: number;
  readonly cast: Cast;
}

const notes = [
  'Просит счёт до пятницы',
  'Уточнил срок доставки',
  'Asked for the price list by e-mail',
  'Перезвонить после обеда',
  'Доволен, заказ подтвердил',
  '',
] as const;

const usualMinutes = 2;
/** The server waits half a minute for an agent who is gone: too long for a shorter day. */
const lostFromMinutes = 1.5;
/** Parts of the day, of its whole length. */
const lunchAt = 0.4;
const afternoonAt = 0.52;

/**
 * The day's scenes in order: every kind of call at least once, whatever the length, and ordinary calls by the rate. The
 * same seed is the same day, as far as the clients are the same.
 */
export function planDay({ seed, minutes, rate, cast }: PlanOptions): Scene[] {
  const random = createRandom(seed);
  const dayMs = minutes * 60_000;
  const scenes: Scene[] = [
    { at: dayMs * lunchAt, begins: 'lunch' },
    { at: dayMs * afternoonAt, begins: 'afternoon' },
  ];
  const begin = (part: number, story: Story, after?: Story): void => {
    scenes.push({ at: Math.round(dayMs * part), begins: 'call', story, ...(after ? { after } : {}) });
  };
  // in a short day everybody hurries: three agents take as many calls
  const pace = Math.min(1, Math.max(0.25, minutes / usualMinutes));
  const between = (least: number, most: number): number => Math.round(random.int(least, most) * pace);
  const manners = (own: Partial<Manners> = {}): Partial<Manners> => ({
    ringMs: between(800, 3_000),
    talkMs: between(2_500, 7_000),
    wrapUpMs: between(800, 3_000),
    endsBy: random.chance(0.5) ? 'client' : 'agent',
    disposition: random.int(0, 6),
    note: random.pick(notes),
    ...own,
  });
  morning({ begin, manners, cast });
  if (minutes >= lostFromMinutes) begin(0.2, newStory('agent lost', cast.known().number, manners({ dies: true })));
  lunch({ begin, manners, cast });
  afternoon({ begin, manners, cast });
  ordinary({ random, rate: rate * minutes, begin, manners, cast });
  return scenes.sort((a, b) => a.at - b.at);
}

interface Writing {
  begin(part: number, story: Story, after?: Story): void;
  manners(own?: Partial<Manners>): Partial<Manners>;
  readonly cast: Cast;
}

const numberOf = (client: CastClient): string => client.number;

function morning({ begin, manners, cast }: Writing): void {
  begin(0.0, newStory('known', numberOf(cast.withManager()), manners()));
  begin(0.02, newStory('unknown', cast.unknown(), manners()));
  begin(0.05, newStory('vip', numberOf(cast.vip()), manners({ endsBy: 'client' })));
  begin(0.12, newStory('hidden', '', manners()));
  begin(0.15, newStory('short abandon', cast.unknown(), { ringMs: 60_000 }));
  begin(0.18, newStory('declined', numberOf(cast.known()), manners({ declines: 1 })));
  const twice = numberOf(cast.known());
  begin(0.22, newStory('two at once', twice, manners({ endsBy: 'agent' })));
  begin(0.225, newStory('two at once', twice, manners({ endsBy: 'agent' })));
  begin(0.28, newStory('hold', numberOf(cast.known()), manners({ holdMs: 2_500 })));
  begin(0.32, newStory('client hangs up', numberOf(cast.known()), manners({ endsBy: 'client' })));
  begin(0.34, newStory('agent hangs up', numberOf(cast.known()), manners({ endsBy: 'agent' })));
}

function lunch({ begin, manners, cast }: Writing): void {
  begin(0.41, newStory('voice message', cast.unknown(), { declines: 99, ringMs: 500 }));
  const asks = cast.withManager();
  const asking = newStory('callback', asks.number, { declines: 99, ringMs: 500 });
  begin(0.42, asking);
  begin(0.43, newStory('long abandon', numberOf(cast.known()), { ringMs: 60_000 }));
  const comesBack = cast.unknown();
  const missed = newStory('missed first', comesBack, { ringMs: 60_000 });
  begin(0.44, missed);
  begin(0.47, newStory('waits', numberOf(cast.known()), manners()));
  begin(0.7, newStory('known', comesBack, manners()), missed);
  begin(0.75, newStory('calls back', asks.number, manners({ endsBy: 'agent' })), asking);
}

function afternoon({ begin, manners, cast }: Writing): void {
  begin(0.54, newStory('nobody picks up', numberOf(cast.known()), manners({ ignores: 1 })));
  begin(0.58, newStory('phantom ring', numberOf(cast.known()), manners({ phantoms: 1 })));
  begin(0.62, newStory('reload', numberOf(cast.known()), manners({ reloads: true })));
  begin(0.6, newStory('out busy', cast.fails('00'), manners()));
  begin(0.66, newStory('out answered', numberOf(cast.known()), manners({ endsBy: 'agent' })));
  begin(0.78, newStory('out no answer', cast.fails('01'), manners()));
  begin(0.82, newStory('out wrong number', cast.fails('03'), manners()));
  begin(0.86, newStory('out refused', cast.fails('02'), manners()));
}

/** What fills the day: people whom we know or not, at any time but lunch's end. */
function ordinary({ random, rate, begin, manners, cast }: Writing & { random: Random; rate: number }): void {
  for (let i = 0; i < Math.round(rate); i++) {
    const at = random.int(0, 950) / 1000;
    const story = random.chance(0.25)
      ? newStory('unknown', cast.unknown(), manners())
      : newStory('known', numberOf(cast.known()), manners());
    begin(at, story);
  }
}
