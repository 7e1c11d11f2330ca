import { type HearingGrade, type Patience, type Steady, steady, steadyGood } from './steady.ts';

/** What the other side's last receiver report (RFC 3550 section 6.4) says of our voice. */
export interface ReceiverReport {
  /** ms, when it came; tells a new report from the last one. */
  readonly atMs: number;
  readonly lossPercent: number;
  readonly rttMs: number | null;
}

/** What one moment of getStats says about a call; counters since its start. */
export interface MediaCounters {
  /** ms, of the sample. */
  readonly atMs: number;
  readonly received: number;
  readonly lost: number;
  readonly jitterMs: number;
  /** Samples played, and those among them that were made up for what did not come in time. */
  readonly samples: number;
  readonly concealed: number;
  readonly sent: number;
  /** null before the first one, and in browsers that keep it to themselves. */
  readonly report: ReceiverReport | null;
  /** Energy and length of what the microphone gave, as in the statistics' `media-source`; null where it is not said. */
  readonly voice: { readonly energy: number; readonly seconds: number } | null;
}

/** How well both sides of a call hear. */
export interface Hearing {
  readonly youHear: HearingGrade;
  readonly theyHear: HearingGrade;
  /** Why they hear nothing: the microphone gives no sound at all. */
  readonly micSilent: boolean;
  /** Of the last interval. */
  readonly lossPercent: number;
  readonly jitterMs: number;
  readonly rttMs: number | null;
}

interface Figures {
  readonly lossPercent: number;
  readonly concealedPercent: number;
  readonly jitterMs: number;
  readonly rttMs: number;
}

/**
 * From here on listeners notice: E-model figures for G.711 with concealment. Jitter that the browser's buffer takes in is
 * heard as delay only; what it does not take in counts as concealed too.
 */
export const hearingLimits: Readonly<Record<'fair' | 'bad', Figures>> = {
  fair: { lossPercent: 2, concealedPercent: 4, jitterMs: 50, rttMs: 300 },
  bad: { lossPercent: 6, concealedPercent: 12, jitterMs: 100, rttMs: 600 },
};

/** A grade is left again only below this share of its limit. */
const LEAVE_AT = 0.7;

/** Nothing is heard from the other side when no packet comes for so long. */
export const SILENT_AFTER_MS = 3000;
/** A microphone that gives not the least noise for so long is switched off somewhere, or dead. */
export const MIC_SILENT_AFTER_MS = 5000;
/** The smallest step of 16 bits is 3e-5 of full scale: below it there is no room, no breath, nothing. */
const DIGITAL_SILENCE_RMS = 2e-5;
/** Reports come every 2.5 to 7.5 s: three lost ones say that our voice does not arrive. */
export const REPORTS_GONE_AFTER_MS = 20_000;

/** Samples come each second. */
const OWN_PATIENCE: Patience = { worse: 2, better: 4 };
/** A report sums up seconds already: one bad one is believed. */
const REPORT_PATIENCE: Patience = { worse: 1, better: 2 };

/** Everything that a verdict needs from the past. */
export interface HearingState {
  readonly counters: MediaCounters;
  readonly packetAtMs: number;
  readonly voiceAtMs: number;
  readonly you: Steady;
  readonly they: Steady;
  readonly verdict: Hearing;
}

const unheard: Hearing = {
  youHear: 'good',
  theyHear: 'good',
  micSilent: false,
  lossPercent: 0,
  jitterMs: 0,
  rttMs: null,
};

/** The first sample: there is nothing to compare it with, so all is well so far. */
export function startHearing(counters: MediaCounters): HearingState {
  const { atMs } = counters;
  return { counters, packetAtMs: atMs, voiceAtMs: atMs, you: steadyGood, they: steadyGood, verdict: unheard };
}

/**
 * The verdict after one more sample. Pure.
 * @param muted what the microphone gives says nothing then
 */
export function hear(before: HearingState, counters: MediaCounters, muted: boolean): HearingState {
  const packetAtMs = counters.received > before.counters.received ? counters.atMs : before.packetAtMs;
  const voiceAtMs = muted || hasVoice(before.counters, counters) ? counters.atMs : before.voiceAtMs;
  const figures = inbound(before.counters, counters);
  const you = steady(before.you, youHear(figures, counters.atMs - packetAtMs, before.you.shown), OWN_PATIENCE);
  const they = theyHear(before, counters);
  const micSilent = counters.atMs - voiceAtMs >= MIC_SILENT_AFTER_MS;
  return {
    counters,
    packetAtMs,
    voiceAtMs,
    you,
    they,
    verdict: {
      youHear: you.shown,
      theyHear: micSilent ? 'silent' : they.shown,
      micSilent,
      lossPercent: figures.lossPercent,
      jitterMs: Math.round(figures.jitterMs),
      rttMs: counters.report?.rttMs ?? null,
    },
  };
}

function youHear(figures: Figures, quietMs: number, shown: HearingGrade): HearingGrade {
  return quietMs >= SILENT_AFTER_MS ? 'silent' : gradeOf(figures, shown);
}

/** What the receiver reports say; between two of them nothing changes. */
function theyHear({ counters: last, they }: HearingState, { atMs, report }: MediaCounters): Steady {
  if (report === null) return they;
  if (atMs - report.atMs >= REPORTS_GONE_AFTER_MS) return { shown: 'silent', run: [] };
  if (report.atMs === last.report?.atMs) return they;
  const figures = { lossPercent: report.lossPercent, concealedPercent: 0, jitterMs: 0, rttMs: report.rttMs ?? 0 };
  return steady(they, gradeOf(figures, they.shown), REPORT_PATIENCE);
}

function inbound(before: MediaCounters, after: MediaCounters): Figures {
  const received = Math.max(0, after.received - before.received);
  const lost = Math.max(0, after.lost - before.lost);
  const concealed = Math.max(0, after.concealed - before.concealed);
  return {
    lossPercent: percent(lost, received + lost),
    concealedPercent: percent(concealed, after.samples - before.samples),
    jitterMs: after.jitterMs,
    rttMs: 0,
  };
}

const percent = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.round((part / whole) * 1000) / 10);

function hasVoice({ voice: before }: MediaCounters, { voice: after }: MediaCounters): boolean {
  // a browser that does not say it, a new microphone whose counters begin again, an interval without samples
  if (before === null || after === null || after.seconds <= before.seconds) return true;
  return Math.sqrt((after.energy - before.energy) / (after.seconds - before.seconds)) > DIGITAL_SILENCE_RMS;
}

/** The grade of one interval; a limit that was passed before holds down to its lower edge. */
export function gradeOf(figures: Figures, shown: HearingGrade): HearingGrade {
  const past = (grade: 'fair' | 'bad', held: boolean): boolean => {
    const limit = hearingLimits[grade];
    const share = held ? LEAVE_AT : 1;
    return (['lossPercent', 'concealedPercent', 'jitterMs', 'rttMs'] as const).some(
      (name) => figures[name] >= limit[name] * share,
    );
  };
  if (past('bad', shown === 'bad')) return 'bad';
  return past('fair', shown === 'bad' || shown === 'fair') ? 'fair' : 'good';
}
