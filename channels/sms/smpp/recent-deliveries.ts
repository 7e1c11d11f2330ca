/**
 * Tells a repeated deliver_sm from a person who writes the same again. The wire has no id for that: an SMSC repeats what it
 * believes unanswered: after an answer with an error, after one that came late, and after a lost connection, unless it was
 * proven before that it had read the answer.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../../server/kernel/clock.ts';
import { uuidv7 } from '../../../server/kernel/ids.ts';
import type { AdapterState } from '../../message-channel.ts';
import { limits } from '../limits.ts';
import { createStateCell } from '../state-cell.ts';
import type { PduOf } from './codec.ts';
import { tags } from './commands.ts';

/** One deliver_sm that came in. */
export interface Delivery {
  /** Unique for ever, and the same when the SMSC repeats it. */
  readonly id: string;
  /** Everything of it is stored already; only the answer is missing. */
  readonly isStored: boolean;
}

interface Entry {
  readonly id: string;
  readonly print: string;
  at: number;
  /** In which session of which process it came last. */
  session: string;
  /** open: not answered yet; failed: refused; stored: answered in time; heard: and read; late: answered, maybe too late. */
  state: 'open' | 'failed' | 'stored' | 'heard' | 'late';
}

export interface RecentDeliveries {
  load(): Promise<void>;
  /** Resolves when a crash from now on would not make two of it. */
  begin(pdu: PduOf<'deliver_sm'>, sessionNumber: number): Promise<Delivery>;
  end(id: string, isStored: boolean): void;
  /** The SMSC has read the answer, and will not repeat it: the same words are a new message from now on. */
  heard(id: string): void;
  /** Makes `end` durable; the caller of single messages need not wait for it. */
  save(): Promise<void>;
}

function printOf({ fields, tlvs }: PduOf<'deliver_sm'>): string {
  const hash = createHash('sha256');
  hash.update(`${fields.source_addr}\0${fields.destination_addr}\0${fields.esm_class}\0${fields.data_coding}\0`);
  hash.update(fields.short_message);
  for (const tag of [tags.message_payload, tags.sar_msg_ref_num, tags.sar_segment_seqnum])
    hash.update(`\0${tag}\0`).update(tlvs.get(tag) ?? '');
  return hash.digest('base64url').slice(0, 16);
}

export function createRecentDeliveries(state: AdapterState, clock: Clock): RecentDeliveries {
  const cell = createStateCell<Entry[]>(state, 'smpp:recent', []);
  const process = uuidv7().slice(-12);

  function isRepetitionOf(entry: Entry, session: string): boolean {
    const age = clock.now() - entry.at;
    if (age > limits.repetitionMs || entry.state === 'heard') return false;
    if (entry.session !== session) return true;
    if (entry.state === 'open') return age > limits.slowAnswerMs;
    return entry.state !== 'stored';
  }

  return {
    load: () => cell.load(),
    async begin(pdu, sessionNumber) {
      const print = printOf(pdu);
      const session = `${process}:${sessionNumber}`;
      const known = cell.value.find((entry) => entry.print === print && isRepetitionOf(entry, session));
      const isStored = known?.state === 'stored' || known?.state === 'late';
      const entry = known ?? { id: uuidv7(clock.now()), print, at: 0, session, state: 'open' };
      // two equal ones that are both repeated after a reconnection stay two: the first repetition takes the first
      Object.assign(entry, { at: clock.now(), session, ...(!isStored && { state: 'open' }) });
      if (known === undefined) cell.value.push(entry);
      cell.value.splice(0, cell.value.length - limits.recentDeliveries);
      await cell.save();
      return { id: entry.id, isStored };
    },
    end(id, isStored) {
      const entry = cell.value.find((one) => one.id === id);
      if (entry === undefined) return;
      const isLate = clock.now() - entry.at > limits.slowAnswerMs;
      entry.state = isStored ? (isLate ? 'late' : 'stored') : 'failed';
    },
    heard(id) {
      const entry = cell.value.find((one) => one.id === id);
      if (entry?.state !== 'stored') return;
      entry.state = 'heard';
      // lost with a crash, it would only be taken for a repetition a while longer
      cell.save().catch(() => undefined);
    },
    save: () => cell.save(),
  };
}
