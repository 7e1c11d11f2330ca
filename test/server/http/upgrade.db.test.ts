import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { type ListeningApp, listenTestApp, openTestHouse, signIn, type TestHouse } from './app-support.ts';

describe('upgrades', () => {
  let house: TestHouse;
  let server: ListeningApp;
  let cookie: string;
  let allowAnonymous = false;
  const phones = new WebSocketServer({ noServer: true, handleProtocols: () => 'sip' });
  beforeAll(async () => {
    house = await openTestHouse();
    server = await listenTestApp(house, {
      sip: {
        accept: (request, socket, head, identity) =>
          phones.handleUpgrade(request, socket, head, (phone) => phone.send(`you are ${identity ?? 'nobody'}`)),
        admit(request, socket, head, { account, ticket }) {
          if (account !== 7 || ticket !== 'good') return false;
          phones.handleUpgrade(request, socket, head, (phone) => phone.send('you are a visitor'));
          return true;
        },
        allowAnonymous: () => allowAnonymous,
      },
    });
    cookie = await signIn(server.app, 'anna');
  });
  afterAll(async () => {
    await server.app.close();
    await house.close();
  });

  const socket = (path: string, options: ClientOptions = {}, protocols: string[] = []) =>
    new WebSocket(`ws://${server.host}${path}`, protocols, options);

  /** The HTTP status with which the upgrade is refused. */
  async function refusal(path: string, options: ClientOptions = {}, protocols: string[] = []): Promise<number> {
    const refused = socket(path, options, protocols);
    refused.on('error', () => undefined);
    const { promise, resolve } = Promise.withResolvers<number>();
    refused.on('open', () => resolve(101));
    refused.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    return await promise;
  }
  const greeting = async (phone: WebSocket): Promise<string> => String((await once(phone, 'message'))[0]);

  it('give a phone the login of its session', async () => {
    const phone = socket('/sip', { headers: { cookie } }, ['sip']);
    expect(await greeting(phone)).toBe('you are anna');
    expect(phone.protocol).toBe('sip');
    phone.terminate();
  });

  it('let a visitor in with a ticket, and see only the visitor whoever is signed in there', async () => {
    const phone = socket('/sip?account=7&ticket=good', { headers: { cookie } }, ['sip']);
    expect(await greeting(phone)).toBe('you are a visitor');
    phone.terminate();
    for (const query of ['account=7&ticket=bad', 'account=8&ticket=good', 'ticket=good', 'account=7&ticket='])
      expect(await refusal(`/sip?${query}`, { headers: { cookie } }, ['sip'])).toBe(403);
    const foreign = { headers: { origin: 'https://evil.example' } };
    expect(await refusal('/sip?account=7&ticket=good', foreign, ['sip'])).toBe(403);
  });

  it('refuse a phone without a session, unless it may be nobody', async () => {
    expect(await refusal('/sip', {}, ['sip'])).toBe(401);
    allowAnonymous = true;
    const phone = socket('/sip', {}, ['sip']);
    expect(await greeting(phone)).toBe('you are nobody');
    phone.terminate();
    // not one that came from elsewhere
    expect(await refusal('/sip', { headers: { 'x-forwarded-for': '192.0.2.1' } }, ['sip'])).toBe(401);
    allowAnonymous = false;
  });

  it('open Socket.IO for sessions only', async () => {
    const path = '/socket.io/?EIO=4&transport=websocket';
    expect(await refusal(path)).toBe(401);
    expect(await refusal(path, { headers: { cookie: 'switchroom=guess' } })).toBe(401);
    const open = socket(path, { headers: { cookie } });
    expect(await greeting(open)).toMatch(/^0\{"sid":/);
    open.terminate();
  });

  it('refuse what is not SIP, other sites, and other paths', async () => {
    expect(await refusal('/sip', { headers: { cookie } })).toBe(400);
    expect(await refusal('/sip', { headers: { cookie } }, ['mqtt'])).toBe(400);
    expect(await refusal('/sip', { headers: { cookie }, origin: 'https://evil.example' }, ['sip'])).toBe(403);
    expect(await refusal('/socket.io/?EIO=4&transport=websocket', { headers: { cookie }, origin: 'null' })).toBe(403);
    const rebound = { cookie, host: 'rebound.evil.example', origin: 'http://rebound.evil.example' };
    expect(await refusal('/sip', { headers: rebound }, ['sip'])).toBe(403);
    for (const path of ['/', '/api/v1/session', '/socket.io', '/sip/x']) {
      expect(await refusal(path, { headers: { cookie } }, ['sip'])).toBe(404);
    }
  });

  it('let the own page in', async () => {
    const phone = socket('/sip', { headers: { cookie }, origin: `http://${server.host}` }, ['sip']);
    expect(await greeting(phone)).toBe('you are anna');
    phone.terminate();
  });

  it('end a phone with the session that opened it', async () => {
    const leaving = await signIn(server.app, 'boris');
    const phone = socket('/sip', { headers: { cookie: leaving } }, ['sip']);
    await greeting(phone);
    phone.on('error', () => undefined);
    const closed = once(phone, 'close');
    await server.app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { cookie: leaving } });
    await closed;
  });

  it('do not keep the server from closing', async () => {
    const other = await listenTestApp(house, {
      sip: {
        accept: (request, duplex, head) => phones.handleUpgrade(request, duplex, head, (phone) => phone.send('hello')),
        allowAnonymous: () => true,
      },
    });
    const phone = new WebSocket(`ws://${other.host}/sip`, ['sip']);
    phone.on('error', () => undefined);
    await greeting(phone);
    const closed = once(phone, 'close');
    await other.app.close();
    await closed;
    await other.app.close();
  });
});
