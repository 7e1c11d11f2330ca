import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { limits } from '../../../channels/chat/limits.ts';
import { readChatSettings } from '../../../channels/chat/settings.ts';
import { newVisitor, withLine } from '../../../channels/chat/visitors.ts';
import { type ChatStand, chatStand, said, uuid } from './chat-stand.ts';

async function greeted(change: Parameters<typeof chatStand>[0] = {}): Promise<ChatStand & { token: string }> {
  const stand = await chatStand(change);
  const { body } = await stand.post('hello', {});
  return { ...stand, token: String(body['token']) };
}

describe('a visitor', () => {
  it('writes: the house has it before he sees that it is sent', async () => {
    const { post, token, events } = await greeted();
    const answer = await post('say', {
      token,
      ...said('Есть размер 42?'),
      page: 'https://shop.example/boots',
      pageTitle: 'Boots',
    });
    expect(answer.status).toBe(200);
    expect(events).toMatchObject([
      {
        type: 'message.arrived',
        channel: 'chat',
        text: 'Есть размер 42?',
        to: ['shop'],
        from: { kind: 'visitor' },
        facts: { page: 'https://shop.example/boots', pageTitle: 'Boots' },
      },
    ]);
  });

  it('is told so when the house could not take it, and nothing of it stands in his window', async () => {
    const stand = await greeted({ refuse: true });
    const answer = await stand.post('say', { token: stand.token, ...said('Алло') });
    expect(answer.status).toBe(503);
    expect((await stand.post('hello', { token: stand.token })).body['lines']).toEqual([]);
  });

  it('sends the same message twice: one event, one line', async () => {
    const { post, token, events } = await greeted();
    const message = said('Раз');
    await post('say', { token, ...message });
    await post('say', { token, ...message });
    expect(new Set(events.map(({ sourceId }) => sourceId)).size).toBe(1);
    expect((await post('hello', { token })).body['lines']).toHaveLength(1);
  });

  it('hears the answer at once, once, and the house hears that it arrived', async () => {
    const { listen, post, token, send, events, visitorOf, settled } = await greeted();
    await post('say', { token, ...said('Есть?') });
    events.length = 0;
    const heard = listen(token, 1);
    const message = { id: uuid(), to: visitorOf(token), text: 'Есть!' };
    expect(await send(message)).toMatchObject({ kind: 'accepted' });
    expect(await send(message)).toMatchObject({ kind: 'accepted' });
    expect((await heard).body['lines']).toMatchObject([
      { id: message.id, by: 'house', text: 'Есть!', name: 'Магазин' },
    ]);
    await settled();
    expect(events).toMatchObject([{ type: 'delivery.reported', messageId: message.id, step: 'delivered' }]);
    expect((await listen(token, 1)).body['lines']).toHaveLength(1);
  });

  it('comes back after the answer: the house hears that it arrived, once', async () => {
    const { post, token, send, events, visitorOf, settled } = await greeted();
    await post('say', { token, ...said('Есть?') });
    events.length = 0;
    const message = { id: uuid(), to: visitorOf(token), text: 'Есть!' };
    await send(message);
    for (let pages = 0; pages < 3; pages++) await post('hello', { token });
    await settled();
    expect(events).toMatchObject([{ type: 'delivery.reported', messageId: message.id, step: 'delivered' }]);
  });

  it('gets the answer again when the house could not note that he had it', async () => {
    const told: string[] = [];
    let isAway = false;
    const stand = await greeted({
      async receive(event) {
        if (event.type === 'delivery.reported') told.push(event.sourceId);
        if (isAway) throw new Error('the database is away');
        return { accepted: true };
      },
    });
    await stand.post('say', { token: stand.token, ...said('Есть?') });
    await stand.send({ id: uuid(), to: stand.visitorOf(stand.token), text: 'Есть!' });
    isAway = true;
    await stand.listen(stand.token, 0);
    await stand.settled();
    isAway = false;
    await stand.listen(stand.token, 0);
    expect(told).toHaveLength(2);
    expect(new Set(told).size).toBe(1);
  });

  it('who only looks leaves nothing behind', async () => {
    const { post, memory } = await chatStand();
    for (let pages = 0; pages < 3; pages++) await post('hello', { name: 'Иван' });
    expect([...memory.keys()]).toEqual([]);
  });

  it('finds everything again after a restart of the house', async () => {
    const first = await greeted();
    await first.post('say', { token: first.token, ...said('Запомните') });
    await first.chat.close();
    const second = await chatStand({ memory: first.memory });
    expect((await second.post('hello', { token: first.token })).body['lines']).toMatchObject([{ text: 'Запомните' }]);
  });

  it('is let go when nobody waits any more, and when the time is over', async () => {
    const { listen, token, clock, chat, settled } = await greeted();
    const leaving = new AbortController();
    const left = listen(token, 0, leaving.signal);
    leaving.abort();
    expect((await left).body['lines']).toEqual([]);
    const waiting = listen(token, 0);
    await settled();
    clock.advance(limits.listenMs);
    expect((await waiting).body['lines']).toEqual([]);
    const last = listen(token, 0);
    await settled();
    await chat.close();
    expect((await last).body['lines']).toEqual([]);
  });
});

