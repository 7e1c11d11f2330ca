import { once } from 'node:events';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../../demo/actors/api-client.ts';
import { type CallCenter, openCallCenter } from '../../support/call-center.ts';

/** The running server with real phones: what an administrator writes is what the next ring does. */
describe('a change of the setting in a running house', () => {
  let center: CallCenter;
  let admin: ApiClient;
  beforeAll(async () => {
    center = await openCallCenter({ agents: ['anna', 'boris'] });
    admin = await center.server.signIn('admin');
  });
  afterAll(() => center?.close());

  const queue = async () => {
    const { items } = await admin.call('GET /api/v1/setup/queues');
    const [first] = items;
    if (!first) throw new Error('the demo has no queue');
    return first;
  };
  async function serve(...logins: ('anna' | 'boris')[]): Promise<void> {
    const { id, version } = await queue();
    const userIds = logins.map((login) => center.desk(login).me.id);
    await admin.call('PUT /api/v1/setup/queues/:id/members', { params: { id }, body: { version, userIds } });
  }
  const userOf = async (login: string) => {
    const { items } = await admin.call('GET /api/v1/setup/users');
    const found = items.find((user) => user.login === login);
    if (!found) throw new Error(`no ${login}`);
    return found;
  };

  it('a caller who waits rings with whoever is put on the queue', async () => {
    await serve('anna');
    await center.desk('anna').setStatus('not_ready', 'lunch');
    const number = center.newNumber();
    const call = await center.call(number);
    await call.answered();
    await serve('anna', 'boris');
    await center.offerOf('boris', number);
    (await center.desk('boris').phone.nextCall()).answer();
    call.hangUp();
    await center.quiet();
    await center.desk('anna').setStatus('available');
  });

  it('a talk goes on while his queue, his name and his place change, and the next caller rings elsewhere', async () => {
    await serve('boris');
    const number = center.newNumber();
    const call = await center.call(number);
    const { interaction } = await center.offerOf('boris', number);
    (await center.desk('boris').phone.nextCall()).answer();
    await call.answered();
    // he leaves the queue while he talks
    await serve('anna');
    const { id, version } = await userOf('boris');
    await admin.call('PATCH /api/v1/setup/users/:id', { params: { id }, body: { version, name: 'Борис Новый' } });
    const other = center.newNumber();
    const second = await center.call(other);
    await center.offerOf('anna', other);
    (await center.desk('anna').phone.nextCall()).answer();
    const now = await center.desk('boris').call('GET /api/v1/interactions/:id', { params: { id: interaction.id } });
    expect(now).toMatchObject({ state: 'active', user: { name: 'Борис Новый' } });
    second.hangUp();
    call.hangUp();
    await center.quiet();
  });

  it('a new number is called at once, and every browser hears that lines have changed', async () => {
    const socket = io(center.server.url, {
      transports: ['websocket'],
      extraHeaders: { cookie: center.desk('anna').cookie },
      forceNew: true,
    });
    await once(socket as never, 'connect');
    const heard = once(socket as never, 'setup-changed');
    const { id: queueId, lines } = await queue();
    const { items } = await admin.call('GET /api/v1/setup/lines');
    const trunkId = items.find((line) => line.id === lines[0]?.id)?.trunkId ?? 0;
    const body = { name: 'Second', number: '8 495 000-00-02', trunkId, queueId };
    const line = await admin.call('POST /api/v1/setup/lines', { body });
    expect(await heard).toEqual(['line', line.id]);
    socket.close();
    const number = center.newNumber();
    const call = await center.caller.call('+74950000002', { number });
    const { interaction } = await center.offerOf('anna', number);
    expect(interaction.line).toEqual({ id: line.id, name: 'Second', number: '+74950000002' });
    call.hangUp();
    await center.quiet();
  });

  it('a carrier’s address counts from its next packet on', async () => {
    const { items } = await admin.call('GET /api/v1/setup/trunks');
    const [trunk] = items;
    if (!trunk) throw new Error('the demo has no trunk');
    const write = (version: number, addresses: string[]) =>
      admin.call('PATCH /api/v1/setup/trunks/:id', { params: { id: trunk.id }, body: { version, addresses } });
    const { version } = await write(trunk.version, ['192.0.2.1']);
    await expect(center.call(center.newNumber()).then((call) => call.answered())).rejects.toThrow();
    await write(version, trunk.addresses);
    const number = center.newNumber();
    const call = await center.call(number);
    await center.offerOf('anna', number);
    call.hangUp();
    await center.quiet();
  });

  it('whoever is disabled is out at once: no session, no phone, no ring', async () => {
    await serve('boris', 'anna');
    const { id, version } = await userOf('boris');
    await admin.call('PATCH /api/v1/setup/users/:id', { params: { id }, body: { version, disabled: true } });
    await expect(center.desk('boris').call('GET /api/v1/workspace')).rejects.toMatchObject({ status: 401 });
    const number = center.newNumber();
    const call = await center.call(number);
    await center.offerOf('anna', number);
    const { items } = await center.olga.call('GET /api/v1/agents');
    expect(items.map((agent) => agent.id)).not.toContain(id);
    call.hangUp();
    await center.quiet();
  });
});
