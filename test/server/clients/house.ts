import type { Database } from '../../../db/client.ts';
import { users } from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import { createClients, type Look } from '../../../server/clients/index.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import type { ClientId, InteractionId, UserId } from '../../../server/kernel/ids.ts';
import { createJournal, type JournalEntry } from '../../../server/kernel/journal.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { openSight } from '../../support/sight.ts';

/** A user of the database who may sign in. */
export async function makeUser(db: Database, login: string): Promise<SignedInUser> {
  const name = login.charAt(0).toUpperCase() + login.slice(1);
  const [row] = await db.orm
    .insert(users)
    .values({ login, name, role: 'agent', passwordHash: '', sipSecret: '' })
    .returning({ id: users.id });
  return {
    id: row?.id as UserId,
    login,
    name,
    role: 'agent',
    teamId: null,
    language: 'ru',
    sees: 'all',
    mayExport: false,
  };
}

/** Clients over a real database and journal, with what readers of the journal and of the pushes hear. */
export async function openClients(db: Database) {
  const clock = createFakeClock();
  const journal = createJournal({ db, log: silentLog, after: (ms, fn) => clock.after(ms, fn) });
  const heard: JournalEntry[] = [];
  journal.subscribe((entry) => void heard.push(entry));
  const pushed: { clientId: number; version: number }[] = [];
  const onChanged = (clientId: number, version: number) => void pushed.push({ clientId, version });
  const moved: { interactionIds: readonly InteractionId[]; to: ClientId }[] = [];
  const onMoved = (move: (typeof moved)[number]) => void moved.push(move);
  const sight = await openSight(db, clock);
  const looks: Look[] = [];
  const onLook = (look: Look) => void looks.push(look);
  const clients = createClients({ db, clock, journal, sight, onLook, onChanged, onMoved });
  return { clients, clock, journal, sight, looks, heard, pushed, moved, anna: await makeUser(db, 'anna') };
}
