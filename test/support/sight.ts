import type { Database } from '../../db/client.ts';
import { readTeams } from '../../server/access/teams.ts';
import type { Sight } from '../../server/clients/index.ts';
import type { Clock } from '../../server/kernel/clock.ts';
import type { ClientId, UserId } from '../../server/kernel/ids.ts';
import { createWorksWith } from '../../server/works-with.ts';

/** Nobody has a team or works with anybody: for houses in which everybody sees everything. */
export const noSight: Sight = { teams: { mates: () => new Set() }, worksWith: async () => new Set() };

/**
 * As the running server has it: the teams of the database as of the last `reload`, and the real question whom somebody
 * works with.
 */
export async function openSight(
  db: Database,
  clock: Clock,
  inHand: (userId: UserId) => readonly ClientId[] = () => [],
): Promise<Sight & { reload(): Promise<void> }> {
  let teams = await readTeams(db);
  return {
    teams: { mates: (userId) => teams.mates(userId) },
    worksWith: createWorksWith({ clock, inHand }),
    async reload() {
      teams = await readTeams(db);
    },
  };
}
