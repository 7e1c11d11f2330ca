import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, ApiFailure, type PushFeed, type PushOf } from '../actors/api-client.ts';
import { openBrowserPhone, type RingingCall, type TestPhone } from '../actors/sip-agent.ts';
import { hears } from './listening.ts';
import { type Book, newRing, type Ring, type RingResult, type Story, voices } from './story.ts';

/** An agent who works by script: his workspace and his phone, as a browser would be. */
export interface ScriptedAgent {
  readonly id: number;
  readonly login: string;
  /** Nothing rings, nothing is talked or written up. */
  readonly isIdle: boolean;
  available(): Promise<void>;
  notReady(reason: string): Promise<void>;
  /** Calls out as the story says; resolves when it is over. @throws ApiFailure when he is busy */
  callOut(story: Story): Promise<void>;
  /** Ends what is in hand, takes his status back to what it was, closes his phone and signs out. Idempotent. */
  close(): Promise<void>;
}

export interface ScriptedAgentOptions {
  readonly url: string;
  readonly client: ApiClient;
  /** What he says, Hz. */
  readonly tone: number;
  readonly book: Book;
}

const forever = 24 * 60 * 60_000;
/** A page is loaded again within this time. */
const reloadMs = 1_500;
/** How long he lets a telephone ring that nobody picks up. */
const patienceMs = 7_000;
/** For calls of people who use the demo meanwhile. */
const stranger = { ringMs: 2_000, talkMs: 60_000, wrapUpMs: 1_000 };

type Interaction = PushOf<'interaction'>['interaction'];

