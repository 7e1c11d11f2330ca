import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Hearing,
  type HearingState,
  hear,
  hearingLimits,
  type MediaCounters,
  MIC_SILENT_AFTER_MS,
  REPORTS_GONE_AFTER_MS,
  SILENT_AFTER_MS,
  startHearing,
} from '../../softphone/phone/hearing.ts';
import { type HearingGrade, hearingGrades, type Patience, steady, steadyGood } from '../../softphone/phone/steady.ts';
import { hearingMessage } from '../../softphone/workspace/hearing-words.ts';

const PACKETS = 50;

/** What one second of a call brings; all is well where nothing is said. */
interface Second {
  readonly received?: number;
  readonly lost?: number;
  readonly jitterMs?: number;
  /** Share of what was played, 0 to 1. */
  readonly concealed?: number;
  /** Root mean square of the microphone, 0 to 1; null: the browser does not say it. */
  readonly voice?: number | null;
  readonly muted?: boolean;
  /** A receiver report that comes in this second. */
  readonly report?: { readonly lossPercent?: number; readonly rttMs?: number };
}

const first: MediaCounters = {
  atMs: 1_000_000,
  received: 1000,
  lost: 3,
  jitterMs: 4,
  samples: 8000,
  concealed: 0,
  sent: 1000,
  report: null,
  voice: { energy: 1, seconds: 10 },
};

function after(counters: MediaCounters, second: Second): MediaCounters {
  const atMs = counters.atMs + 1000;
  const rms = second.voice === undefined ? 0.05 : second.voice;
  return {
    atMs,
    received: counters.received + (second.received ?? PACKETS),
    lost: counters.lost + (second.lost ?? 0),
    jitterMs: second.jitterMs ?? 4,
    samples: counters.samples + 8000,
    concealed: counters.concealed + 8000 * (second.concealed ?? 0),
    sent: counters.sent + PACKETS,
    report:
      second.report === undefined
        ? counters.report
        : { atMs, lossPercent: second.report.lossPercent ?? 0, rttMs: second.report.rttMs ?? 20 },
    voice:
      rms === null || counters.voice === null
        ? null
        : { energy: counters.voice.energy + rms * rms, seconds: counters.voice.seconds + 1 },
  };
}

/** The verdict after each of these seconds. */
function verdicts(seconds: readonly Second[], from: MediaCounters = first): Hearing[] {
  let state: HearingState = startHearing(from);
  return seconds.map((second) => {
    state = hear(state, after(state.counters, second), second.muted ?? false);
    return state.verdict;
  });
}
const last = (seconds: readonly Second[]): Hearing | undefined => verdicts(seconds).at(-1);
const times = (count: number, second: Second): Second[] => Array.from({ length: count }, () => second);

describe('what I hear', () => {
  it.each<[string, Second, HearingGrade]>([
    ['nothing wrong', {}, 'good'],
    ['one packet lost', { received: 49, lost: 1 }, 'fair'],
    ['a tenth lost', { received: 45, lost: 5 }, 'bad'],
    ['jitter', { jitterMs: hearingLimits.fair.jitterMs }, 'fair'],
    ['much jitter', { jitterMs: hearingLimits.bad.jitterMs }, 'bad'],
    ['packets too late to be played', { concealed: 0.05 }, 'fair'],
    ['many packets too late', { concealed: 0.2 }, 'bad'],
    ['a counter that goes back', { lost: -3 }, 'good'],
  ])('%s', (_what, second, grade) => {
    expect(last(times(3, second))?.youHear).toBe(grade);
  });

  it('is not called bad for one bad second, and not good for one good one', () => {
    const bad = { received: 40, lost: 10 };
    expect(last([{}, bad])?.youHear).toBe('good');
    expect(last([{}, bad, bad])?.youHear).toBe('bad');
    expect(last([bad, bad, {}, {}, {}])?.youHear).toBe('bad');
    expect(last([bad, bad, {}, {}, {}, {}])?.youHear).toBe('good');
  });

  it('does not flicker around a limit: what was passed holds down to its lower edge', () => {
    const over = { jitterMs: hearingLimits.fair.jitterMs + 1 };
    const under = { jitterMs: hearingLimits.fair.jitterMs - 1 };
    const wavering = Array.from({ length: 40 }, (_, i) => (i % 7 < 3 ? over : under));
    const shown = verdicts([over, over, ...wavering]).map(({ youHear }) => youHear);
    expect(new Set(shown.slice(1))).toEqual(new Set(['fair']));
    expect(last([over, over, ...times(4, { jitterMs: hearingLimits.fair.jitterMs / 2 })])?.youHear).toBe('good');
  });

  it('is silent after three seconds without a packet, and no longer with the first one that comes', () => {
    const quiet = { received: 0 };
    const shown = verdicts([{}, quiet, quiet, quiet, {}]).map(({ youHear }) => youHear);
    expect(shown).toEqual(['good', 'good', 'good', 'silent', 'good']);
    expect(SILENT_AFTER_MS).toBe(3000);
  });
});

