import type { Receipt } from '../../../channels/channel.ts';
import type { ConsentReported } from '../../../channels/message-channel.ts';
import type { Executor } from '../../../db/client.ts';
import { parsePhoneNumber } from '../../clients/phone-number.ts';
import type { ClientId } from '../../kernel/ids.ts';
import type { MessagesContext } from '../context.ts';
import type { ConsentNote, Gate } from '../rooms.ts';
import { claimEvent } from './events.ts';

/** The card that has this address, if any. */
export async function ownerOfAddress(
  db: Executor,
  kind: 'phone' | 'email' | 'visitor',
  value: string,
): Promise<ClientId | null> {
  if (kind === 'visitor') return null;
  const [row] = await db.run<{ client_id: ClientId }>({
    name: 'client_of_address',
    text: 'SELECT client_id FROM contact_points WHERE kind = $1 AND value = $2 ORDER BY extension LIMIT 1',
    values: [kind, value],
  });
  return row?.client_id ?? null;
}

function canonicalOf({ setup }: MessagesContext, { address }: ConsentReported): string {
  if (address.kind === 'email') return address.value.trim().toLowerCase();
  return address.kind === 'phone' ? parsePhoneNumber(address.value, setup.company.region).value : address.value;
}

/** Stores once what a provider or a network holds of somebody's will: it is noted as his own word would be. */
export async function storeConsent(
  context: MessagesContext,
  gate: Pick<Gate, 'noteConsent'>,
  event: ConsentReported,
): Promise<Receipt> {
  const { db, journal } = context;
  const { kind } = event.address;
  const value = canonicalOf(context, event);
  const entries = await db.transaction(async (tx) => {
    if (!(await claimEvent(tx, event))) return null;
    const note: ConsentNote = {
      kind,
      value,
      channel: event.channel,
      purpose: event.scope === 'marketing' ? 'marketing' : null,
      state: event.change,
      source: 'provider',
      evidence: event.evidence,
      messageId: null,
      userId: null,
      clientId: await ownerOfAddress(tx, kind, value),
    };
    return journal.append(tx, await gate.noteConsent(tx, note));
  });
  if (!entries) return { accepted: false, reason: 'duplicate' };
  journal.published(entries);
  return { accepted: true };
}
