import { describe, expect, it } from 'vitest';
import { callByCall } from '../../demo/day/call-by-call.ts';
import { type Accounts, compare } from '../../demo/day/compare.ts';
import { type FigureName, leastToleranceMs, noFigures, ownFigures } from '../../demo/day/figures.ts';
import { expectedOwed, owedBetween } from '../../demo/day/owed.ts';
import { type CallRow, type Records, recordedFigures } from '../../demo/day/records.ts';
import { newStory, type Story } from '../../demo/day/story.ts';
import { strangersIn } from '../../demo/day/strangers.ts';

const thresholds = { answerSeconds: 20, shortAbandonSeconds: 5 };

const answered = (waitMs: number, talkMs = 4_000): Story => ({
  ...newStory('known', '+79160000001'),
  arrivedAt: 0,
  answeredAt: waitMs,
  talkFrom: waitMs,
  endedAt: waitMs + talkMs,
  closedAt: waitMs + talkMs + 1_000,
  outcome: 'answered',
  rings: [{ offerId: 'o', userId: 1, result: 'accepted', told: null }],
});
const abandoned = (waitMs: number): Story => ({
  ...newStory('short abandon', '+79160000002'),
  arrivedAt: 0,
  endedAt: waitMs,
  outcome: 'abandoned',
});

const row = (id: string, more: Partial<CallRow> = {}): CallRow => ({
  id,
  direction: 'in',
  state: 'closed',
  peer: '+79160000001',
  clientId: 1,
  queueId: 1,
  result: 'client_hung_up',
  arrivedAt: 0,
  answeredAt: 2_000,
  endedAt: 6_000,
  closedAt: 7_000,
  ...more,
});
const records = (calls: CallRow[], more: Partial<Records> = {}): Records => ({
  calls,
  offers: [],
  events: [],
  older: 0,
  ...more,
});

describe("the script's own figures", () => {
  it('count a talk with its wait, and each sum with the tolerance of its watch', () => {
    const { figures, range } = ownFigures([answered(2_000), answered(3_000)], thresholds);
    expect(figures).toMatchObject({ offered: 2, answered: 2, answeredInTime: 2, talks: 2, ringsTaken: 2 });
    expect(figures.answeredWaitMs).toBe(5_000);
    expect(range.answeredWaitMs).toEqual([5_000 - 2 * leastToleranceMs, 5_000 + 2 * leastToleranceMs]);
    expect(range.offered).toEqual([2, 2]);
  });

  it('leave open what is nearer to a threshold than the watch can tell', () => {
    const near = ownFigures(
      [answered(20_000 - leastToleranceMs / 2), abandoned(5_000 + leastToleranceMs / 2)],
      thresholds,
    );
    expect(near.range.answeredInTime).toEqual([0, 1]);
    expect(near.range.shortAbandoned).toEqual([0, 1]);
    expect(near.range.abandoned).toEqual([1, 1]);
    const far = ownFigures([answered(20_001 + leastToleranceMs), abandoned(2_000)], thresholds);
    expect(far.range.answeredInTime).toEqual([0, 0]);
    expect(far.range.shortAbandoned).toEqual([1, 1]);
  });

  it('count a ring of which only the screen heard: he gave up before the phone rang', () => {
    const rings: Story['rings'] = [{ offerId: 'o', userId: 1, result: null, told: 'client_gone' }];
    expect(ownFigures([{ ...abandoned(2_000), rings }], thresholds).figures).toMatchObject({ rings: 1, ringsTaken: 0 });
  });

  it('do not count a call that was never placed', () => {
    expect(ownFigures([newStory('known', '+79160000003')], thresholds).figures).toEqual(noFigures());
  });
});

describe('the figures of the rows', () => {
  it('tell a message and a callback from a caller who gave up, and two talks of a call that was given back', () => {
    const event = (interactionId: string, type: string, talkMs: number | null = null) => ({
      interactionId,
      type,
      talkMs,
    });
    const figures = recordedFigures(
      records(
        [
          row('a', { answeredAt: null, result: 'abandoned', endedAt: 6_000 }),
          row('b', { answeredAt: null, result: 'voicemail' }),
          row('c', { answeredAt: null, result: 'callback_requested' }),
          row('d', { direction: 'out', answeredAt: null, result: 'busy' }),
          row('e', { endedAt: 50_000 }),
        ],
        {
          events: [
            event('b', 'interaction.diverted'),
            event('b', 'interaction.voicemail'),
            event('c', 'interaction.callback_requested'),
            event('d', 'interaction.closed'),
            event('e', 'interaction.returned', 31_000),
            event('e', 'interaction.ended', 2_000),
          ],
        },
      ),
      thresholds,
    );
    expect(figures).toMatchObject({
      ...{ offered: 4, answered: 1, abandoned: 1, abandonedWaitMs: 6_000, shortAbandoned: 0, flowedOut: 2 },
      ...{ voicemails: 1, callbacksRequested: 1, dialled: 1, reached: 0, wrapUps: 1 },
      ...{ returned: 1, talks: 2, talkMs: 33_000 },
    });
  });
});

