import { isLandline } from '../../clients/phone-number.ts';
import type { GateLine } from '../../contract/messages-schemas.ts';
import type { GateReason } from '../../contract/messages-words.ts';
import { countSms } from '../../contract/sms-text.ts';
import { shiftAt, type WorkSchedule } from '../../routing/work-schedule.ts';
import type { ConsentFact, GateFacts, SuppressionFact } from './facts.ts';

type Effect = GateLine['effect'];

/** What a rule found; null = nothing to say. */
interface Finding {
  readonly effect: Effect;
  readonly until?: number | null;
  readonly facts?: Readonly<Record<string, string>>;
}

/** Short messages of so many segments are mentioned. */
const manySegments = 4;
/** Temporary failures of an address until it counts as unreachable. */
export const softFailures = 5;

const about = ({ value, at, evidence }: { value: string; at: Date; evidence: string }): Record<string, string> => ({
  address: value,
  at: at.toISOString(),
  evidence,
});

/**
 * The latest word that covers this channel and purpose, of the addresses and of the person whatever the address. A word on
 * everything covers each channel and purpose.
 */
export function latestWord(
  consents: readonly ConsentFact[],
  { channel, purpose }: Pick<GateFacts, 'channel' | 'purpose'>,
): ConsentFact | null {
  const covering = consents.filter(
    (word) =>
      (word.channel === null || word.channel === channel) && (word.purpose === null || word.purpose === purpose),
  );
  return covering.reduce<ConsentFact | null>((latest, word) => (latest && latest.at >= word.at ? latest : word), null);
}

/** The person, whatever the address, wants to hear nothing at all. */
const isEverything = (word: ConsentFact): boolean =>
  word.kind === 'client' && word.channel === null && word.purpose === null;

const refusalOf = (facts: GateFacts): ConsentFact | null => {
  // one of several recipients who refused is enough
  for (const value of facts.recipients) {
    const words = facts.consents.filter((word) => word.kind === 'client' || word.value === value);
    const word = latestWord(words, facts);
    if (word?.state === 'refused') return word;
  }
  return null;
};

const closed = (facts: GateFacts, isIt: (row: SuppressionFact) => boolean): SuppressionFact | undefined =>
  facts.suppressions.find((row) => isIt(row) && (row.until === null || row.until.getTime() > facts.now));

function quietUntil({ quiet, now }: GateFacts): number | null {
  if (quiet.from === quiet.to) return null;
  const night = [{ from: quiet.from, to: quiet.to }];
  const schedule: WorkSchedule = {
    timeZone: quiet.timeZone,
    weekly: { 1: night, 2: night, 3: night, 4: night, 5: night, 6: night, 7: night },
    exceptions: new Map(),
  };
  return shiftAt(schedule, now)?.endsAt ?? null;
}

/** Names that no template has too: whoever wrote `{{имя}}` meant no client to read it. */
const fieldsIn = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*([\p{L}\p{N}_.-]{1,60})\s*\}\}/gu)].map(([, field]) => field ?? '');

type Rule = (facts: GateFacts) => Finding | null;

