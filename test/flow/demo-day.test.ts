import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queues } from '../../db/schema/index.ts';
import { openTestPhone } from '../../demo/actors/sip-agent.ts';
import { until } from '../../demo/actors/within.ts';
import { account, type DayAccount } from '../../demo/day/account.ts';
import type { Query } from '../../demo/day/records.ts';
import { runDay } from '../../demo/day/run-day.ts';
import { isGood, tableOf } from '../../demo/day/table.ts';
import { demoPassword } from '../support/demo-company.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';

describe('a scripted day', () => {
  let server: TestServer;
  let vera: Desk;
  let day: DayAccount;
  const said: string[] = [];

  const names = new Map<string, string>();
  const query: Query = async <Row>(text: string, values: readonly unknown[]) => {
    const name = names.get(text) ?? `demo_day_${names.size}`;
    names.set(text, name);
    return (await server.db.run({ name, text, values: [...values] })) as Row[];
  };

  beforeAll(async () => {
    server = await startTestServer({
      prepare: async (db) => void (await db.orm.update(queues).set({ ringSeconds: 4, responsibleSeconds: 4 })),
    });
    vera = await openDesk(server, 'vera', { tone: 1790, status: 'not_ready' });
    const played = await runDay({
      url: server.url,
      sipPort: server.sipPort,
      password: demoPassword,
      minutes: 0.3,
      rate: 4,
      seed: 7,
      query,
      say: (text) => said.push(text),
      progress: () => undefined,
      signal: new AbortController().signal,
    });
    if (!played) throw new Error('nobody stopped it');
    day = played;
  }, 4 * 60_000);
  afterAll(async () => {
    await vera?.close();
    await server?.close();
  });

  it('is told alike by the script, the board, the journal and the timelines', () => {
    const differing = tableOf(day)
      .split('\n')
      .filter((row) => row.includes('DIFFERS'));
    expect(differing).toEqual([]);
    expect(day.strangers).toEqual([]);
    expect(isGood(day)).toBe(true);
    const { stories } = day.asked;
    expect(stories.length).toBeGreaterThan(20);
    expect(stories.filter(({ outcome, trouble }) => outcome === null || trouble !== null)).toEqual([]);
    const figure = (name: string) => day.rows.find((row) => row.name === name)?.board;
    for (const name of [
      'answered',
      'abandoned',
      'voicemails',
      'callbacksRequested',
      'phantomRings',
      'rescued',
      'reached',
    ])
      expect(figure(name), name).toBeGreaterThan(0);
  });

  it('leaves people at work to themselves, and agents as they were', async () => {
    expect(said.join()).toContain('(vera) has a phone already');
    const { items } = await (await server.signIn('olga')).call('GET /api/v1/agents');
    expect(items.map(({ status, busy, phone }) => ({ status, busy, phone }))).toMatchObject([
      { status: 'not_ready', busy: null, phone: false },
      { status: 'not_ready', busy: null, phone: false },
      { status: 'not_ready', busy: null, phone: true },
      ...items.slice(3).map(() => ({ busy: null })),
    ]);
  });

  it('tells of a row that says something else, be it by a millisecond', async () => {
    const { admin: _signedOut, ...asked } = day.asked;
    const admin = await server.signIn('admin');
    expect(isGood(await account({ ...asked, admin, query }))).toBe(true);
    const [call] = await query<{ id: string }>('SELECT id FROM interactions WHERE answered_at IS NOT NULL LIMIT 1', []);
    await server.db.orm.execute(
      sql`UPDATE interactions SET answered_at = answered_at + interval '1 ms' WHERE id = ${call?.id}`,
    );
    const doctored = await account({ ...asked, admin, query });
    expect(isGood(doctored)).toBe(false);
    expect(doctored.rows.filter(({ agrees }) => !agrees).map(({ name }) => name)).toContain('talkMs');
  });

  it('proves nothing, and does not fail, when somebody else called meanwhile', async () => {
    const phone = await openTestPhone({ serverPort: server.sipPort, tone: 470 });
    const call = await phone.call(line, { number: '+79160001122' });
    await call.answered();
    call.hangUp();
    await phone.close();
    const { admin: _signedOut, ...asked } = day.asked;
    const admin = await server.signIn('admin');
    const told = await until(
      async () => {
        const again = await account({ ...asked, admin, query });
        return again.strangers.length > 0 && again;
      },
      5_000,
      'the call of a stranger',
    );
    expect(isGood(told)).toBe(true);
    expect(tableOf(told)).toContain("Figures cannot be compared: 1 calls were not the script's");
  });
});
