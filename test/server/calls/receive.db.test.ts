import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { offers, timelineEntries } from '../../../db/schema/index.ts';
import { until } from '../../../demo/actors/within.ts';
import type { Push } from '../../../server/contract/events.ts';
import {
  type CallId,
  type EntryId,
  type InteractionId,
  newId,
  type OfferId,
  type UserId,
} from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openHouse } from '../../support/house.ts';

describe('an arriving call', () => {
  let db: TestDatabase;
  let house: Awaited<ReturnType<typeof openHouse>>;

  beforeEach(async () => {
    db = await openTestDatabase();
    house = await openHouse(db);
  });
  afterEach(() => db.close());

  const workOf = (id: UserId) => house.roster.agent(id)?.work?.kind ?? null;
  const rowsOf = () =>
    db.run<{ state: string; version: number; offer_user: UserId | null }>({
      name: 'test_rows',
      text: `SELECT i.state, i.version, o.user_id AS offer_user FROM interactions i
             LEFT JOIN offers o ON o.interaction_id = i.id AND o.ended_at IS NULL ORDER BY i.arrived_at, i.id`,
      values: [],
    });

  it('is stored with its first offer, shown to the agent, and then rings him', async () => {
    expect(await house.calls.receive(house.arrival())).toEqual({ accepted: true });
    expect(await rowsOf()).toEqual([{ state: 'offered', version: 1, offer_user: house.anna }]);
    const seen = await until(() => house.rung[0] && house.pushed.map(({ push }) => push.type), 5_000, 'the ring');
    expect(seen).toContain('offer');
    expect(house.told).toEqual(['ring', 'agent anna']);
    const events = await db.run<{ type: string }>({
      name: 'test_events',
      text: 'SELECT type FROM journal ORDER BY seq',
      values: [],
    });
    expect(events.map(({ type }) => type)).toEqual(['interaction.opened', 'offer.made']);
  });

  it('brings the last contact with its first pop, also one that was no call', async () => {
    const first = house.arrival();
    await house.calls.receive(first);
    const call = house.context.live.byCallId(first.callId);
    if (!call) throw new Error('the call is not in hand');
    const end = { type: 'ended', reason: 'hung_up', status: 200, text: '' } as const;
    house.voice.onLeg?.(first.callId, { ...end, legId: first.legId });
    await until(() => house.context.live.size === 0, 5_000, 'the end of the first call');
    await db.orm.insert(timelineEntries).values({
      id: newId<EntryId>(),
      clientId: call.client.id,
      at: new Date(),
      kind: 'note',
      direction: 'out',
      status: 'done',
      note: 'prefers mornings',
    });
    await house.calls.receive(house.arrival());
    const offers = (): Push[] => house.pushed.map(({ push }) => push).filter(({ type }) => type === 'offer');
    await until(() => offers().length === 2, 5_000, 'the second pop');
    const pop = offers()[1];
    expect(pop?.type === 'offer' && pop.pop).toMatchObject({
      isNewCard: false,
      lastContact: { note: 'prefers mornings' },
    });
  });

  it('hears music when nobody is free', async () => {
    for (const id of [house.anna, house.boris]) house.roster.setPhone(id, false);
    await house.calls.receive(house.arrival());
    await until(() => house.told.includes('answer music'), 5_000, 'the music');
    expect(await rowsOf()).toEqual([{ state: 'queued', version: 1, offer_user: null }]);
    house.roster.setPhone(house.boris, true);
    await until(() => house.told.includes('agent boris'), 5_000, 'the ring');
  });

  it('takes nobody when it is a repetition of one that is stored', async () => {
    const first = house.arrival();
    const receipts = await Promise.all([
      house.calls.receive(first),
      house.calls.receive({ ...first, callId: newId<CallId>() }),
    ]);
    expect(receipts).toContainEqual({ accepted: true });
    expect(receipts).toContainEqual({ accepted: false, reason: 'duplicate' });
    await until(() => house.rung.length > 0, 5_000, 'the ring');
    expect(house.rung).toHaveLength(1);
    expect([workOf(house.anna), workOf(house.boris)].sort()).toEqual([null, 'ringing'].sort());
    expect(house.context.live.size).toBe(1);
  });

  it('is stored and goes to the next agent when another process has just offered the first one something', async () => {
    for (const id of [house.anna, house.boris]) house.roster.setPhone(id, false);
    await house.calls.receive(house.arrival());
    const [elsewhere] = [...house.context.live.all()];
    await db.orm.insert(offers).values({
      id: newId<OfferId>(),
      interactionId: elsewhere?.id as InteractionId,
      userId: house.anna,
      offeredAt: new Date(),
      expiresAt: new Date(),
      reason: 'round_robin',
      candidates: '[]',
    });
    house.context.dispatcher.remove(elsewhere?.id as InteractionId);
    for (const id of [house.anna, house.boris]) house.roster.setPhone(id, true);
    expect(await house.calls.receive(house.arrival('+79160000002'))).toEqual({ accepted: true });
    await until(() => house.rung.length > 0, 5_000, 'the ring');
    expect(house.rung.map(({ aor }) => aor)).toEqual(['boris']);
    expect(workOf(house.anna)).toBeNull();
  });

  it('rings nobody when the caller is gone before it is stored', async () => {
    const event = house.arrival();
    const received = house.calls.receive(event);
    house.voice.onLeg?.(event.callId, {
      type: 'ended',
      legId: event.legId,
      reason: 'cancelled',
      status: 487,
      text: '',
    });
    await received;
    await until(() => house.context.live.size === 0, 5_000, 'the end of the call');
    expect(house.rung).toEqual([]);
    expect([workOf(house.anna), workOf(house.boris)]).toEqual([null, null]);
    expect(await rowsOf()).toEqual([{ state: 'closed', version: 2, offer_user: null }]);
  });

  it('is refused while an earlier one cannot be stored', async () => {
    const stuck = Promise.withResolvers<never>();
    Object.assign(house.context, { db: { ...db, run: () => stuck.promise } });
    const first = house.calls.receive(house.arrival());
    Object.assign(house.context, { db });
    house.clock.advance(2_500);
    expect(await house.calls.receive(house.arrival('+79160000002'))).toEqual({ accepted: false, reason: 'overloaded' });
    stuck.reject(new Error('the database is away'));
    await expect(first).rejects.toThrow('the database is away');
    expect(await house.calls.receive(house.arrival('+79160000003'))).toEqual({ accepted: true });
  });
});
