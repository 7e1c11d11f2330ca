import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newerBoard } from '../../softphone/state/board.ts';
import {
  type AgentState,
  agentRows,
  agentState,
  agentStates,
  countStates,
  stateLevel,
} from '../../softphone/supervisor/agent-states.ts';
import { meanMs, netAbandonRate, percentOf } from '../../softphone/supervisor/figures.ts';
import { healthLevel, levelOfService, owedLevel, staffLevel, waitingLevel } from '../../softphone/supervisor/levels.ts';
import {
  countReading,
  meanReading,
  percentText,
  shareReading,
  timeReading,
} from '../../softphone/supervisor/metrics.ts';
import { queueRows } from '../../softphone/supervisor/queue-rows.ts';
import { agent, agentDay, board, boardQueue, caller, figures, goldenDay } from './board-samples.ts';

const share = (numerator: number, denominator: number) => ({ numerator, denominator });

describe('a share in per cent', () => {
  it.each([
    [860, 1050, 81.9],
    [50, 1050, 4.8],
    [1, 16, 6.3],
    [1, 8, 12.5],
    [1, 3, 33.3],
    [2, 3, 66.7],
    [0, 7, 0],
    [7, 7, 100],
    [1, 2000, 0.1],
  ])('%i of %i is %d', (numerator, denominator, percent) => {
    expect(percentOf(share(numerator, denominator))).toBe(percent);
  });

  it('of nothing is none, not 0', () => {
    expect(percentOf(share(0, 0))).toBeNull();
  });

  it('is never further than 0.05 from the fraction, and rounds a half up', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), fc.integer({ min: 1, max: 100_000 }), (part, whole) => {
        const tenths = BigInt(Math.round((percentOf(share(part, whole)) ?? Number.NaN) * 10));
        const twice = 2n * (1000n * BigInt(part) - tenths * BigInt(whole));
        expect(twice >= -BigInt(whole) && twice < BigInt(whole)).toBe(true);
      }),
    );
  });
});

describe('a mean', () => {
  it('is half up to 0.1 s, and none of nothing', () => {
    expect(meanMs(386_400, 12)).toBe(32_200);
    expect(meanMs(250, 1)).toBe(300);
    expect(meanMs(249, 1)).toBe(200);
    expect(meanMs(0, 0)).toBeNull();
  });
});

it('the abandon rate leaves short ones out on both sides', () => {
  expect(netAbandonRate(goldenDay)).toEqual(share(50, 1050));
});

describe('a figure as it is read', () => {
  it('has the fraction behind it', () => {
    expect(shareReading('sl_day', share(860, 1050), 'ru')).toEqual({
      metric: 'sl_day',
      text: '81,9\u00a0%',
      fraction: '860 / 1050',
    });
    expect(meanReading('asa', 386_400, 12, 'en')).toEqual({
      metric: 'asa',
      text: '00:32',
      fraction: '06:26 / 12 = 32.2s',
    });
  });

  it('is a dash where there is nothing to divide by, or nothing is known', () => {
    expect(percentText(null, 'en')).toBe('–');
    expect(shareReading('sl_day', share(0, 0), 'en')).toMatchObject({ text: '–', fraction: '0 / 0' });
    expect(shareReading('sl_day', undefined, 'en')).toMatchObject({ text: '–', fraction: null });
    expect(meanReading('aht', 0, 0, 'ru')).toMatchObject({ text: '–', fraction: '00:00 / 0' });
    expect(countReading('offered', undefined).text).toBe('–');
    expect(timeReading('longest', 0).text).toBe('–');
  });

  it('of no calls is 0 where it is a count', () => {
    expect(countReading('offered', 0).text).toBe('0');
  });
});

describe('the level of a tile', () => {
  it('of those who wait is trouble past the time of the formula', () => {
    expect(waitingLevel(0, 0, 20)).toBe('calm');
    expect(waitingLevel(20_000, 1, 20)).toBe('attention');
    expect(waitingLevel(20_001, 1, 20)).toBe('trouble');
  });

  it('of the service is that of the last half hour; of the day when nobody called in it', () => {
    expect(levelOfService(share(1, 10), share(8, 10))).toBe('calm');
    expect(levelOfService(share(10, 10), share(79, 100))).toBe('attention');
    expect(levelOfService(share(10, 10), share(69, 100))).toBe('trouble');
    expect(levelOfService(share(69, 100), share(0, 0))).toBe('trouble');
    expect(levelOfService(share(0, 0), share(0, 0))).toBe('calm');
  });

  it('of what is owed, of the staff, of the system', () => {
    expect(owedLevel({ open: 0, overdue: 0, unowned: 0 })).toBe('calm');
    expect(owedLevel({ open: 2, overdue: 0, unowned: 0 })).toBe('attention');
    expect(owedLevel({ open: 2, overdue: 1, unowned: 0 })).toBe('trouble');
    expect(staffLevel({ available: 1, missing: 0 }, 3)).toBe('calm');
    expect(staffLevel({ available: 1, missing: 1 }, 0)).toBe('attention');
    expect(staffLevel({ available: 0, missing: 0 }, 0)).toBe('attention');
    expect(staffLevel({ available: 0, missing: 0 }, 1)).toBe('trouble');
    expect(healthLevel(true, 0)).toBe('calm');
    expect(healthLevel(true, 1)).toBe('attention');
    expect(healthLevel(false, 0)).toBe('trouble');
  });
});