export async function openAgent({ url, client, tone, book }: ScriptedAgentOptions): Promise<ScriptedAgent> {
  const { me } = client;
  const feed: PushFeed = await client.openFeed();
  const { presence: before } = await client.call('GET /api/v1/workspace');
  const offers = new Map<string, PushOf<'offer'>>();
  const working = new Set<string>();
  const legs = new Map<string, RingingCall>();
  let phone: TestPhone;
  let isAway = false;
  let isClosed = false;

  const openPhone = async (): Promise<void> => {
    phone = await openBrowserPhone({ url, cookie: client.cookie, tone });
    isAway = false;
    void takeCalls(phone);
    const status = await phone.register(me.sip.aor, '');
    if (status !== 200) throw new Error(`the phone of ${me.login} could not register: ${status}`);
  };

  async function takeCalls(from: TestPhone): Promise<void> {
    while (!isClosed && from === phone) {
      const call = await from.nextCall(forever).catch(() => null);
      if (!call || from !== phone) return;
      void onCall(call).catch((error: unknown) => complain(call, error));
    }
  }

  const idOf = (call: RingingCall): string => call.invite.header('x-switchroom-interaction') ?? '';

  function complain(call: RingingCall, error: unknown): void {
    if (isClosed) return;
    const story = book.stories.find(({ interactionId }) => interactionId === idOf(call));
    if (story) story.trouble = (error as Error).message;
  }

  async function onCall(call: RingingCall): Promise<void> {
    const id = idOf(call);
    if (call.invite.header('x-switchroom-answer') === 'auto') {
      legs.set(id, call);
      call.answer();
      return;
    }
    const push = offers.get(id) ?? (await feed.waitFor('offer', ({ interaction }) => interaction.id === id));
    const story = book.find(id, push.interaction.peer.number, 'in');
    if (story) await onRing(call, story, push);
    else await servesStranger(call, push);
  }

  async function onRing(call: RingingCall, story: Story, push: PushOf<'offer'>): Promise<void> {
    const { manners, rings } = story;
    const offerId = call.invite.header('x-switchroom-offer') ?? push.interaction.offer?.id ?? '';
    const ring = ringOf(story, offerId);
    const missing = (result: Ring['result']) => rings.filter((each) => each.result === result).length;
    const isPhantom = missing('not_delivered') < manners.phantoms;
    let isOver = false;
    const over = call.ended.then(() => {
      isOver = true;
    });
    const end = (result: Ring['result']): void => {
      ring.result = result;
      book.changed();
    };
    if (isPhantom) return over.then(() => end(story.endedAt === null ? 'not_delivered' : 'client_gone'));
    feed.offerSeen(offerId);
    if (missing('declined') < manners.declines) {
      await Promise.race([sleep(manners.ringMs), over]);
      if (isOver) return end('client_gone');
      end('declined');
      await client.call('POST /api/v1/interactions/:id/decline', { params: { id: push.interaction.id } });
      return;
    }
    if (missing('timeout') < manners.ignores)
      return over.then(() => end(story.endedAt === null ? 'timeout' : 'client_gone'));
    await Promise.race([sleep(manners.ringMs), over]);
    if (isOver) return end('client_gone');
    legs.set(push.interaction.id, call);
    story.agentId = me.id;
    call.answer();
    story.talkFrom = Date.now();
    story.answeredAt ??= story.talkFrom;
    story.outcome = 'answered';
    end('accepted');
    await talks(story, push.interaction.id);
  }

  function ringOf({ rings }: Story, offerId: string): Ring {
    const known = rings.find((ring) => ring.offerId === offerId);
    const ring = known ?? newRing(offerId, me.id);
    if (!known) rings.push(ring);
    return ring;
  }

  /** From the answer to the end of the wrap-up. */
  async function talks(story: Story, id: string): Promise<void> {
    const { manners } = story;
    working.add(id);
    try {
      await stateOf(id, 'active');
      const leg = legs.get(id);
      // the demo's carrier says what it hears
      const voice = story.direction === 'in' ? voices.caller : tone;
      if (leg)
        void hears(leg, story, [voice]).then((heard) => {
          story.heardByAgent ||= heard;
        });
      if (manners.holdMs > 0) await holds(id, manners.holdMs);
      if (manners.reloads) await reloads(story, id);
      if (manners.dies && story.returned === 0) return await dies(story, id);
      const rest = sleep(manners.talkMs);
      await Promise.race([rest, stateOf(id, 'wrap_up', 'closed')]);
      story.said = true;
      book.changed();
      if (story.endedAt === null) {
        if (manners.endsBy === 'agent') await hangsUp(story, id);
        else await book.until(story, ({ endedAt }) => endedAt !== null);
      }
      await finishes(story, id);
    } finally {
      working.delete(id);
      legs.delete(id);
    }
  }

  async function hangsUp(story: Story, id: string): Promise<void> {
    story.endedAt = Date.now();
    const leg = legs.get(id);
    // Half of the agents press the button on the screen, the others the one on the headset.
    if (leg && me.id % 2 === 0) leg.hangUp();
    else await timed(story, client.call('POST /api/v1/interactions/:id/hang-up', { params: { id } }));
    book.changed();
  }

  async function timed(story: Story, request: Promise<unknown>): Promise<void> {
    const startedAt = Date.now();
    await request;
    story.slackMs += Date.now() - startedAt;
  }

  async function holds(id: string, ms: number): Promise<void> {
    const params = { id };
    await sleep(1_000);
    await client.call('POST /api/v1/interactions/:id/hold', { params });
    await sleep(ms);
    await client.call('POST /api/v1/interactions/:id/resume', { params });
  }

  async function reloads(story: Story, id: string): Promise<void> {
    await sleep(1_500);
    const lost = stateOf(id, 'reconnecting');
    isAway = true;
    phone.drop();
    const { version } = (await lost).interaction;
    await sleep(reloadMs);
    await openPhone();
    await feed.waitFor(
      'interaction',
      ({ interaction }) => interaction.id === id && interaction.state === 'active' && interaction.version > version,
    );
    story.rescued++;
  }

  /** He is away for longer than the server waits: somebody else goes on with the client. */
  async function dies(story: Story, id: string): Promise<void> {
    await sleep(1_500);
    isAway = true;
    phone.drop();
    await stateOf(id, 'queued');
    story.talkedMs += Date.now() - (story.talkFrom ?? 0);
    story.talkFrom = null;
    story.returned++;
    book.changed();
    await openPhone();
  }

  async function finishes(story: Story, id: string): Promise<void> {
    const { manners } = story;
    await stateOf(id, 'wrap_up', 'closed');
    await sleep(manners.wrapUpMs);
    const { dispositions } = await client.call('GET /api/v1/workspace');
    const chosen = dispositions[manners.disposition % Math.max(1, dispositions.length)];
    story.closedAt = Date.now();
    const body = { note: manners.note, ...(chosen ? { dispositionId: chosen.id } : {}) };
    const request = client.call('POST /api/v1/interactions/:id/finish', { params: { id }, body });
    await timed(story, request.catch(unlessOver));
    book.changed();
  }

  /** The server may have closed it by its own timer. */
  function unlessOver(error: unknown): void {
    if (!(error instanceof ApiFailure) || (error.status !== 404 && error.status !== 409)) throw error;
  }

  const stateOf = (id: string, ...states: Interaction['state'][]) =>
    feed.waitFor(
      'interaction',
      ({ interaction }) => interaction.id === id && states.includes(interaction.state),
      forever,
    );

  /** Somebody else called: he is served as well, his figures are not ours. */
  async function servesStranger(call: RingingCall, { interaction }: PushOf<'offer'>): Promise<void> {
    const { id } = interaction;
    feed.offerSeen(interaction.offer?.id ?? '');
    await Promise.race([sleep(stranger.ringMs), call.ended]);
    working.add(id);
    call.answer();
    await Promise.race([sleep(stranger.talkMs), call.ended]);
    call.hangUp();
    await sleep(stranger.wrapUpMs);
    await client.call('POST /api/v1/interactions/:id/finish', { params: { id }, body: {} }).catch(unlessOver);
    working.delete(id);
  }

  const setStatus = async (status: 'available' | 'not_ready', reason?: string): Promise<void> => {
    const body = reason === undefined ? { status } : { status, reason };
    await client.call('PUT /api/v1/presence', { body });
  };

  /** Companies choose their own reasons, and the one of the beginning is nobody's to choose: the first one then. */
  const notReady = (reason: string): Promise<void> =>
    setStatus('not_ready', reason).catch((error: unknown) => {
      if (!(error instanceof ApiFailure) || error.status !== 400) throw error;
      return setStatus('not_ready');
    });

  async function clearDesk(): Promise<void> {
    const { interactions } = await client.call('GET /api/v1/workspace');
    for (const { id } of interactions) {
      // Either may be too late or too early: what counts is that the work ends.
      await client.call('POST /api/v1/interactions/:id/hang-up', { params: { id } }).catch(() => undefined);
      await client.call('POST /api/v1/interactions/:id/finish', { params: { id }, body: {} }).catch(() => undefined);
    }
  }

  let closing: Promise<void> | undefined;
  async function leave(): Promise<void> {
    isClosed = true;
    try {
      await clearDesk();
      const { status, reason } = before;
      await (status === 'available' ? setStatus(status) : notReady(reason));
    } finally {
      if (!isAway) await phone.unregister().catch(() => 0);
      feed.close();
      await phone.close();
      await client.call('DELETE /api/v1/session');
    }
  }

  feed.onPush((push) => {
    if (push.type === 'offer') {
      const { id, peer, offer } = push.interaction;
      offers.set(id, push);
      const story = book.find(id, peer.number, 'in');
      if (story) ringOf(story, offer?.id ?? '');
    } else if (push.type === 'offer-ended') {
      const { offerId, interactionId, result } = push;
      book.ringEnded(offerId, { interactionId, userId: me.id, told: result as RingResult });
    } else return;
    book.changed();
  });
  await openPhone();

  return {
    id: me.id,
    login: me.login,
    get isIdle() {
      return working.size === 0;
    },
    available: () => setStatus('available'),
    notReady,
    async callOut(story) {
      working.add('out');
      try {
        const { id } = await client.call('POST /api/v1/calls', { body: { number: story.number } });
        story.arrivedAt = Date.now();
        story.interactionId = id;
        story.agentId = me.id;
        book.changed();
        await attempts(story, id);
      } finally {
        working.delete('out');
      }
    },
    close() {
      closing ??= leave();
      return closing;
    },
  };

  async function attempts(story: Story, id: string): Promise<void> {
    const answer = stateOf(id, 'active', 'wrap_up', 'closed');
    const giveUp = story.kind === 'out no answer' ? sleep(patienceMs) : new Promise<never>(() => undefined);
    const first = await Promise.race([answer, giveUp]);
    if (!first) {
      story.endedAt = Date.now();
      story.closedAt = story.endedAt;
      story.outcome = 'failed';
      await client.call('POST /api/v1/interactions/:id/hang-up', { params: { id } });
      book.changed();
      return;
    }
    if (first.interaction.state !== 'active') {
      story.endedAt = Date.now();
      story.outcome = 'failed';
      return finishes(story, id);
    }
    story.answeredAt = Date.now();
    story.talkFrom = story.answeredAt;
    story.outcome = 'answered';
    await talks(story, id);
  }
}
