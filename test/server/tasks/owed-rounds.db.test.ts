import { asc, eq, inArray, isNull } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  clients as cards,
  channelAddresses,
  conversations,
  messages,
  outbox,
  owed,
  timelineEntries,
} from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import { type ClientId, type ConversationId, newId, type QueueId } from '../../../server/kernel/ids.ts';
import type { JournalEntry } from '../../../server/kernel/journal.ts';
import { unassignedEvent, waitingEvent } from '../../../server/messages/conversation-events.ts';
import { owedLimits } from '../../../server/tasks/limits.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { everyDay, minutes, openHouse } from './house.ts';
import { holdBack, openLedger, written } from './ledgers.ts';
import { openWriting } from './written.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openHouse>>;
let writing: Awaited<ReturnType<typeof openWriting>>;
let held: () => JournalEntry[];
let people: SignedInUser[];
let queueId: QueueId;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openHouse(db);
  people = [];
  for (const name of ['anton', 'boris', 'vera']) people.push(await house.addUser(name, everyDay('00:00', '24:00')));
  queueId = await house.addQueue(
    'Sales',
    people.map(({ id }) => id),
  );
  await house.setup.reload();
  writing = await openWriting(db, house, queueId);
  held = holdBack(house);
});
afterEach(async () => {
  await db.orm.delete(owed);
  await db.orm.delete(timelineEntries);
  await db.orm.delete(messages);
  await db.orm.delete(conversations);
});
afterAll(async () => {
  await house.tasks.close();
  await db.close();
});

const openRows = () => db.orm.select().from(owed).where(isNull(owed.closedAt)).orderBy(asc(owed.id));

async function addClients(count: number): Promise<ClientId[]> {
  const names = Array.from({ length: count }, (_, n) => ({ name: `Client ${n}` }));
  return (await db.orm.insert(cards).values(names).returning()).map(({ id }) => id);
}

/** Each writes while nobody is on shift. @returns the entries, three for each */
async function allWrite(clients: readonly ClientId[]): Promise<JournalEntry[]> {
  const [address] = await db.orm.select().from(channelAddresses).where(eq(channelAddresses.channel, 'email'));
  if (!address) throw new Error('there is no address to write to');
  const at = new Date(house.clock.now());
  const letters = clients.map((clientId): typeof conversations.$inferInsert => ({
    id: newId<ConversationId>(),
    channel: 'email',
    clientId,
    addressId: address.id,
    peer: `client${clientId}@example.com`,
    state: 'waiting',
    queueId,
    assignedBecause: 'nobody_on_shift',
    waitingSince: at,
    dueAt: new Date(at.getTime() + minutes(60)),
    lastMessageAt: at,
    lastDirection: 'in',
    openedAt: at,
  }));
  const rows = await db.orm.insert(conversations).values(letters).returning();
  const events = rows.flatMap((row) => [
    { type: 'message.received', clientId: row.clientId ?? undefined },
    waitingEvent(row),
    unassignedEvent(row, { because: 'nobody_on_shift', from: null }),
  ]);
  return house.journal.append(db, events);
}

/** @param state of all conversations from now on */
async function allAre(state: 'answered' | 'waiting', type: string): Promise<JournalEntry[]> {
  const waitingSince = state === 'waiting' ? new Date(house.clock.now()) : null;
  const rows = await db.orm.update(conversations).set({ state, waitingSince, assignedBecause: null }).returning();
  return house.journal.append(
    db,
    rows.map(({ clientId }) => ({ type, clientId: clientId ?? undefined })),
  );
}

