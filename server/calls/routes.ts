import type { Routes } from '../access/route.ts';
import type { ClientId, InteractionId, LineId, UserId } from '../kernel/ids.ts';
import { decline, edit, finishCall, hangUp, holdCall, resumeCall, sendDigits } from './actions.ts';
import type { CallsContext } from './context.ts';
import { offersOf } from './history.ts';
import { listen, stopListening } from './listening.ts';
import { startOutgoing } from './outgoing.ts';
import { readPop } from './pop.ts';
import { callFor, callToRead, requireSteering } from './rights.ts';
import { agentViews, queueViews } from './supervision.ts';
import { interactionView } from './views.ts';
import { type WorkspaceSources, workspaceOf } from './workspace.ts';

const done = { ok: true } as const;

/** The calls' operations of the contract. */
export function callRoutes(context: CallsContext, sources: WorkspaceSources): Routes {
  return (mount) => {
    mount('GET /api/v1/workspace', ({ user }) => workspaceOf(context, sources, user));
    mount('PUT /api/v1/presence', ({ user, body }) => context.presence.set(user.id, body.status, body.reason, 'agent'));
    mount('POST /api/v1/calls', async ({ user, body }) => {
      if (body.clientId !== undefined) await context.clients.requireVisible(body.clientId as ClientId, user);
      const call = await startOutgoing(context, {
        userId: user.id,
        number: body.number,
        clientId: body.clientId as ClientId | undefined,
        lineId: body.lineId as LineId | undefined,
      });
      return interactionView(context, call);
    });
    mount('GET /api/v1/interactions/:id', async ({ params, user }) =>
      interactionView(context, await callToRead(context, params.id, user)),
    );
    mount('GET /api/v1/interactions/:id/pop', async ({ params, user }) => {
      const call = await callToRead(context, params.id, user);
      context.onLook({ userId: user.id, clientId: call.client.id, allowed: true });
      return readPop(context, call);
    });
    mount('GET /api/v1/interactions/:id/offers', async ({ params, user }) => ({
      items: await offersOf(context, params.id as InteractionId, user),
    }));
    mount('POST /api/v1/interactions/:id/decline', async ({ params, user }) => {
      await decline(context, callFor(context, params.id, user), user);
      return done;
    });
    mount('POST /api/v1/interactions/:id/hang-up', async ({ params, user }) => {
      await hangUp(context, callFor(context, params.id, user), user);
      return done;
    });
    mount('POST /api/v1/interactions/:id/hold', async ({ params, user }) => {
      const call = callFor(context, params.id, user);
      await holdCall(context, call);
      return interactionView(context, call);
    });
    mount('POST /api/v1/interactions/:id/resume', async ({ params, user }) => {
      const call = callFor(context, params.id, user);
      await resumeCall(context, call);
      return interactionView(context, call);
    });
    mount('POST /api/v1/interactions/:id/dtmf', async ({ params, user, body }) => {
      sendDigits(context, callFor(context, params.id, user), body.digits);
      return done;
    });
    mount('PATCH /api/v1/interactions/:id', async ({ params, user, body }) => {
      const call = callFor(context, params.id, user);
      if (body.clientId !== undefined) await context.clients.requireVisible(body.clientId as ClientId, user);
      await edit(context, call, body);
      return interactionView(context, call);
    });
    mount('POST /api/v1/interactions/:id/finish', async ({ params, user, body }) => {
      const call = callFor(context, params.id, user);
      await finishCall(context, call, user, body);
      return interactionView(context, call);
    });
    mount('POST /api/v1/test-calls', ({ user }) => sources.testCall(user));
    mount('POST /api/v1/interactions/:id/listen', async ({ params, user }) => {
      await listen(context, params.id as InteractionId, user);
      return done;
    });
    mount('POST /api/v1/interactions/:id/leave', async ({ params, user }) => {
      stopListening(context, params.id as InteractionId, user);
      return done;
    });
    mount('PUT /api/v1/agents/:id/presence', async ({ params, body, user }) => {
      requireSteering(context, user, params.id as UserId);
      return context.presence.set(params.id as UserId, body.status, body.reason, 'supervisor');
    });
    mount('GET /api/v1/queues', async ({ user }) => ({ items: queueViews(context, user) }));
    mount('GET /api/v1/agents', async ({ user }) => ({ items: agentViews(context, user) }));
  };
}
