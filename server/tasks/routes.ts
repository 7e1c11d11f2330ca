import type { Routes, SignedInUser } from '../access/route.ts';
import type { ClientId, UserId } from '../kernel/ids.ts';
import type { TaskClients } from './draft.ts';
import type { TaskOperations } from './operations.ts';
import type { createOwedOperations } from './owed/operations.ts';

export interface TaskRoutesOptions {
  readonly tasks: TaskOperations;
  readonly owed: ReturnType<typeof createOwedOperations>;
  readonly clients: Pick<TaskClients, 'requireVisible'>;
}

/** The contract's operations on tasks and on people we owe. */
export function taskRoutes({ tasks, owed, clients }: TaskRoutesOptions): Routes {
  /** The card that answers for this one. */
  const visible = async (id: number, user: SignedInUser): Promise<ClientId> =>
    (await clients.requireVisible(id as ClientId, user)).id;

  return (mount) => {
    mount('GET /api/v1/tasks', ({ query, user }) =>
      tasks.list(user, { ...query, scope: query.scope ?? 'mine', state: query.state ?? 'open' }),
    );
    mount('POST /api/v1/tasks', ({ body, user }) => tasks.create(body, user));
    mount('POST /api/v1/tasks/check', ({ body, user }) => tasks.check(body, user));
    mount('GET /api/v1/tasks/:id', ({ params, user }) => tasks.read(params.id, user));
    mount('PATCH /api/v1/tasks/:id', ({ params, body, user }) => tasks.edit(params.id, body, user));
    mount('POST /api/v1/tasks/:id/hand-over', ({ params, body, user }) =>
      tasks.handOver(params.id, { ...body, assigneeId: body.assigneeId as UserId }, user),
    );
    mount('POST /api/v1/tasks/:id/finish', ({ params, body, user }) =>
      tasks.finish(params.id, body.result ?? '', user),
    );
    mount('POST /api/v1/tasks/:id/cancel', ({ params, body, user }) =>
      tasks.cancel(params.id, body.reason ?? '', user),
    );
    mount('POST /api/v1/tasks/:id/snooze', ({ params, body, user }) => tasks.snooze(params.id, body.until, user));
    mount('GET /api/v1/clients/:id/tasks', async ({ params, query, user }) =>
      tasks.ofClient(await visible(params.id, user), { ...query, state: query.state ?? 'open' }),
    );
    mount('GET /api/v1/owed', ({ query, user }) => owed.list(user, { ...query, scope: query.scope ?? 'mine' }));
    mount('GET /api/v1/clients/:id/owed', async ({ params, user }) => ({
      items: await owed.ofClient(await visible(params.id, user)),
    }));
    mount('POST /api/v1/owed/:id/owner', ({ params, body, user }) =>
      owed.setOwner(params.id, body.userId as UserId, user),
    );
    mount('POST /api/v1/owed/:id/close', ({ params, body, user }) => owed.close(params.id, body.reason, user));
  };
}
