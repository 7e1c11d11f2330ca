import type { CallArrived, Receipt } from '../../channels/channel.ts';
import type { Routes, SignedInUser } from '../access/route.ts';
import type { QueueView } from '../contract/schemas.ts';
import type { ClientId, InteractionId, OfferId, UserId } from '../kernel/ids.ts';
import { edit, refreshClient } from './actions.ts';
import { type CallsContext, inLine } from './context.ts';
import { closeDown } from './finishing.ts';
import { onLegEvent } from './leg-events.ts';
import type { LiveCall } from './live-call.ts';
import { endOffer, makeOffer, offerSeen } from './offering.ts';
import { type Arriving, receiveCall } from './receive.ts';
import { phoneBack, phoneGone } from './reconnecting.ts';
import { closeLeftCalls, finishLeftRecordings } from './recovery.ts';
import { isMine } from './rights.ts';
import { callRoutes } from './routes.ts';
import { queueViews } from './supervision.ts';
import { type TestCallResult, type TestCalls, testCall } from './test-call.ts';
import { warmUp } from './warm-up.ts';
import type { WorkspaceSources } from './workspace.ts';

export type { CallsContext } from './context.ts';
export { createLiveCalls } from './live-call.ts';

/** The room of calls: from arrival to disposition. */
export interface Calls {
  /** The one door for inbound events. */
  receive(event: CallArrived): Promise<Receipt>;
  routes(sources: WorkspaceSources): Routes;
  /** As this user may see them. */
  queues(user: SignedInUser): QueueView[];
  /** Calls the phone of whoever asks and says whether it works both ways. */
  testCall(user: SignedInUser): Promise<TestCallResult>;
  /** Whose calls ring this user or are in his hands, the wrap-up included, and those he listens to. */
  inHand(userId: UserId): ClientId[];
  /** A browser shows the offer that rings in it. */
  offerSeen(userId: UserId, offerId: OfferId): void;
  /** A card was changed by hand: calls in hand show its new name. */
  clientChanged(clientId: ClientId): Promise<void>;
  /** Calls in hand whose number went over to another card. */
  clientMoved(ids: readonly InteractionId[], to: ClientId): Promise<void>;
  /** Closes what an earlier process left behind. Call before the channels start. */
  recover(): Promise<void>;
  /** Makes the first calls as fast as the later ones; some tenths of a second. Call after `recover`. */
  warmUp(): Promise<void>;
  /** Ends every call in hand; nothing new is taken. Idempotent. */
  close(): Promise<void>;
}

/** Wires the voice channel, the dispatcher and the roster to the calls. */
export function createCalls(context: CallsContext): Calls {
  const { voice, dispatcher, roster, live, log } = context;
  const arriving: Arriving = new Map();
  let closing = false;

  const tests: TestCalls = new Map();
  voice.onLeg = (callId, event) => {
    const test = tests.get(callId);
    if (test) test(event);
    else onLegEvent(context, arriving, callId, event);
  };
  roster.onWithdraw = (agent, id) => {
    const offer = live.get(id)?.offer;
    const call = live.get(id);
    if (call && offer?.userId === agent.id) void endOffer(context, call, offer.id, 'withdrawn');
  };
  voice.onRegistration = (aor, registered) => {
    const agent = roster.byLogin(aor);
    if (!agent) return;
    roster.setPhone(agent.id, registered);
    if (registered) phoneBack(context, agent.id);
    else phoneGone(context, agent.id);
  };
  dispatcher.onOffer = (entry, decision) => {
    const call = live.get(entry.interactionId);
    const arrival = call && arriving.get(call.callId);
    if (arrival) arrival.decision = decision;
    else if (call) makeOffer(context, call, decision);
    else roster.setWork(decision.agentId, null);
  };
  roster.subscribe((agent, freed) => {
    context.pushes.push(agent.id, { type: 'presence', presence: context.presence.view(agent.id) });
    if (freed) dispatcher.agentFree(agent);
  });

  return {
    receive: async (event) =>
      closing ? { accepted: false, reason: 'unavailable' } : receiveCall(context, arriving, event),
    routes: (sources) => callRoutes(context, sources),
    queues: (user) => queueViews(context, user),
    testCall: (user) => testCall(context, tests, user),
    inHand(userId) {
      const isWith = (call: LiveCall) => isMine(call, userId) || [...call.listeners.values()].includes(userId);
      return [...live.all()].filter(isWith).map(({ client }) => client.id);
    },
    offerSeen: (userId, offerId) => offerSeen(context, userId, offerId),
    async clientChanged(clientId) {
      for (const call of live.all())
        if (call.client.id === clientId)
          await inLine(context, call, 'client-changed', () => refreshClient(context, call));
    },
    async clientMoved(ids, to) {
      for (const id of ids) {
        const call = live.get(id);
        // The failure is logged in the call's line; its rows have moved already.
        if (call) await edit(context, call, { clientId: to }).catch(() => undefined);
      }
    },
    warmUp: () => warmUp(context),
    async recover() {
      const closed = await closeLeftCalls(context.db, context.journal, context.clock.now());
      await finishLeftRecordings(context);
      if (closed > 0) log.warn({ calls: closed }, 'calls of an earlier process closed');
    },
    async close() {
      if (closing) return;
      closing = true;
      await Promise.allSettled([...live.all()].map((call) => closeDown(context, call)));
    },
  };
}
