import type { Executor } from '../../../db/client.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { ConsentNote, Gate } from '../rooms.ts';
import { errorOf } from './fate.ts';
import { outboxLimits } from './limits.ts';
import type { Consequence, StoredMessage } from './stored.ts';

/** What a provider's word means for the address of its message. */
export interface AddressNews {
  readonly message: StoredMessage;
  readonly consequence: Consequence;
}

const wordsOf = ({ problem, kind }: Consequence): string => (problem ? errorOf(problem) : '') || kind;

/**
 * A bounced address is closed, temporary failures are counted: when the last one is older than `softFailureMs` the count begins
 * anew. A complaint stays one, and so does an address that is gone.
 */
const suppressText = `
  INSERT INTO suppressions AS s (channel, value, reason, evidence, at, failures)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int[])
  ON CONFLICT (channel, value) DO UPDATE SET
    reason = CASE WHEN excluded.reason = 'unreachable' OR s.reason = 'complained' THEN s.reason ELSE excluded.reason END,
    evidence = CASE WHEN excluded.reason = 'unreachable' AND s.reason <> 'unreachable' THEN s.evidence ELSE excluded.evidence END,
    failures = CASE WHEN s.at < $7 THEN excluded.failures ELSE s.failures + excluded.failures END,
    at = excluded.at, until = NULL`;

/** One row for each address: a statement must not write the same one twice. */
function worst(news: readonly AddressNews[]): { news: AddressNews; failures: number }[] {
  const order: readonly Consequence['kind'][] = ['unreachable', 'gone', 'complained'];
  const byAddress = new Map<string, { news: AddressNews; failures: number }>();
  for (const each of news) {
    const key = `${each.message.channel} ${each.message.recipient}`;
    const known = byAddress.get(key);
    const failures = (known?.failures ?? 0) + (each.consequence.kind === 'unreachable' ? 1 : 0);
    const isWorse = !known || order.indexOf(each.consequence.kind) > order.indexOf(known.news.consequence.kind);
    byAddress.set(key, { news: isWorse ? each : known.news, failures });
  }
  return [...byAddress.values()];
}

/** Closes or counts addresses and notes refusals. Problems of a message to several people say nothing of any of them. */
export async function noteConsequences(
  tx: Executor,
  gate: Pick<Gate, 'noteConsent'>,
  news: readonly AddressNews[],
  now: number,
): Promise<JournalEvent[]> {
  const ofOne = news.filter(({ message }) => message.recipient !== null);
  const closed = worst(ofOne.filter(({ consequence }) => consequence.kind !== 'opted_out'));
  if (closed.length > 0)
    await tx.run({
      name: 'outbox_suppress',
      text: suppressText,
      values: [
        closed.map((each) => each.news.message.channel),
        closed.map((each) => each.news.message.recipient),
        closed.map((each) => each.news.consequence.kind),
        closed.map((each) => wordsOf(each.news.consequence)),
        closed.map(() => new Date(now)),
        closed.map((each) => each.failures),
        new Date(now - outboxLimits.softFailureMs),
      ],
    });
  const events: JournalEvent[] = [];
  for (const each of ofOne) for (const note of refusalsOf(each)) events.push(...(await gate.noteConsent(tx, note)));
  return events;
}

function refusalsOf({ message, consequence }: AddressNews): ConsentNote[] {
  if (consequence.kind !== 'opted_out' && consequence.kind !== 'complained') return [];
  const kinds = { sms: 'phone', email: 'email', chat: 'visitor' } as const;
  const isComplaint = consequence.kind === 'complained';
  return [
    {
      kind: kinds[message.channel],
      value: message.recipient ?? '',
      channel: message.channel,
      purpose: isComplaint ? 'marketing' : null,
      state: 'refused',
      source: isComplaint ? 'complaint' : 'provider',
      evidence: wordsOf(consequence),
      messageId: message.id,
      userId: null,
      clientId: message.clientId,
    },
  ];
}
