import type { Executor } from '../../db/client.ts';
import type { PopView } from '../contract/schemas.ts';
import type { ClientId, InteractionId } from '../kernel/ids.ts';
import { type EntryRow, entryText, lastTalk, missedCall, viewOf } from './store.ts';

/** What whoever is about to talk to a client should know of earlier contacts. */
export interface ContactFacts {
  /** The last entry that was a contact: calls that were talked, messages, notes; missed calls are none. */
  readonly lastContact: PopView['lastContact'];
  /** Calls that nobody answered since he was last talked to. */
  readonly open: PopView['open'];
  /** Who talked to him last, and when that call came in. */
  readonly lastSpokenWith: PopView['why']['lastSpokenWith'];
}

/** Of a client who was never talked to. */
export const noContactFacts: ContactFacts = {
  lastContact: null,
  open: { missedCalls: 0, lastMissedAt: null },
  lastSpokenWith: null,
};

/** The columns of `factColumns`; instants inside JSON are text. */
export interface FactsRow {
  last_contact: (Omit<EntryRow, 'at'> & { at: string }) | null;
  open: { missedCalls: number; lastMissedAt: string | null };
  last_spoken_with: ContactFacts['lastSpokenWith'];
}

/**
 * The facts as columns of any statement that knows the client, for `factsOf`: a round trip of their own costs more
 * than they do.
 * @param client, except expressions: the client's id, and an interaction that is no earlier contact (null = none; notes
 * and imported entries have no interaction and count)
 */
export const factColumns = (client: string, except: string): string => `
  (SELECT row_to_json(e) FROM (${entryText}
    WHERE t.client_id = ${client} AND (${except} IS NULL OR t.interaction_id IS DISTINCT FROM ${except})
      AND t.status NOT IN ('ongoing', 'missed', 'abandoned', 'failed')
    ORDER BY t.at DESC, t.id DESC LIMIT 1) e) AS last_contact,
  (SELECT json_build_object('missedCalls', count(*), 'lastMissedAt', max(t.at)) FROM timeline_entries t
    WHERE t.client_id = ${client} AND ${missedCall}
      AND t.at > coalesce((${lastTalk(client)}), '-infinity')) AS open,
  (SELECT json_build_object('user', json_build_object('id', u.id, 'name', u.name), 'at', t.at)
    FROM timeline_entries t JOIN users u ON u.id = t.user_id
    WHERE t.client_id = ${client} AND t.kind = 'call' AND t.status = 'answered'
    ORDER BY t.at DESC, t.id DESC LIMIT 1) AS last_spoken_with`;

const iso = (written: string): string => new Date(written).toISOString();

export function factsOf({ last_contact, open, last_spoken_with }: FactsRow): ContactFacts {
  return {
    lastContact: last_contact && viewOf({ ...last_contact, at: new Date(last_contact.at) }),
    open: { missedCalls: open.missedCalls, lastMissedAt: open.lastMissedAt && iso(open.lastMissedAt) },
    lastSpokenWith: last_spoken_with && { user: last_spoken_with.user, at: iso(last_spoken_with.at) },
  };
}

/** @param except the call in hand, which is no earlier contact */
export async function readFacts(db: Executor, clientId: ClientId, except: InteractionId | null): Promise<ContactFacts> {
  const [row] = await db.run<FactsRow>({
    name: 'timeline_facts',
    text: `SELECT ${factColumns('$1', '$2::text')}`,
    values: [clientId, except],
  });
  return row ? factsOf(row) : noContactFacts;
}