/** In the order in which they are told: what forbids, what delays, what only warns. */
const rules: readonly (readonly [GateReason, Rule])[] = [
  [
    'do_not_contact',
    (facts) => {
      const word = refusalOf(facts);
      return word && isEverything(word) ? { effect: 'blocks', facts: about(word) } : null;
    },
  ],
  [
    'refused',
    (facts) => {
      const word = refusalOf(facts);
      if (!word || isEverything(word)) return null;
      const scope = { channel: word.channel ?? '', purpose: word.purpose ?? '' };
      // who writes to us after his "stop" asks for an answer, and for nothing else
      const isAnswer = facts.purpose === 'service' && (facts.clientWroteAt ?? 0) > word.at.getTime();
      return { effect: isAnswer ? 'warns' : 'blocks', facts: { ...about(word), ...scope } };
    },
  ],
  [
    'no_consent',
    (facts) => {
      if (facts.purpose !== 'marketing' || !facts.consentRequired || refusalOf(facts)) return null;
      const lacks = facts.recipients.find((value) => {
        const words = facts.consents.filter((word) => word.kind === 'client' || word.value === value);
        return latestWord(words, facts)?.state !== 'given';
      });
      return lacks === undefined ? null : { effect: 'blocks', facts: { address: lacks } };
    },
  ],
  [
    'address_gone',
    (facts) => {
      const row = closed(
        facts,
        ({ reason, failures }) => reason === 'gone' || (reason === 'unreachable' && failures >= softFailures),
      );
      return row ? { effect: 'blocks', facts: about(row) } : null;
    },
  ],
  [
    'complained',
    (facts) => {
      const row = closed(facts, ({ reason }) => reason === 'complained');
      // the complaint was about mailings; what he asked for himself may go on, with a warning
      return row ? { effect: facts.purpose === 'marketing' ? 'blocks' : 'warns', facts: about(row) } : null;
    },
  ],
  [
    'frequency',
    ({ purpose, marketingPerWeek, marketingThisWeek }) =>
      purpose === 'marketing' && marketingPerWeek > 0 && marketingThisWeek >= marketingPerWeek
        ? { effect: 'blocks', facts: { count: String(marketingThisWeek), limit: String(marketingPerWeek) } }
        : null,
  ],
  ['no_sender', ({ from }) => (from ? null : { effect: 'blocks' })],
  [
    'account_off',
    ({ from, account, isStarting }) =>
      from && !account && !isStarting ? { effect: 'blocks', facts: { address: from.value } } : null,
  ],
  [
    'too_long',
    ({ account, text }) => {
      const most = account?.capabilities.maxText ?? Number.POSITIVE_INFINITY;
      return text.length > most
        ? { effect: 'blocks', facts: { characters: String(text.length), limit: String(most) } }
        : null;
    },
  ],
  [
    'too_large',
    ({ account, attachmentBytes }) => {
      const most = account?.capabilities.maxAttachmentBytes ?? Number.POSITIVE_INFINITY;
      return attachmentBytes > most
        ? { effect: 'blocks', facts: { bytes: String(attachmentBytes), limit: String(most) } }
        : null;
    },
  ],
  [
    'missing_fields',
    ({ text, subject }) => {
      const fields = [...new Set([...fieldsIn(subject), ...fieldsIn(text)])];
      return fields.length > 0 ? { effect: 'blocks', facts: { fields: fields.join(', ') } } : null;
    },
  ],
  [
    'quiet_hours',
    (facts) => {
      // who has written today is awake, and waits for the answer; for no mailing
      const isAwaited = facts.clientWroteAt !== null && facts.purpose !== 'marketing';
      const until = isAwaited ? null : quietUntil(facts);
      return until === null ? null : { effect: 'delays', until, facts: { timeZone: facts.quiet.timeZone } };
    },
  ],
  [
    'account_down',
    ({ account, isStarting }) =>
      isStarting || account?.health.state === 'down'
        ? { effect: 'delays', until: null, facts: { problem: account?.health.problem ?? '' } }
        : null,
  ],
  [
    'somebody_writes',
    ({ writers }) => (writers.length > 0 ? { effect: 'warns', facts: { names: writers.join(', ') } } : null),
  ],
  [
    'landline',
    ({ channel, recipients }) => {
      const number = channel === 'sms' ? recipients.find(isLandline) : undefined;
      return number === undefined ? null : { effect: 'warns', facts: { address: number } };
    },
  ],
  [
    'many_segments',
    ({ channel, text }) => {
      const segments = channel === 'sms' ? countSms(text).segments : 0;
      return segments >= manySegments ? { effect: 'warns', facts: { segments: String(segments) } } : null;
    },
  ],
];

/** Everything that there is to say against sending, in the order of the rules. Pure. */
export function judge(facts: GateFacts): GateLine[] {
  return rules.flatMap(([reason, rule]) => {
    const found = rule(facts);
    if (!found) return [];
    const until = found.until == null ? null : new Date(found.until).toISOString();
    return [{ reason, effect: found.effect, until, facts: { ...found.facts } }];
  });
}