describe('the door', () => {
  test.each([
    ['a forged token', { token: `${uuid()}.AAAA`, ...said('x') }, 401],
    ['no token', { token: null, ...said('x') }, 401],
    ['a token with other characters', { token: `${uuid()}.${'я'.repeat(43)}`, ...said('x') }, 401],
    ['no id', { text: 'x' }, 400],
    ['an id that is none', { id: '1', text: 'x' }, 400],
    ['nothing but spaces', { id: uuid(), text: '  \n ' }, 400],
    ['a text that is none', { id: uuid(), text: { toString: 'x' } }, 400],
  ])('refuses %s', async (_name, body, status) => {
    const { post, token, events } = await greeted();
    const answer = await post('say', { token, ...body });
    expect(answer.status).toBe(status);
    expect(events).toEqual([]);
  });

  it('is open to the sites of the setting only', async () => {
    const { post } = await chatStand();
    expect((await post('hello', {}, 'https://evil.example')).status).toBe(403);
    const allowed = await post('hello', {}, 'https://shop.example');
    expect(allowed.headers).toMatchObject({ 'access-control-allow-origin': 'https://shop.example' });
    expect((await post('hello', {}, 'https://house.example')).status).toBe(200);
  });

  it('lets nobody type faster than a person', async () => {
    const { post, token, clock } = await greeted();
    for (let at = 0; at < limits.perMinute; at++)
      expect((await post('say', { token, ...said(`${at}`) })).status).toBe(200);
    expect((await post('say', { token, ...said('too many') })).status).toBe(429);
    clock.advance(61_000);
    expect((await post('say', { token, ...said('later') })).status).toBe(200);
  });

  it('answers any bytes with words', async () => {
    const { raw, events } = await greeted();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('hello', 'say'), async (bytes, name) => {
        const { status } = await raw(name, Buffer.from(bytes));
        expect([200, 400, 401]).toContain(status);
      }),
      { numRuns: 300 },
    );
    expect(events).toEqual([]);
  });
});

describe('who the visitor is', () => {
  const signature = createHmac('sha256', 'shared').update('ivan@example.com|').digest('hex');

  it('counts when the site signed it', async () => {
    const { post, events, token } = await greeted({ identityKey: 'shared' });
    await post('say', { token, ...said('Это я'), email: 'ivan@example.com', name: 'Иван', signature });
    expect(events).toMatchObject([{ from: { displayName: 'Иван' }, facts: { email: 'ivan@example.com' } }]);
  });

  test.each([
    ['nothing', '', 'shared'],
    ['other characters', 'я'.repeat(64), 'shared'],
    ['another key', createHmac('sha256', 'wrong').update('ivan@example.com|').digest('hex'), 'shared'],
    ['the widget has no key', createHmac('sha256', '').update('ivan@example.com|').digest('hex'), ''],
  ])('does not when it was signed with %s', async (_name, given, identityKey) => {
    const { post, events, token } = await greeted({ identityKey });
    await post('say', { token, ...said('Это я'), email: 'ivan@example.com', signature: given });
    expect(events[0]).not.toHaveProperty('facts.email');
  });
});

