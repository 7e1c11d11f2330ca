import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LegEvent } from '../../../channels/channel.ts';
import type { queues } from '../../../db/schema/index.ts';
import { until } from '../../../demo/actors/within.ts';
import type { LiveCall } from '../../../server/calls/live-call.ts';
import type { OfferId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openHouse } from '../../support/house.ts';

const noHours = { timeZone: 'UTC', weekly: {}, exceptions: [] };

describe('while nobody can be rung', () => {
  let db: TestDatabase;
  let house: Awaited<ReturnType<typeof openHouse>>;

  beforeEach(async () => {
    db = await openTestDatabase();
  });
  afterEach(async () => {
    await house.calls.close();
    await db.close();
  });

  async function open(rules: Partial<typeof queues.$inferInsert> = {}): Promise<void> {
    house = await openHouse(db, rules);
    for (const id of [house.anna, house.boris]) house.roster.setPhone(id, false);
  }
  const heard = (sound: string): Promise<unknown> =>
    until(() => house.told.some((word) => word.includes(sound)), 5_000, `"${sound}" among ${house.told.join(', ')}`);
  const settled = (call: LiveCall): Promise<void> => call.tasks;

  /** A caller arrives and his call is in hand. */
  async function arrive(): Promise<{
    call: LiveCall;
    tell: (event: DistributiveOmit<LegEvent, 'legId'>) => Promise<void>;
  }> {
    const event = house.arrival();
    await house.calls.receive(event);
    const call = house.context.live.byCallId(event.callId);
    if (!call) throw new Error('the call is not in hand');
    return {
      call,
      async tell(what) {
        house.voice.onLeg?.(event.callId, { ...what, legId: event.legId } as LegEvent);
        await settled(call);
      },
    };
  }
  type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

  const rows = (): Promise<{ state: string; result: string | null; status: string; kind: string }[]> =>
    db.run({
      name: 'test_rows',
      text: `SELECT i.state, i.result, t.status, t.kind FROM interactions i JOIN timeline_entries t ON t.interaction_id = i.id`,
      values: [],
    });
  const journal = async (): Promise<string[]> => {
    const found = await db.run<{ type: string }>({
      name: 'test_journal',
      text: 'SELECT type FROM journal ORDER BY seq',
      values: [],
    });
    return found.map(({ type }) => type);
  };

  it('the longest wait leads to a voice message, which is stored and is work for us', async () => {
    await open({ maxWaitSeconds: 60, afterMaxWait: 'voicemail' });
    const { call, tell } = await arrive();
    await heard('answer music');
    house.clock.advance(60_000);
    await settled(call);
    await heard('voicemail beep');
    expect(call.state).toBe('voicemail');
    house.phones.recorded(4_000);
    await tell({ type: 'sound-ended' });
    expect(house.told.slice(-2)).toEqual(['play silence', 'record']);
    await tell({ type: 'dtmf', digit: '#' });
    await heard('voicemail-saved');
    expect(await rows()).toMatchObject([{ state: 'closed', result: 'voicemail', status: 'missed', kind: 'voicemail' }]);
    expect(await journal()).toContain('interaction.voicemail');
    expect(house.context.live.size).toBe(1);
    await tell({ type: 'sound-ended' });
    expect(house.context.live.size).toBe(0);
  });

  it('a caller who hangs up during his message has left it', async () => {
    await open({ maxWaitSeconds: 60 });
    const { call, tell } = await arrive();
    house.clock.advance(60_000);
    await settled(call);
    house.phones.recorded(9_000);
    await tell({ type: 'sound-ended' });
    await tell({ type: 'ended', reason: 'hung_up', status: 200, text: '' });
    expect(await rows()).toMatchObject([{ state: 'closed', result: 'voicemail' }]);
    expect(house.context.live.size).toBe(0);
  });

  it('a breath is no message', async () => {
    await open({ maxWaitSeconds: 60 });
    const { call, tell } = await arrive();
    house.clock.advance(60_000);
    await settled(call);
    house.phones.recorded(400);
    await tell({ type: 'sound-ended' });
    await tell({ type: 'silence' });
    expect(await rows()).toMatchObject([{ state: 'closed', result: 'timeout', status: 'missed' }]);
  });

  it('1 asks to be called back, and he is told that he will be', async () => {
    await open({ maxWaitSeconds: 60, afterMaxWait: 'callback' });
    const { call, tell } = await arrive();
    house.clock.advance(60_000);
    await settled(call);
    await heard('answer music');
    await tell({ type: 'dtmf', digit: '1' });
    await heard('callback-confirmed');
    expect(await rows()).toMatchObject([{ state: 'closed', result: 'callback_requested' }]);
    expect(await journal()).toContain('interaction.callback_requested');
  });

  it('who chooses nothing keeps his place meanwhile, and then may leave a message', async () => {
    await open({ maxWaitSeconds: 60, afterMaxWait: 'callback' });
    const { call, tell } = await arrive();
    house.clock.advance(60_000);
    await settled(call);
    await tell({ type: 'sound-ended' });
    expect(call.state).toBe('queued');
    house.clock.advance(8_000);
    await settled(call);
    expect(call.state).toBe('voicemail');
  });

  it.each(['closed', 'nobody'] as const)('%s: told so at once, with a tone for his message', async (why) => {
    await open(why === 'closed' ? { hours: noHours } : {});
    if (why === 'nobody') house.clock.advance(0);
    if (why === 'nobody')
      for (const agent of house.roster.members(house.queueId)) Object.assign(agent, { shift: null });
    const { call } = await arrive();
    await until(() => call.state === 'voicemail', 5_000, 'the message');
    await heard(`${why} beep`);
    expect(house.rung).toEqual([]);
  });

  it('hang_up out of hours is a word and then the end', async () => {
    await open({ hours: noHours, outOfHours: 'hang_up' });
    const { call } = await arrive();
    await until(() => call.state === 'closed', 5_000, 'the end');
    await heard('answer ru/closed');
    expect(await rows()).toMatchObject([{ result: 'out_of_hours', status: 'missed' }]);
  });

  it('an agent who is rung when the wait is over is let finish; then the caller goes his way', async () => {
    await open({ maxWaitSeconds: 5, ringSeconds: 15 });
    house.roster.setPhone(house.anna, true);
    const { call } = await arrive();
    await until(() => house.rung.length === 1, 5_000, 'the ring');
    house.clock.advance(5_000);
    await settled(call);
    expect(call.state).toBe('offered');
    house.clock.advance(10_000);
    await until(() => call.state === 'voicemail', 5_000, 'the message');
    expect(house.roster.agent(house.anna)?.work).toBeNull();
  });

  async function offerResults(): Promise<(string | null)[]> {
    const rows = await db.run<{ result: string | null }>({
      name: 'test_offers',
      text: 'SELECT result FROM offers ORDER BY offered_at, id',
      values: [],
    });
    return rows.map(({ result }) => result);
  }

  it('a browser that does not prove its ring is passed over without blame', async () => {
    await open();
    house.phones.phoneKind = 'browser';
    for (const id of [house.anna, house.boris]) house.roster.setPhone(id, true);
    const { call } = await arrive();
    await until(() => house.rung.length === 1, 5_000, 'the first ring');
    house.clock.advance(1_500);
    await until(() => house.rung.length === 2, 5_000, 'the second ring');
    house.calls.offerSeen(house.boris, call.offer?.id as OfferId);
    house.clock.advance(1_500);
    await settled(call);
    expect(call.state).toBe('offered');
    expect(await offerResults()).toEqual(['not_delivered', null]);
  });

  it('a browser that does not prove its ring rings on while there is nobody else, until there is', async () => {
    await open({ ringSeconds: 15 });
    house.phones.phoneKind = 'browser';
    house.roster.setPhone(house.anna, true);
    const { call } = await arrive();
    await until(() => house.rung.length === 1, 5_000, 'the first ring');
    house.clock.advance(12_000);
    await settled(call);
    expect(call.offer?.userId).toBe(house.anna);
    house.roster.setPhone(house.boris, true);
    house.clock.advance(1_500);
    await until(() => house.rung.length === 2, 5_000, 'the second ring');
    expect(call.offer?.userId).toBe(house.boris);
    house.clock.advance(15_000);
    await until(() => house.rung.length === 3, 5_000, 'the third ring');
    expect(await offerResults()).toEqual(['not_delivered', 'not_delivered', null]);
  });

  describe('an agent whose browser is lost in mid-call', () => {
    async function talk(): Promise<Awaited<ReturnType<typeof arrive>>> {
      await open();
      house.roster.setPhone(house.anna, true);
      const caller = await arrive();
      await until(() => house.rung.length === 1, 5_000, 'the ring');
      const legId = house.rung[0]?.legId;
      if (!legId) throw new Error('nobody was rung');
      house.received.set(legId, 100);
      house.voice.onLeg?.(caller.call.callId, { type: 'answered', legId });
      await until(() => caller.call.state === 'active', 5_000, 'the talk');
      return caller;
    }

    async function lose(call: LiveCall): Promise<void> {
      house.voice.onRegistration?.('anna', false);
      await until(() => house.clock.advance(100) === undefined && call.state === 'reconnecting', 5_000, 'the loss');
    }

    it('the client hears a word and the agent is put through again when he is back', async () => {
      const { call } = await talk();
      await lose(call);
      house.voice.onRegistration?.('anna', true);
      await until(() => house.rung.length === 2, 5_000, 'the second ring');
      expect(house.rung[1]?.headers['X-Switchroom-Answer']).toBe('auto');
      house.voice.onLeg?.(call.callId, { type: 'answered', legId: house.rung[1]?.legId ?? call.callId } as LegEvent);
      await until(() => call.state === 'active', 5_000, 'the talk goes on');
      expect(await journal()).toEqual(expect.arrayContaining(['interaction.interrupted', 'interaction.rescued']));
    });

    it('gone for good: after 30 s the client is at the head of the queue, with who talked to him', async () => {
      const { call } = await talk();
      call.note = 'wants red ones';
      await lose(call);
      house.clock.advance(30_000);
      await until(() => call.state === 'queued', 5_000, 'the queue');
      expect(call).toMatchObject({ lastUserId: house.anna, userId: null, note: 'wants red ones' });
      await until(() => house.roster.agent(house.anna)?.work === null, 5_000, 'her freedom');
      house.roster.setPhone(house.boris, true);
      await until(() => house.rung.at(-1)?.aor === 'boris', 5_000, 'the ring');
      const pop = await until(() => house.pushed.findLast(({ push }) => push.type === 'offer')?.push, 5_000, 'the pop');
      expect(pop.type === 'offer' && pop.pop.warnings).toContainEqual({ code: 'was_talking_with', text: 'anna' });
    });

    it('gone for good, and the client gives up: nobody took him, so he is owed a call', async () => {
      const { call } = await talk();
      await lose(call);
      house.clock.advance(30_000);
      await until(() => call.state === 'queued', 5_000, 'the queue');
      const gone = { type: 'ended', reason: 'hung_up', status: 200, text: '' } as const;
      house.voice.onLeg?.(call.callId, { ...gone, legId: call.clientLeg ?? call.callId } as LegEvent);
      await until(() => call.state === 'closed', 5_000, 'the end');
      await settled(call);
      expect(await rows()).toMatchObject([{ state: 'closed', result: 'abandoned', status: 'missed', kind: 'call' }]);
    });

    it('a lost socket alone changes nothing: his sound still flows', async () => {
      const { call } = await talk();
      const legId = house.rung[0]?.legId;
      house.voice.onRegistration?.('anna', false);
      await settled(call);
      if (legId) house.received.set(legId, 150);
      for (let step = 0; step < 20; step++) {
        house.clock.advance(100);
        await settled(call);
      }
      expect(call.state).toBe('active');
    });
  });
});
