import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { canSee, type SeenCard, type Viewer, type ViewerFacts } from '../../../server/clients/client.ts';
import { type Role, roles, type Sees, seesWords } from '../../../server/contract/words.ts';
import type { ClientId, UserId } from '../../../server/kernel/ids.ts';

const me = 1 as UserId;
const mate = 2 as UserId;
const stranger = 3 as UserId;
const clientId = 7 as ClientId;
const viewer = (role: Role, sees: Sees): Viewer => ({ id: me, role, sees });
const cardOf = (responsible: UserId | null): SeenCard => ({
  id: clientId,
  responsible: responsible === null ? null : { id: responsible, name: '' },
});
const facts = (works: boolean): ViewerFacts => ({
  mates: new Set([me, mate]),
  works: new Set(works ? [clientId] : []),
});

/** Whose card is seen, with no work in hand: his own, a mate's, a stranger's, nobody's. */
const table: Readonly<Record<Role, Readonly<Record<Sees, readonly [boolean, boolean, boolean, boolean]>>>> = {
  agent: { own: [true, false, false, true], team: [true, true, false, true], all: [true, true, true, true] },
  supervisor: { own: [true, false, false, true], team: [true, true, false, true], all: [true, true, true, true] },
  admin: { own: [true, true, true, true], team: [true, true, true, true], all: [true, true, true, true] },
};
const rows = roles.flatMap((role) => seesWords.map((sees) => [role, sees, table[role][sees]] as const));

describe('a card', () => {
  test.each(rows)('is seen by a %s who sees %s: own, mate’s, stranger’s, nobody’s %j', (role, sees, expected) => {
    const cards = [me, mate, stranger, null].map(cardOf);
    expect(cards.map((card) => canSee(viewer(role, sees), card, facts(false)))).toEqual(expected);
  });

  test.each(rows)(
    'is seen by a %s who sees %s while he works with the client, whoever is responsible',
    (role, sees) => {
      for (const responsible of [me, mate, stranger, null])
        expect(canSee(viewer(role, sees), cardOf(responsible), facts(true))).toBe(true);
    },
  );

  it('is never seen by somebody with less and hidden from somebody with more', () => {
    const person = fc.record({
      id: fc.integer({ min: 1, max: 6 }),
      role: fc.constantFrom(...roles),
      mates: fc.uniqueArray(fc.integer({ min: 1, max: 6 })),
      works: fc.uniqueArray(fc.integer({ min: 1, max: 4 })),
    });
    const card = fc.record({
      id: fc.integer({ min: 1, max: 4 }),
      responsible: fc.option(fc.integer({ min: 1, max: 6 }), { nil: null }),
    });
    fc.assert(
      fc.property(person, card, ({ id, role, mates, works }, { id: cardId, responsible }) => {
        const seen = seesWords.map((sees) =>
          canSee(
            { id: id as UserId, role, sees },
            {
              id: cardId as ClientId,
              responsible: responsible === null ? null : { id: responsible as UserId, name: '' },
            },
            { mates: new Set(mates as UserId[]), works: new Set(works as ClientId[]) },
          ),
        );
        // own, team, all: once true it stays true
        expect(seen).toEqual(seen.toSorted((a, b) => Number(a) - Number(b)));
        expect(seen.at(-1)).toBe(true);
      }),
    );
  });

  it('is not seen by more work with other clients', () => {
    const others: ViewerFacts = { mates: new Set(), works: new Set([8 as ClientId]) };
    expect(canSee(viewer('agent', 'own'), cardOf(stranger), others)).toBe(false);
  });
});