describe('a call from the page', () => {
  const line = '+74950000001';
  const place = { page: 'https://shop.example/sofa', pageTitle: 'Sofa' };

  it('is offered where a line is set', async () => {
    const { post, token } = await greeted();
    expect((await post('hello', { token })).body).toMatchObject({ call: false });
    expect((await post('call', { token, ...place })).status).toBe(404);
    const other = await greeted({ callLine: line });
    expect((await other.post('hello', {})).body).toMatchObject({ call: true });
  });

  it('is admitted once, with who he is and where he pressed', async () => {
    const { chat, post, token, visitorOf } = await greeted({ callLine: line, identityKey: 'shared' });
    const signature = createHmac('sha256', 'shared').update('ivan@example.com|+79160000001').digest('hex');
    const who = { name: 'Иван', email: 'ivan@example.com', phone: '+79160000001' };
    const { body } = await post('call', { token, ...place, ...who, signature });
    expect(body).toMatchObject({ account: 7, line });
    const ticket = String(body['ticket']);
    const visitor = { accountId: 7, id: visitorOf(token), ...who, ...place };
    expect(chat.admitCaller?.(ticket)).toEqual({ line, visitor });
    expect(chat.admitCaller?.(ticket)).toBeNull();
  });

  it('proves nothing that the site did not sign', async () => {
    const { chat, post, token } = await greeted({ callLine: line, identityKey: 'shared' });
    const who = { email: 'ivan@example.com', phone: '+79160000001', signature: 'ab'.repeat(32) };
    const { body } = await post('call', { token, ...who });
    expect(chat.admitCaller?.(String(body['ticket']))).toMatchObject({ visitor: { email: '', phone: '' } });
  });

  it('is for visitors of sites that show the chat', async () => {
    const { post, token } = await greeted({ callLine: line });
    expect((await post('call', { token }, 'https://evil.example')).status).toBe(403);
    expect((await post('call', { token: `${uuid()}.AAAA` })).status).toBe(401);
  });

  it('waits for nobody when the chat is off', async () => {
    const { chat, post, token } = await greeted({ callLine: line });
    const { body } = await post('call', { token });
    await chat.close();
    expect(chat.admitCaller?.(String(body['ticket']))).toBeNull();
  });

  test.each(['8 495 000-00-01', '+0123456789', 'sales', 5])('cannot be set to %s', (callLine) => {
    expect(() => readChatSettings({ callLine })).toThrow();
  });
});

describe('what is kept of a visitor', () => {
  it('is bounded, in order, each message once, whatever is written', () => {
    const line = fc.record({
      id: fc.constantFrom(...Array.from({ length: 150 }, (_, at) => `id-${at}`)),
      by: fc.constantFrom('visitor' as const, 'house' as const),
      name: fc.string({ maxLength: 5 }),
      text: fc.string({ maxLength: limits.text, unit: 'binary' }),
      at: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 200, size: 'max' }), (lines) => {
        const visitor = lines.reduce(withLine, newVisitor('v'));
        expect(visitor.lines.length).toBeLessThanOrEqual(limits.messages);
        expect(Buffer.byteLength(JSON.stringify(visitor.lines))).toBeLessThan(64_000);
        const seqs = visitor.lines.map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
        expect(new Set(visitor.lines.map(({ id }) => id)).size).toBe(visitor.lines.length);
      }),
      { numRuns: 30 },
    );
  });
});

test.each([
  [{ origins: ['shop.example'] }, 'origins'],
  [{ origins: 'https://shop.example' }, 'origins'],
  [{ origins: ['javascript:alert(1)'] }, 'origins'],
  [{ color: 'red' }, 'color'],
  [{ title: 5 }, 'title'],
])('settings %j are refused at %s', (settings, field) => {
  expect(() => readChatSettings(settings)).toThrowError(expect.objectContaining({ details: { field } }));
});