describe('what they hear', () => {
  it.each<[string, Second['report'], HearingGrade]>([
    ['a clean report', {}, 'good'],
    ['loss', { lossPercent: 3 }, 'fair'],
    ['much loss', { lossPercent: 8 }, 'bad'],
    ['a long way', { rttMs: 350 }, 'fair'],
    ['a very long way', { rttMs: 900 }, 'bad'],
  ])('%s', (_what, report, grade) => {
    expect(last([{}, { report: report ?? {} }])?.theyHear).toBe(grade);
  });

  it('stays as it was between reports, and takes two good ones to recover', () => {
    const bad = { report: { lossPercent: 20 } };
    expect(last([bad, {}, {}, {}, {}])?.theyHear).toBe('bad');
    expect(last([bad, {}, { report: {} }, {}, {}])?.theyHear).toBe('bad');
    expect(last([bad, {}, { report: {} }, {}, { report: {} }])?.theyHear).toBe('good');
  });

  it('is nothing when reports have stopped, and unknown, thus good, where there never was one', () => {
    const seconds = REPORTS_GONE_AFTER_MS / 1000;
    expect(last(times(seconds * 2, {}))?.theyHear).toBe('good');
    expect(last([{ report: {} }, ...times(seconds - 1, {})])?.theyHear).toBe('good');
    expect(last([{ report: {} }, ...times(seconds, {})])?.theyHear).toBe('silent');
    expect(last([{ report: {} }, ...times(seconds, {}), { report: {} }])?.theyHear).toBe('good');
  });
});

describe('my microphone', () => {
  const seconds = MIC_SILENT_AFTER_MS / 1000;
  it('that gives not the least noise is said to be silent', () => {
    expect(last(times(seconds - 1, { voice: 0 }))).toMatchObject({ micSilent: false, theyHear: 'good' });
    expect(last(times(seconds, { voice: 0 }))).toMatchObject({ micSilent: true, theyHear: 'silent' });
    expect(last([...times(seconds, { voice: 0 }), {}])).toMatchObject({ micSilent: false, theyHear: 'good' });
  });
  it.each<[string, Second]>([
    ['in a very quiet room', { voice: 1e-4 }],
    ['that is muted', { voice: 0, muted: true }],
    ['of a browser that does not say it', { voice: null }],
  ])('%s is not', (_what, second) => {
    expect(last(times(seconds * 3, second))?.micSilent).toBe(false);
  });
});

describe('a grade that does not flicker', () => {
  const grade = fc.constantFrom(...hearingGrades);
  const heard = fc.constantFrom<HearingGrade>('good', 'fair', 'bad');
  const patience = fc.record({ worse: fc.integer({ min: 1, max: 4 }), better: fc.integer({ min: 1, max: 6 }) });
  const rank = (one: HearingGrade): number => hearingGrades.indexOf(one);
  const shown = (grades: readonly HearingGrade[], waits: Patience): HearingGrade[] => {
    let state = steadyGood;
    return grades.map((one) => {
      state = steady(state, one, waits);
      return state.shown;
    });
  };

  it('reaches what lasts', () => {
    fc.assert(
      fc.property(fc.array(grade), grade, patience, (grades, end, waits) => {
        const lasting = Array.from({ length: 2 * Math.max(waits.worse, waits.better) }, () => end);
        expect(shown([...grades, ...lasting], waits).at(-1)).toBe(end);
      }),
    );
  });

  it('never shows what was not there: between two changes lie as many grades as patience asks for', () => {
    fc.assert(
      fc.property(fc.array(heard, { minLength: 1 }), patience, (grades, waits) => {
        const seen = shown(grades, waits);
        let before: HearingGrade = 'good';
        let since = 0;
        seen.forEach((now, i) => {
          since += 1;
          if (now === before) return;
          const isWorse = rank(now) > rank(before);
          const run = isWorse ? waits.worse : waits.better;
          expect(since).toBeGreaterThanOrEqual(run);
          const ranks = grades.slice(i + 1 - run, i + 1).map(rank);
          // the cautious one of the run that led to it
          expect(rank(now)).toBe(isWorse ? Math.min(...ranks) : Math.max(...ranks));
          before = now;
          since = 0;
        });
      }),
    );
  });

  it('takes silence at its word at once', () => {
    fc.assert(
      fc.property(fc.array(grade), heard, patience, (grades, next, waits) => {
        expect(shown([...grades, 'silent'], waits).at(-1)).toBe('silent');
        expect(shown([...grades, 'silent', next], waits).at(-1)).toBe(next);
      }),
    );
  });
});

describe('both sides in one sentence', () => {
  const well: Hearing = {
    youHear: 'good',
    theyHear: 'good',
    micSilent: false,
    lossPercent: 0,
    jitterMs: 0,
    rttMs: null,
  };
  it.each<[Partial<Hearing>, string]>([
    [{}, 'hearing.good'],
    [{ youHear: 'fair' }, 'hearing.fair'],
    [{ theyHear: 'fair' }, 'hearing.fair'],
    [{ youHear: 'bad' }, 'hearing.youBad'],
    [{ theyHear: 'bad', youHear: 'fair' }, 'hearing.theyBad'],
    [{ youHear: 'bad', theyHear: 'bad' }, 'hearing.bothBad'],
    [{ youHear: 'silent', theyHear: 'bad' }, 'hearing.youSilent'],
    [{ theyHear: 'silent', youHear: 'silent' }, 'hearing.theySilent'],
    [{ micSilent: true, theyHear: 'silent', youHear: 'silent' }, 'hearing.micSilent'],
  ])('%j is %s', (change, key) => {
    expect(hearingMessage({ ...well, ...change })).toBe(key);
  });
});
