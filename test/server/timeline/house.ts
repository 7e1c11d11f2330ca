import type { Database } from '../../../db/client.ts';
import { timelineEntries } from '../../../db/schema/index.ts';
import { parsePhoneNumber } from '../../../server/clients/phone-number.ts';
import type { TimelineEntry } from '../../../server/contract/schemas.ts';
import { type ClientId, type EntryId, type InteractionId, newId } from '../../../server/kernel/ids.ts';
import { createTimeline } from '../../../server/timeline/index.ts';
import { openClients } from '../clients/house.ts';

/** A timeline over a real database with its cards; `shown` is what it pushes. */
export async function openTimeline(db: Database) {
  const house = await openClients(db);
  const shown: TimelineEntry[] = [];
  const { clock, journal, clients } = house;
  const timeline = createTimeline({
    db,
    clock,
    journal,
    clients,
    recordingsDir: '/recordings',
    onEntry: (entry) => void shown.push(entry),
  });
  const makeClient = async (number: string): Promise<ClientId> =>
    (await clients.matchOrCreateByPhone(parsePhoneNumber(number, 'RU'), { source: 'call' })).clientId;
  return { ...house, timeline, shown, makeClient };
}

/** Stores one entry as calls do: an inbound, answered call unless said otherwise. */
export async function storeEntry(
  db: Database,
  entry: Partial<typeof timelineEntries.$inferInsert> & { clientId: ClientId; at: Date },
): Promise<EntryId> {
  const id = entry.id ?? newId<EntryId>();
  await db.orm.insert(timelineEntries).values({
    kind: 'call',
    direction: 'in',
    status: 'answered',
    peer: '+79160000001',
    interactionId: newId<InteractionId>(),
    ...entry,
    id,
  });
  return id;
}