describe('compare', () => {
  const agreeing = (): Accounts => {
    const own = ownFigures([answered(2_000)], thresholds);
    const board = { ...own.figures };
    return {
      script: own,
      board,
      journal: { ...board },
      timelines: { figures: { offered: 1, talks: 1 }, answeredWaitSeconds: 2, talkSeconds: 4 },
      seconds: { answeredWaitSeconds: 2, talkSeconds: 4 },
      owed: { script: { open: 1, closed: 0 }, board: 1, ledger: { open: 1, closed: 0 } },
    };
  };
  const differing = (accounts: Accounts): string[] =>
    compare(accounts)
      .filter(({ agrees }) => !agrees)
      .map(({ name }) => name);

  it('finds nothing when all agree', () => {
    expect(differing(agreeing())).toEqual([]);
  });

  it.each<FigureName>(['offered', 'rings', 'talkMs', 'wrapUpMs'])('finds the board wrong by one in %s', (name) => {
    const accounts = agreeing();
    expect(differing({ ...accounts, board: { ...accounts.board, [name]: accounts.board[name] + 1 } })).toEqual([name]);
  });

  it('finds board and journal wrong together, by the watch of the script', () => {
    const accounts = agreeing();
    const wrong = { ...accounts.board, talkMs: accounts.board.talkMs + leastToleranceMs + 1 };
    expect(differing({ ...accounts, board: wrong, journal: wrong })).toEqual(['talkMs']);
  });

  it('finds a timeline that has a talk too few, or a second', () => {
    const accounts = agreeing();
    const timelines = { figures: { offered: 1, talks: 0 }, answeredWaitSeconds: 2, talkSeconds: 3 };
    expect(differing({ ...accounts, timelines })).toEqual(['talks', 'talkSeconds']);
  });

  it('finds people who are owed and should not be', () => {
    const accounts = agreeing();
    expect(differing({ ...accounts, owed: { ...accounts.owed, ledger: { open: 2, closed: 0 } } })).toEqual([
      'owedOpen',
    ]);
    const closed = { ...accounts.owed, ledger: { open: 1, closed: 1 } };
    expect(differing({ ...accounts, owed: closed })).toEqual(['owedClosed']);
  });
});

describe('call by call', () => {
  const talk = (more: Partial<Story> = {}): Story => ({ ...answered(2_000), interactionId: 'a', ...more });

  it('finds nothing in a call that is as its row says, within the watch', () => {
    const own = row('a', { answeredAt: 2_030, endedAt: 6_010 });
    expect(callByCall([talk()], records([own]), leastToleranceMs)).toEqual({ differences: [], largestMs: 30 });
  });

  it.each([
    ['a talk that was longer', row('a', { endedAt: 6_001 + leastToleranceMs })],
    ['a wait that was shorter, with as much more talk', row('a', { answeredAt: 1_999 - leastToleranceMs })],
    ['another end', row('a', { result: 'media_lost' })],
    ['another call', row('b')],
  ])('finds %s', (_what, own) => {
    expect(callByCall([talk()], records([own]), leastToleranceMs).differences).not.toEqual([]);
  });
});

describe('strangers', () => {
  const told = (calls: CallRow[], stories: Story[], more: Partial<Records> = {}) =>
    strangersIn({ records: records(calls, more), stories, scripted: new Set([1]) });

  it('are none where every row is a story, known by its id or by number and time', () => {
    const rung = { ...answered(2_000), interactionId: 'a' };
    const waiting = abandoned(3_000);
    expect(told([row('a'), row('b', { peer: waiting.number, arrivedAt: 40 })], [rung, waiting])).toEqual([]);
    expect(waiting.interactionId).toBe('b');
  });

  it('are a call of another number, one at another time, one that went on, and people who were rung', () => {
    const story = abandoned(3_000);
    const offers = [{ interactionId: 'a', userId: 2, result: 'accepted' }];
    expect(told([row('a')], [story], { offers, older: 1 })).toHaveLength(3);
    expect(told([row('a', { peer: story.number, arrivedAt: 60_000 })], [abandoned(3_000)])).toHaveLength(1);
  });
});

describe('people we owe', () => {
  const before = { clients: new Set([1, 9]), closed: 4 };

  it('are those whose last call nobody took, and no others', () => {
    const calls = [
      row('taken', { clientId: 1 }),
      row('missed', { clientId: 2, answeredAt: null, endedAt: 5_000 }),
      row('missed-then-taken', { clientId: 3, answeredAt: null, endedAt: 5_000 }),
      row('then-taken', { clientId: 3, answeredAt: 9_000 }),
      row('hidden', { clientId: 4, peer: '', answeredAt: null }),
      row('out', { clientId: 5, direction: 'out', answeredAt: null }),
    ];
    const taken = new Set(['taken', 'then-taken']);
    expect(expectedOwed(before, records(calls), (id) => taken.has(id))).toEqual({ open: 0, closed: 2 });
    expect(owedBetween(before, { clients: new Set([2, 9]), closed: 6 })).toEqual({ open: 0, closed: 2 });
  });
});
