import { setTimeout as sleep } from 'node:timers/promises';
import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { type ApiClient, ApiFailure } from '../actors/api-client.ts';
import { type Figures, noFigures } from './figures.ts';
import type { Records } from './records.ts';

/** What cards say; absent = a timeline does not tell. Waits and talks are in whole seconds there. */
export interface TimelineFigures {
  readonly figures: Partial<Figures>;
  readonly answeredWaitSeconds: number;
  readonly talkSeconds: number;
}

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1000));

/** Reads the entries of these calls from the cards of their clients. */
export async function readTimelines(client: ApiClient, { calls }: Records): Promise<TimelineEntry[]> {
  const ours = new Set(calls.map(({ id }) => id));
  const entries: TimelineEntry[] = [];
  for (const clientId of new Set(calls.map((call) => call.clientId)))
    entries.push(
      ...(await patiently(() => client.timelineOf(clientId))).filter((entry) => ours.has(entry.interactionId ?? '')),
    );
  return entries;
}

const againMs = 5_000;
const attempts = 15;

/** A long day has more cards than a minute allows requests. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.status !== 429 || attempt === attempts) throw error;
      await sleep(againMs);
    }
  }
}

/** The figures as somebody would count them who reads the cards. */
export function timelineFigures(entries: readonly TimelineEntry[]): TimelineFigures {
  const counted = noFigures();
  let answeredWaitSeconds = 0;
  let talkSeconds = 0;
  for (const { direction, status, result, waitSeconds, talkSeconds: talked } of entries) {
    const isAnswered = status === 'answered';
    // a call that was given back is one talk here: answered and reached say how many were talked to
    if (isAnswered) talkSeconds += talked ?? 0;
    if (direction === 'out') {
      counted.dialled++;
      if (isAnswered) counted.reached++;
      continue;
    }
    counted.offered++;
    if (isAnswered) {
      counted.answered++;
      answeredWaitSeconds += waitSeconds ?? 0;
    }
    if (result === 'abandoned' || result === 'short_abandoned') counted.abandoned++;
    if (result === 'short_abandoned') counted.shortAbandoned++;
    if (result === 'voicemail') counted.voicemails++;
    if (result === 'callback_requested') counted.callbacksRequested++;
    if (result === 'voicemail' || result === 'callback_requested') counted.flowedOut++;
  }
  const { offered, answered, abandoned, shortAbandoned, flowedOut } = counted;
  const { voicemails, callbacksRequested, dialled, reached } = counted;
  const figures = {
    ...{ offered, answered, abandoned, shortAbandoned, flowedOut },
    ...{ voicemails, callbacksRequested, dialled, reached },
  };
  return { figures, answeredWaitSeconds, talkSeconds };
}

/** What the cards should say of waits and talks, by the rows of the calls. */
export function expectedSeconds({ calls }: Records): { answeredWaitSeconds: number; talkSeconds: number } {
  let answeredWaitSeconds = 0;
  let talkSeconds = 0;
  for (const { direction, arrivedAt, answeredAt, endedAt } of calls) {
    if (answeredAt === null) continue;
    if (direction === 'in') answeredWaitSeconds += seconds(answeredAt - arrivedAt);
    if (endedAt !== null) talkSeconds += seconds(endedAt - answeredAt);
  }
  return { answeredWaitSeconds, talkSeconds };
}
