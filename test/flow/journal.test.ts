import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journal, outbox } from '../../db/schema/index.ts';
import { until } from '../../demo/actors/within.ts';
import { type CallCenter, openCallCenter } from '../support/call-center.ts';

describe('the journal', () => {
  let center: CallCenter;

  beforeAll(async () => {
    center = await openCallCenter({ agents: ['anna', 'boris'], queue: { wrapUpSeconds: 60 } });
  });
  afterAll(() => center?.close());

  async function storyOf(interactionId: string) {
    const rows = await center.server.db.orm.select().from(journal).orderBy(asc(journal.seq));
    return rows
      .filter((row) => row.interactionId === interactionId)
      .map(({ type, userId, data }) => [type, userId, data['state']]);
  }

  it('tells a whole call in order: who was asked, who talked, how it ended', async () => {
    const [anna, boris] = [center.desk('anna'), center.desk('boris')];
    const client = await center.makeClient('История', 'anna');
    const call = await center.call(client.number);
    const { id } = (await center.offerOf('anna', client.number)).interaction;
    (await anna.phone.nextCall()).decline(486);
    await center.offerOf('boris', client.number);
    (await boris.phone.nextCall()).answer();
    await call.answered();
    await boris.waitFor('interaction', ({ interaction }) => interaction.state === 'active');
    await boris.call('POST /api/v1/interactions/:id/hold', { params: { id } });
    await boris.call('POST /api/v1/interactions/:id/resume', { params: { id } });
    call.hangUp();
    await boris.waitFor('interaction', ({ interaction }) => interaction.state === 'wrap_up');
    await boris.call('POST /api/v1/interactions/:id/finish', { params: { id }, body: {} });
    expect(await storyOf(id)).toEqual([
      ['interaction.opened', null, 'queued'],
      ['offer.made', anna.me.id, 'offered'],
      ['offer.ended', anna.me.id, 'queued'],
      ['offer.made', boris.me.id, 'offered'],
      ['interaction.answered', boris.me.id, 'active'],
      ['interaction.held', boris.me.id, 'held'],
      ['interaction.resumed', boris.me.id, 'active'],
      ['interaction.ended', boris.me.id, 'wrap_up'],
      ['interaction.closed', boris.me.id, 'closed'],
    ]);
  });

  it('holds nothing back: the outbox empties', async () => {
    await until(
      async () => (await center.server.db.orm.select().from(outbox)).length === 0,
      10_000,
      'the end of the outbox',
    );
  });

  it('knows who changed his status, and why', async () => {
    await center.desk('anna').setStatus('not_ready', 'training');
    const rows = await center.server.db.orm.select().from(journal).orderBy(asc(journal.seq));
    expect(rows.findLast(({ type }) => type === 'presence.changed')).toMatchObject({
      userId: center.desk('anna').me.id,
      data: { status: 'not_ready', reason: 'training', cause: 'agent' },
    });
  });
});