describe('many entries at once leave the same rows and tell the same as one by one', () => {
  /** What a step needs to know of the client. */
  interface Somebody {
    readonly clientId: ClientId;
    letter: ConversationId | null;
  }

  const changed = async ({ clientId }: Somebody, responsible: SignedInUser | undefined) => {
    await db.orm
      .update(cards)
      .set({ responsibleId: responsible?.id ?? null })
      .where(eq(cards.id, clientId));
    const event = { type: 'client.changed', clientId, data: { fields: ['responsibleId'] } };
    house.journal.published(await house.journal.append(db, [event]));
  };
  const ofLetter = (work: (id: ConversationId) => Promise<void>) => async (somebody: Somebody) => {
    if (!somebody.letter) return;
    await work(somebody.letter);
  };
  const me = () => people[0] as SignedInUser;

  const steps = {
    missed: ({ clientId }: Somebody) => house.missed({ clientId, queueId }),
    talked: ({ clientId }: Somebody) => house.talked({ clientId, queueId }, me().id),
    writes: async (somebody: Somebody) => {
      if (somebody.letter) await writing.close(somebody.letter, me().id);
      somebody.letter = await writing.write(somebody.clientId, 'email', { because: 'nobody_on_shift' });
    },
    isLate: ofLetter((id) => writing.overdue(id)),
    isGiven: ofLetter(async (id) => {
      const [row] = await db.orm.select().from(conversations).where(eq(conversations.id, id));
      if (row?.state === 'waiting') await writing.give(id, me().id);
    }),
    isAnswered: async (somebody: Somebody) => {
      if (somebody.letter) await writing.answer(somebody.letter, me().id);
      if (somebody.letter) await writing.close(somebody.letter, me().id);
      somebody.letter = null;
    },
    getsManager: (somebody: Somebody) => changed(somebody, people[2]),
    losesManager: (somebody: Somebody) => changed(somebody, undefined),
  };
  type Step = { readonly who: number; readonly what: keyof typeof steps; readonly gap: number };
  const story = (...kinds: (keyof typeof steps)[]) =>
    fc.array(fc.record({ who: fc.nat(2), what: fc.constantFrom(...kinds), gap: fc.constantFrom(0, 0, 1, 10) }), {
      minLength: 3,
      maxLength: 9,
    });
  const anything = Object.keys(steps) as (keyof typeof steps)[];

  async function live(clients: readonly Somebody[], story: readonly Step[]): Promise<JournalEntry[]> {
    for (const { who, what, gap } of story) {
      await steps[what](clients[who] as Somebody);
      house.clock.advance(minutes(gap));
    }
    return held();
  }

  type Group = (entries: readonly JournalEntry[]) => JournalEntry[][];

  /** Begins with these rows, and tells a fresh ledger of entries in groups. */
  async function outcome(rows: (typeof owed.$inferSelect)[], entries: readonly JournalEntry[], group: Group) {
    await db.orm.delete(owed);
    if (rows.length > 0) await db.orm.insert(owed).values(rows);
    const { ledger, heard, tell } = openLedger(db, house);
    for (const some of group(entries)) await tell(some);
    await ledger.close();
    const after = await db.orm.select().from(owed).orderBy(asc(owed.clientId), asc(owed.id));
    // new rows have numbers of their own; those of one client follow each other as they did
    const nth = new Map(after.map(({ id }, index) => [id, index]));
    const events = heard.map(({ seq: _seq, data, ...event }) => ({
      ...event,
      data: { ...data, owedId: nth.get(data?.['owedId'] as number) },
    }));
    const ofClient = (id: ClientId | undefined) => events.filter(({ clientId }) => clientId === id);
    return {
      rows: after.map(({ id: _id, ...row }) => row),
      events: [...new Set(after.map(({ clientId }) => clientId))].map(ofClient),
    };
  }

  const oneByOne: Group = (entries) => entries.map((entry) => [entry]);
  const atOnce: Group = (entries) => [[...entries]];
  const byThrees: Group = (entries) =>
    Array.from({ length: Math.ceil(entries.length / 3) }, (_, n) => entries.slice(3 * n, 3 * n + 3));

  test('whatever happened before', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        story('missed', 'writes', 'talked', 'getsManager'),
        story(...anything),
        async (before, after) => {
          const clients = (await addClients(3)).map((clientId): Somebody => ({ clientId, letter: null }));
          await outcome([], await live(clients, before), oneByOne);
          const rows = await db.orm.select().from(owed).orderBy(asc(owed.id));
          const entries = await live(clients, after);
          const expected = await outcome(rows, entries, oneByOne);
          for (const group of [atOnce, byThrees]) expect(await outcome(rows, entries, group)).toEqual(expected);
          for (const { type } of expected.events.flat()) seen.set(type, (seen.get(type) ?? 0) + 1);
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
    // not a proof of nothing
    for (const type of ['owed.opened', 'owed.closed', 'owed.owner_changed']) expect(seen.get(type)).toBeGreaterThan(0);
  }, 300_000);

  test('clients get owners in turn, in the order in which they wrote', async () => {
    const clients = await addClients(7);
    // numbers of cards are no order
    const order = clients.toSorted((a, b) => (a % 3) - (b % 3) || b - a);
    const { ledger, heard, tell } = openLedger(db, house);
    await tell(await allWrite(order));
    await ledger.close();
    const rows = await openRows();
    expect(rows.map(({ clientId }) => clientId)).toEqual(order);
    const [a, b, c] = people.map(({ id }) => id);
    expect(rows.map(({ ownerId }) => ownerId)).toEqual([a, b, c, a, b, c, a]);
    const told = order.flatMap((clientId) => [
      ['owed.opened', clientId],
      ['owed.owner_changed', clientId],
    ]);
    expect(heard.map(({ type, clientId }) => [type, clientId])).toEqual(told);
    // after a restart the turn goes on behind the last of them
    const next = openLedger(db, house);
    await next.ledger.start();
    await next.tell(await allWrite(await addClients(1)));
    await next.ledger.close();
    expect((await openRows()).at(-1)?.ownerId).toBe(b);
  });
});

