import type { Executor } from '../../db/client.ts';
import { teamSupervisors, users } from '../../db/schema/access.ts';
import type { Role } from '../contract/words.ts';
import type { TeamId, UserId } from '../kernel/ids.ts';

/** Who is in which team, and who leads one: the one notion of "his team" that every right is made of. */
export interface Teams {
  /**
   * Everybody in the team that he is in, and for supervisors in those that they lead; disabled people too: their clients
   * and schedules are still the team's. Empty for somebody without a team.
   */
  mates(userId: UserId): ReadonlySet<UserId>;
}

/** A person as teams know him. */
export interface TeamPerson {
  readonly id: UserId;
  readonly role: Role;
  readonly teamId: TeamId | null;
}

/** @param leaders which teams are led by whom, besides supervisors who are their members */
export function teamsOf(
  people: readonly TeamPerson[],
  leaders: readonly { readonly teamId: TeamId; readonly userId: UserId }[],
): Teams {
  const members = Map.groupBy(people, ({ teamId }) => teamId);
  const byId = new Map(people.map((person) => [person.id, person]));
  const led = Map.groupBy(leaders, ({ userId }) => userId);
  const known = new Map<UserId, ReadonlySet<UserId>>();

  function find(userId: UserId): ReadonlySet<UserId> {
    const person = byId.get(userId);
    if (!person) return new Set();
    // whoever became an agent leads nobody, whatever is left of his time as a supervisor
    const teams = new Set(person.role === 'agent' ? [] : (led.get(userId) ?? []).map(({ teamId }) => teamId));
    if (person.teamId !== null) teams.add(person.teamId);
    return new Set([...teams].flatMap((teamId) => (members.get(teamId) ?? []).map(({ id }) => id)));
  }

  return {
    mates(userId) {
      const mates = known.get(userId) ?? find(userId);
      known.set(userId, mates);
      return mates;
    },
  };
}

/** As they are now; two small tables. */
export async function readTeams({ orm }: Executor): Promise<Teams> {
  const people = await orm.select({ id: users.id, role: users.role, teamId: users.teamId }).from(users);
  return teamsOf(people, await orm.select().from(teamSupervisors));
}

/** Whose schedule, queue places, tasks and calls somebody may change, listen to or end. */
export type Reach = (userId: number) => boolean;

/** Administrators reach everybody; a supervisor his teams; others nobody. */
export function reachIn(teams: Teams, user: { readonly id: UserId; readonly role: Role }): Reach {
  if (user.role === 'admin') return () => true;
  if (user.role !== 'supervisor') return () => false;
  const mates: ReadonlySet<number> = teams.mates(user.id);
  return (userId) => mates.has(userId);
}

/** As `reachIn`, with the teams as this transaction sees them. */
export async function reachOf(db: Executor, user: { readonly id: UserId; readonly role: Role }): Promise<Reach> {
  // most who ask are nobody's supervisor, or everybody's
  if (user.role !== 'supervisor') return reachIn(noTeams, user);
  return reachIn(await readTeams(db), user);
}

const noTeams: Teams = teamsOf([], []);