describe('the state of an agent', () => {
  const signedIn = { status: 'not_ready', reason: 'signed_in' } as const;
  it.each<[AgentState, Parameters<typeof agent>[0]]>([
    ['available', {}],
    ['on_call', { busy: 'on_call', onShift: false }],
    ['ringing', { busy: 'ringing' }],
    ['wrap_up', { busy: 'wrap_up', status: 'not_ready', reason: 'lunch' }],
    ['not_ready', { status: 'not_ready', reason: 'lunch' }],
    // away from his desk on purpose
    ['not_ready', { status: 'not_ready', reason: 'lunch', phone: false }],
    ['missing', { phone: false }],
    ['missing', signedIn],
    ['missing', { ...signedIn, phone: false }],
    ['off', { onShift: false }],
    ['off', { ...signedIn, onShift: false, phone: false }],
    ['off', { ...signedIn, role: 'supervisor', phone: false }],
    ['available', { role: 'supervisor' }],
  ])('is %s when %o', (state, change) => {
    expect(agentState(agent(change))).toBe(state);
  });

  it('puts those in trouble first, and within a state who is in it longest', () => {
    const rows = agentRows(
      [
        agent({ id: 1, since: '2026-03-10T12:00:00Z' }),
        agent({ id: 2, since: '2026-03-10T11:00:00Z' }),
        agent({ id: 3, phone: false }),
        agent({ id: 4, onShift: false }),
        agent({ id: 5, busy: 'wrap_up' }),
      ],
      [agentDay(2, { talks: 4 })],
    );
    expect(rows.map((row) => row.agent.id)).toEqual([3, 5, 2, 1, 4]);
    expect(rows.map((row) => row.day?.talks ?? null)).toEqual([null, null, 4, null, null]);
    expect(countStates(rows)).toEqual({
      missing: 1,
      not_ready: 0,
      wrap_up: 1,
      ringing: 0,
      on_call: 0,
      available: 2,
      off: 1,
    });
  });

  it('may last too long, but for those that may last', () => {
    const levels = (state: AgentState, reason = ''): string[] =>
      [30, 70, 200, 1300, 4000].map((seconds) => stateLevel(state, reason, seconds * 1000));
    expect(levels('wrap_up')).toEqual(['calm', 'attention', 'trouble', 'trouble', 'trouble']);
    expect(levels('on_call')).toEqual(['calm', 'calm', 'calm', 'trouble', 'trouble']);
    expect(levels('not_ready', 'break')).toEqual(['calm', 'calm', 'calm', 'attention', 'trouble']);
    expect(levels('not_ready', 'lunch')).toEqual(['calm', 'calm', 'calm', 'calm', 'trouble']);
    expect(levels('not_ready', 'training')).toEqual(Array(5).fill('calm'));
    expect(levels('available')).toEqual(Array(5).fill('calm'));
    expect(levels('off')).toEqual(Array(5).fill('calm'));
  });

  it('never calls a short time longer than a long one', () => {
    const order = ['calm', 'attention', 'trouble'];
    fc.assert(
      fc.property(fc.constantFrom(...agentStates), fc.nat(1e7), fc.nat(1e7), (state, first, more) => {
        const shorter = order.indexOf(stateLevel(state, '', first));
        expect(order.indexOf(stateLevel(state, '', first + more))).toBeGreaterThanOrEqual(shorter);
      }),
    );
  });
});

describe('the queues', () => {
  const queue = (id: number, name: string, ...since: string[]) => ({
    id,
    name,
    waiting: since.map((at) => caller(at)),
  });

  it('come in the order of trouble: the longest wait, then the worse half hour, then the worse day', () => {
    const rows = queueRows(
      [
        queue(1, 'A'),
        queue(2, 'B'),
        queue(3, 'C', '2026-03-10T12:00:10Z'),
        queue(4, 'D', '2026-03-10T12:00:30Z', '2026-03-10T12:00:05Z'),
        queue(5, 'E'),
        queue(6, 'F'),
      ],
      board({
        queues: [
          boardQueue({ id: 1, recentServiceLevel: share(9, 10), serviceLevel: share(9, 10) }),
          boardQueue({ id: 2, recentServiceLevel: share(5, 10), serviceLevel: share(9, 10) }),
          boardQueue({ id: 5, serviceLevel: share(1, 10) }),
        ],
      }),
    );
    expect(rows.map(({ id }) => id)).toEqual([4, 3, 2, 1, 5, 6]);
    expect(rows[0]?.longestSince).toBe('2026-03-10T12:00:05Z');
  });

  it('that are gone keep their day; those without a day have none', () => {
    const gone = boardQueue({ id: 9, name: 'Old', figures: figures({ offered: 3 }) });
    expect(queueRows([queue(1, 'New')], board({ queues: [gone] }))).toEqual([
      { id: 1, name: 'New', waiting: [], longestSince: null, today: null },
      { id: 9, name: 'Old', waiting: [], longestSince: null, today: gone },
    ]);
    expect(queueRows([queue(1, 'New')], undefined)).toHaveLength(1);
  });
});

describe('of two boards', () => {
  it('the one that knows more is shown; of equal ones the later', () => {
    const held = board({ seq: 5, at: '2026-03-10T12:00:00.000Z' });
    const older = board({ seq: 4, at: '2026-03-10T12:00:09.000Z' });
    const newer = board({ seq: 6, at: '2026-03-10T11:59:59.000Z' });
    const later = board({ seq: 5, at: '2026-03-10T12:00:09.000Z' });
    expect(newerBoard(undefined, older)).toBe(older);
    expect(newerBoard(held, older)).toBe(held);
    expect(newerBoard(held, newer)).toBe(newer);
    expect(newerBoard(held, later)).toBe(later);
    expect(newerBoard(later, held)).toBe(later);
  });
});
