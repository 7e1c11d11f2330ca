import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reachIn, type TeamPerson, teamsOf } from '../../../server/access/teams.ts';
import { roles } from '../../../server/contract/words.ts';
import type { TeamId, UserId } from '../../../server/kernel/ids.ts';

const sales = 1 as TeamId;
const service = 2 as TeamId;
const person = (id: number, role: TeamPerson['role'], teamId: TeamId | null): TeamPerson => ({
  id: id as UserId,
  role,
  teamId,
});
const [anna, boris, vera, olga, admin] = [
  person(1, 'agent', sales),
  person(2, 'agent', sales),
  person(3, 'agent', service),
  person(4, 'supervisor', null),
  person(5, 'admin', null),
] as const;
const people = [anna, boris, vera, olga, admin];

describe('a team', () => {
  it('is everybody in it', () => {
    const teams = teamsOf(people, []);
    expect([...teams.mates(anna.id)]).toEqual([anna.id, boris.id]);
    expect([...teams.mates(olga.id)]).toEqual([]);
  });

  it('is also its supervisor’s who is not in it, but not of an agent who led it once', () => {
    const teams = teamsOf(people, [
      { teamId: service, userId: olga.id },
      { teamId: service, userId: anna.id },
    ]);
    expect([...teams.mates(olga.id)]).toEqual([vera.id]);
    expect([...teams.mates(anna.id)]).toEqual([anna.id, boris.id]);
  });

  it('of somebody whom nobody knows is empty', () => {
    expect(teamsOf(people, []).mates(99 as UserId).size).toBe(0);
  });
});

describe('whom somebody reaches', () => {
  const teams = teamsOf(people, [{ teamId: sales, userId: olga.id }]);
  it.each([
    ['an agent nobody', anna, []],
    ['a supervisor those whom he leads', olga, [1, 2]],
    ['an administrator everybody', admin, [1, 2, 3, 4, 5]],
  ] as const)('%s', (_who, user, reached) => {
    expect(people.filter(({ id }) => reachIn(teams, user)(id)).map(({ id }) => id)).toEqual(reached);
  });

  it('is never somebody outside of his teams, unless he is an administrator', () => {
    const anybody = fc.record({
      role: fc.constantFrom(...roles),
      teamId: fc.option(fc.constantFrom(1, 2, 3), { nil: null }),
    });
    const house = fc.record({
      people: fc.array(anybody, { minLength: 1, maxLength: 8 }),
      leaders: fc.array(fc.record({ teamId: fc.constantFrom(1, 2, 3), userId: fc.nat(8) }), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(house, (made) => {
        const all = made.people.map(({ role, teamId }, index) => person(index + 1, role, teamId as TeamId | null));
        const leaders = made.leaders as { teamId: TeamId; userId: UserId }[];
        const found = teamsOf(all, leaders);
        for (const user of all) {
          const led = leaders.filter(({ userId }) => userId === user.id).map(({ teamId }) => teamId);
          for (const other of all) {
            const shares = other.teamId !== null && (other.teamId === user.teamId || led.includes(other.teamId));
            const expected = user.role === 'admin' || (user.role === 'supervisor' && shares);
            expect(reachIn(found, user)(other.id)).toBe(expected);
          }
        }
      }),
    );
  });
});
