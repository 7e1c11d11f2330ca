import { reachOf } from '../../access/index.ts';
import type { Routes, SignedInUser } from '../../access/route.ts';
import type { ConversationView } from '../../contract/messages-schemas.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConversationId, UserId } from '../../kernel/ids.ts';
import type { MessagesContext } from '../context.ts';
import { type ConversationRow, readConversation } from '../conversation-store.ts';
import type { Conversations } from '../rooms.ts';
import type { Moves } from './moves.ts';

export interface OperationsOptions {
  readonly context: Pick<MessagesContext, 'db' | 'setup'>;
  readonly conversations: Conversations;
  readonly moves: Moves;
  readonly isOnShift: (id: UserId) => boolean;
  /** He had it, and it went back to its queue. */
  readonly onGivenBack: (id: ConversationId, userId: UserId) => void;
  /** In the line; afterwards the book follows. */
  readonly change: (id: ConversationId, work: () => Promise<ConversationRow | null>) => Promise<void>;
}

/** What people do with who has what. */
export function createAssignmentOperations(options: OperationsOptions) {
  const { context, conversations, moves, isOnShift, onGivenBack, change } = options;
  const { db, setup } = context;

  /**
   * The conversation that answers for this one.
   * @throws AppError `not_found`, also for a client whom he may not see
   */
  async function open(id: string, user: SignedInUser): Promise<ConversationRow> {
    await conversations.view(id as ConversationId, user);
    const row = await readConversation(db, id as ConversationId);
    if (!row) throw new AppError('not_found', `there is no conversation ${id}`);
    if (row.waitingSince === null) throw new AppError('conflict', 'nobody waits in this conversation');
    return row;
  }

  /** What nobody has is anybody's; what somebody has is his, and his supervisors'. @throws AppError `forbidden` */
  async function requireHold({ state, ownerId }: ConversationRow, user: SignedInUser): Promise<void> {
    if (state !== 'assigned' || ownerId === null || ownerId === user.id || user.role === 'admin') return;
    const reach = user.role === 'supervisor' ? await reachOf(db, user) : () => false;
    if (!reach(ownerId)) throw new AppError('forbidden', 'somebody else has this conversation');
  }

  /** Whoever had it when it was looked at still has it. */
  const isSame =
    (before: ConversationRow) =>
    (row: ConversationRow): boolean =>
      row.state === before.state && row.ownerId === before.ownerId;

  async function done(id: ConversationId, work: () => Promise<ConversationRow | null>): Promise<void> {
    await change(id, async () => {
      const row = await work();
      if (!row) throw new AppError('conflict', 'somebody else was faster', { retryable: true });
      return row;
    });
  }

  /** @throws AppError `bad_request` for somebody who could not answer, `forbidden` for somebody out of reach */
  async function requireTaker(userId: UserId, user: SignedInUser): Promise<void> {
    if (!setup.agents.some(({ id }) => id === userId)) throw new AppError('bad_request', `there is no user ${userId}`);
    if (!isOnShift(userId)) throw new AppError('bad_request', `user ${userId} is not on shift`);
    if (user.role !== 'supervisor') return;
    const reach = await reachOf(db, user);
    if (!reach(userId)) throw new AppError('forbidden', 'this agent is not in a team of yours');
  }

  /**
   * Whatever else he has: a person who takes one knows what he does.
   * @throws AppError `not_found`, `forbidden`, `conflict` when nobody waits or somebody was faster
   */
  async function take(id: string, user: SignedInUser): Promise<ConversationView> {
    const row = await open(id, user);
    await requireHold(row, user);
    const isHisAlready = row.state === 'assigned' && row.ownerId === user.id;
    const to = { userId: user.id, because: 'taken', by: user.id } as const;
    if (!isHisAlready) await done(row.id, () => moves.give(row.id, to, isSame(row)));
    return conversations.view(row.id, user);
  }

  return {
    take,
    /**
     * @param userId null = back to its queue
     * @throws AppError `not_found`, `forbidden`, `conflict`, `bad_request` for somebody who is not on shift
     */
    async assign(id: string, userId: UserId | null, user: SignedInUser): Promise<ConversationView> {
      if (userId === user.id) return take(id, user);
      const row = await open(id, user);
      await requireHold(row, user);
      if (userId === null) {
        const why = { because: 'released', keepsFormer: false, by: user.id } as const;
        if (row.state === 'assigned') {
          // before: the next one is looked for at once
          if (row.ownerId !== null) onGivenBack(row.id, row.ownerId);
          await done(row.id, () => moves.release(row.id, why, isSame(row)));
        }
        return conversations.view(row.id, user);
      }
      if (user.role === 'agent' && row.state !== 'assigned')
        throw new AppError('forbidden', 'take it first: agents give away what they have');
      await requireTaker(userId, user);
      const because = user.role === 'agent' ? 'by_colleague' : 'by_supervisor';
      await done(row.id, () => moves.give(row.id, { userId, because, by: user.id }, isSame(row)));
      return conversations.view(row.id, user);
    },
  };
}

/** The contract's operations on who has what. */
export const assignmentRoutes =
  ({ take, assign }: ReturnType<typeof createAssignmentOperations>): Routes =>
  (mount) => {
    mount('POST /api/v1/conversations/:id/take', ({ params, user }) => take(params.id, user));
    mount('POST /api/v1/conversations/:id/assign', ({ params, body, user }) =>
      assign(params.id, body.userId as UserId | null, user),
    );
  };