describe('two entries of one client in a round', () => {
  test('what is over when it is looked at was never owed', async () => {
    const [clientId = 0 as ClientId] = await addClients(1);
    await house.missed({ clientId, queueId });
    await house.talked({ clientId, queueId }, people[0]?.id as never);
    const { ledger, heard, tell } = openLedger(db, house);
    await tell(held());
    await ledger.close();
    expect(heard).toEqual([]);
    expect(await openRows()).toEqual([]);
  });

  test('his new manager gets what he wrote just before, and what somebody has already', async () => {
    const [mine = 0 as ClientId, fresh = 0 as ClientId] = await addClients(2);
    const { ledger, tell } = openLedger(db, house);
    await tell(await allWrite([mine]));
    expect(await openRows()).toMatchObject([{ ownerReason: 'round_robin' }]);
    const entries = await allWrite([fresh]);
    const manager = people[2]?.id ?? null;
    for (const clientId of [mine, fresh]) {
      await db.orm.update(cards).set({ responsibleId: manager }).where(eq(cards.id, clientId));
      entries.push(
        ...(await house.journal.append(db, [
          { type: 'client.changed', clientId, data: { fields: ['responsibleId'] } },
        ])),
      );
    }
    await tell(entries);
    await ledger.close();
    const isHis = { ownerId: manager, ownerReason: 'responsible' };
    expect(await openRows()).toMatchObject([
      { clientId: mine, ...isHis },
      { clientId: fresh, ...isHis },
    ]);
  });
});

describe('the statements of many', () => {
  test('who wait, are answered, and are looked at again are a few, however many they are', async () => {
    const clients = await addClients(100);
    const wrapped = written(db);
    const { ledger, tell } = openLedger(wrapped.db, house);
    const taken = async (work: () => Promise<unknown>): Promise<number> => {
      wrapped.statements.length = 0;
      await work();
      return wrapped.statements.length;
    };
    const wrote = await allWrite(clients);
    expect(await taken(() => tell(wrote))).toBeLessThan(20);
    expect(await openRows()).toHaveLength(100);
    expect(await taken(() => ledger.rebuild())).toBeLessThan(20);
    const answered = await allAre('answered', 'conversation.answered');
    expect(await taken(() => tell(answered))).toBeLessThan(20);
    expect(await openRows()).toEqual([]);
    // what is owed to nobody is one question
    const again = await allAre('waiting', 'conversation.waiting');
    expect(await taken(() => tell(again))).toBe(1);
    await ledger.close();
  });

  test('a crowd that is more than one transaction holds is looked at in several', async () => {
    const clients = await addClients(owedLimits.clients + 10);
    const wrapped = written(db);
    const { ledger, tell } = openLedger(wrapped.db, house);
    const entries = await allWrite(clients);
    await tell(entries.filter(({ type }) => type === 'conversation.unassigned'));
    await ledger.close();
    expect(wrapped.statements.filter(({ name }) => name === 'commit')).toHaveLength(2);
    expect(await openRows()).toHaveLength(clients.length);
  });
});

describe('a client who cannot be reviewed', () => {
  test('keeps none of the others from it, stays to be told, and is tried again', async () => {
    const clients = await addClients(5);
    const bad = clients[2] as ClientId;
    const { ledger, heard, tell } = openLedger(db, house);
    await ledger.start();
    const entries = await allWrite(clients);
    await db.orm.execute(`ALTER TABLE owed ADD CONSTRAINT not_him CHECK (client_id <> ${bad})`);
    await tell(entries);
    expect((await openRows()).map(({ clientId }) => clientId)).toEqual(clients.filter((id) => id !== bad));
    expect(heard.filter(({ type }) => type === 'owed.opened').map(({ clientId }) => clientId)).toEqual(
      clients.filter((id) => id !== bad),
    );
    // the outbox is swept behind those that were told
    const kept = entries.filter(({ type, clientId }) => type === 'conversation.unassigned' && clientId === bad);
    const seqs = entries.map(({ seq }) => seq);
    house.clock.advance(minutes(0.01));
    const left = async () => {
      const rows = await db.orm.select().from(outbox).where(inArray(outbox.seq, seqs));
      return rows.map(({ seq }) => seq);
    };
    await expect.poll(left).toEqual(kept.map(({ seq }) => seq));
    await db.orm.execute('ALTER TABLE owed DROP CONSTRAINT not_him');
    house.clock.advance(owedLimits.againMs);
    await ledger.idle();
    expect((await openRows()).map(({ clientId }) => clientId)).toContain(bad);
    await ledger.close();
  });
});

describe('two servers over one database', () => {
  test('that hear of the same clients in opposite order leave one row each', async () => {
    const clients = await addClients(30);
    const entries = await allWrite(clients);
    const wrapped = written(db);
    const [one, other] = [openLedger(wrapped.db, house), openLedger(wrapped.db, house)];
    await Promise.all([one.tell(entries), other.tell(entries.toReversed())]);
    await one.ledger.close();
    await other.ledger.close();
    expect((await openRows()).map(({ clientId }) => clientId).toSorted((a, b) => a - b)).toEqual(clients);
    const opened = [...one.heard, ...other.heard].filter(({ type }) => type === 'owed.opened');
    expect(opened).toHaveLength(clients.length);
    // both take the locks in the same order, so that neither has what the other one waits for
    const locks = wrapped.statements.filter(({ name }) => name === 'owed_lock').map(({ values }) => values[1]);
    expect(locks).toEqual([clients, clients]);
  });
});
