import dgram from 'node:dgram';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { lines, queueAgents, queues, users } from '../../db/schema/index.ts';
import { openTestPhone, type TestPhone } from '../../demo/actors/sip-agent.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { createSeededRandom } from '../support/random.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { preloadClock } from '../support/skipping-clock.ts';
import { mutate, sipMessage } from './mutants.ts';

const seed = 20_261_121;
const counts = { datagrams: 15_000, sipFrames: 4_000, pushFrames: 1_000 } as const;
/** Slower than the guard's patience with one address: what it would drop unread would test nothing. */
const perSecond = 400;
const tones = { caller: 470, anna: 1010 } as const;
const ownLine = '+74950000009';

describe('20,000 broken messages', () => {
  let server: TestServer;
  let anna: Desk;
  let caller: TestPhone;
  let calls = 0;

  beforeAll(async () => {
    server = await startTestServer({
      child: true,
      env: { NODE_OPTIONS: preloadClock },
      // A line and a queue of their own for the sound calls; mutants that are calls after all wait in the other one.
      async prepare(db) {
        const [line] = await db.orm.select().from(lines);
        const [user] = await db.orm.select().from(users).where(eq(users.login, 'anna'));
        const [queue] = await db.orm.insert(queues).values({ name: 'Sound', wrapUpSeconds: 0 }).returning();
        if (!line || !user || !queue) throw new Error('the demo is not as expected');
        await db.orm.insert(lines).values({ name: 'Sound', number: ownLine, trunkId: line.trunkId, queueId: queue.id });
        await db.orm.delete(queueAgents).where(eq(queueAgents.userId, user.id));
        await db.orm.insert(queueAgents).values({ queueId: queue.id, userId: user.id });
      },
    });
    anna = await openDesk(server, 'anna', { tone: tones.anna });
    caller = await openTestPhone({ serverPort: server.sipPort, tone: tones.caller });
  });
  afterAll(async () => {
    await caller?.close();
    await anna?.close();
    await server?.close();
  });

  /** One sound call: rung, answered, heard at both ends, ended. */
  async function soundCall(): Promise<void> {
    const number = `+7916${String(++calls).padStart(7, '0')}`;
    const call = await caller.call(ownLine, { number });
    const ringing = await anna.phone.nextCall(20_000);
    ringing.answer();
    await anna.waitFor(
      'interaction',
      ({ interaction }) => interaction.peer.number === number && interaction.state === 'active',
      20_000,
    );
    expect(await Promise.all([call.tones([tones.anna]), ringing.tones([tones.caller])])).toEqual([
      [tones.anna],
      [tones.caller],
    ]);
    call.hangUp();
    await ringing.ended;
  }

  it('harm neither the calls that go on meanwhile nor the server', async () => {
    let isOver = false;
    const calling = (async () => {
      while (!isOver) await soundCall();
    })();
    // Looked at below; until then it must not end the test run.
    calling.catch(() => undefined);
    await Promise.all([sendDatagrams(), sendSipFrames(), sendPushFrames()]).finally(() => {
      isOver = true;
    });
    await calling;
    expect(calls).toBeGreaterThan(5);
    expect(server.child?.exitCode).toBeNull();
    expect((await figures()).get('switchroom_sip_received_total')).toBeGreaterThan(counts.datagrams);
  });

  it('leave nothing behind once all timers have run out', async () => {
    const held = [
      'switchroom_calls',
      'switchroom_sip_dialogs',
      'switchroom_sip_server_transactions',
      'switchroom_sip_client_transactions',
    ];
    const left = async () => {
      const now = await figures();
      return held.filter((name) => now.get(name) !== 0).map((name) => `${name} ${now.get(name)}`);
    };
    // of the test itself: there is something that could be left
    expect(await left()).not.toEqual([]);
    // a call that nobody acknowledged waits as long as SIP waits for anything, and its BYE once more
    for (let wait = 0; wait < 2; wait++) {
      server.child?.kill('SIGUSR2');
      await left();
    }
    await expect.poll(left, { timeout: 25_000, interval: 500 }).toEqual([]);
    await soundCall();
    const agents = await (await server.signIn('olga')).call('GET /api/v1/agents');
    expect(agents.items.filter(({ busy }) => busy !== null)).toEqual([]);
  });

  /** The server's own figures. */
  async function figures(): Promise<Map<string, number>> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return new Map(
      text.split('\n').flatMap((line) => {
        const [name = '', value = ''] = line.split(' ');
        return name.startsWith('switchroom_') && !name.includes('{') ? [[name, Number(value)] as const] : [];
      }),
    );
  }

  async function sendDatagrams(): Promise<void> {
    const random = createSeededRandom(seed);
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    await paced(counts.datagrams, async () => {
      // One in ten is for a line that exists: it may become a call.
      const called = random.below(10) === 0 ? '+74950000001' : '+74950000077';
      const mutant = mutate(sipMessage(random, { called, transport: 'UDP' }), random);
      const bytes = Buffer.from(mutant, random.below(2) === 0 ? 'utf8' : 'latin1').subarray(0, 60_000);
      await new Promise<void>((resolve) => socket.send(bytes, server.sipPort, '127.0.0.1', () => resolve()));
    });
    socket.close();
  }

  async function sendSipFrames(): Promise<void> {
    const random = createSeededRandom(seed + 1);
    const url = `${server.url.replace('http', 'ws')}/sip`;
    await sendFrames(
      counts.sipFrames,
      () => new WebSocket(url, 'sip'),
      () => mutate(sipMessage(random, { called: '+74950000077', transport: 'WS' }), random),
    );
  }

  async function sendPushFrames(): Promise<void> {
    const random = createSeededRandom(seed + 2);
    const url = `${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const frames = [
      '40',
      '42["card:watch",1]',
      '42["queues:watch",true]',
      '420["offer:seen","x"]',
      '3',
      '41',
      '451-["a",{"_placeholder":true,"num":0}]',
    ] as const;
    await sendFrames(
      counts.pushFrames,
      () => new WebSocket(url, { headers: { cookie: anna.cookie } }),
      () => mutate(random.pick(frames), random),
    );
  }

  /** Frames on one connection; the server may close it at any of them, then there is another. */
  async function sendFrames(count: number, connect: () => WebSocket, frame: () => string): Promise<void> {
    let socket = await opened(connect());
    await paced(count, async () => {
      if (socket.readyState !== WebSocket.OPEN) socket = await opened(connect());
      const bytes = frame();
      socket.send(bytes, { binary: bytes.length % 5 === 0 });
    });
    socket.terminate();
  }

  async function opened(socket: WebSocket): Promise<WebSocket> {
    socket.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('close', () => reject(new Error('the server takes no connection any more')));
    });
    return socket;
  }

  /** Runs `send` so often, spread over as long as all of them take together. */
  async function paced(count: number, send: () => Promise<void>): Promise<void> {
    const total = counts.datagrams + counts.sipFrames + counts.pushFrames;
    const msEach = (total / perSecond / count) * 1000;
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      await send();
      const ahead = start + i * msEach - performance.now();
      if (ahead > 5) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
  }
});
