import type { MessageChannel } from '../../../channels/message-channel.ts';
import type { Database, Executor } from '../../../db/client.ts';
import type { Clock, TimerHandle } from '../../kernel/clock.ts';
import type { AccountId, MessageId } from '../../kernel/ids.ts';
import type { Journal } from '../../kernel/journal.ts';
import type { Log } from '../../kernel/log.ts';
import { messageEvent } from '../conversation-events.ts';
import type { Conversations, Gate, NewOutgoing, Outbox } from '../rooms.ts';
import { accountsOverdue, staleDeliveries } from './idle-store.ts';
import { createLane, type Lane } from './lane.ts';
import { outboxLimits } from './limits.ts';
import { createSettlement } from './settlement.ts';
import { findByKey, insertOutbox } from './store.ts';

export interface OutboxOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly conversations: Pick<
    Conversations,
    'insertMessages' | 'refreshDeliveries' | 'deliveriesChanged' | 'readFile'
  >;
  readonly gate: Pick<Gate, 'noteConsent'>;
  /** Accounts that are on, by id. */
  readonly channels: ReadonlyMap<AccountId, MessageChannel>;
  /** From 0 to 1, for the jitter of retries. Default: random. */
  readonly luck?: () => number;
}

export interface RunningOutbox extends Outbox {
  /** An account was switched off or on: what waits for it says so. */
  accountChanged(accountId: AccountId): void;
  /** Begins to send. */
  start(): void;
  /** Waits until nothing is under way but attempts that their channels have not ended. For tests. */
  idle(): Promise<void>;
  /** Begins nothing more, waits for attempts under way, with a bound. Idempotent. */
  close(): Promise<void>;
}

/** Pushes of deliveries are gathered for so long: a screen needs no more of them. */
const tellMs = 100;

/** Everything that leaves: stored in the transaction of the act, sent at least once, and what became of it. */
export function createOutbox(options: OutboxOptions): RunningOutbox {
  const { db, clock, conversations, channels, gate, journal } = options;
  const log = options.log.child({ room: 'outbox' });
  const lanes = new Map<AccountId, Lane>();
  let state: 'made' | 'running' | 'closed' = 'made';
  let poll: TimerHandle | undefined;

  let changed = new Set<MessageId>();
  let telling: TimerHandle | undefined;
  function tell(): void {
    telling = undefined;
    const ids = [...changed];
    changed = new Set();
    conversations
      .deliveriesChanged(ids)
      .catch((error: unknown) => log.error({ err: error }, 'deliveries were not pushed'));
  }

  function note(ids: readonly MessageId[]): void {
    for (const id of ids) changed.add(id);
    telling ??= clock.after(tellMs, tell);
  }

  const settlement = createSettlement({
    db,
    clock,
    journal,
    conversations,
    gate,
    luck: options.luck ?? Math.random,
    onChanged: note,
  });

  function laneOf(accountId: AccountId): Lane {
    const known = lanes.get(accountId);
    if (known) return known;
    const channel = () => channels.get(accountId);
    const { readFile } = conversations;
    const lane = createLane({ accountId, channel, db, clock, log, settlement, readFile });
    lanes.set(accountId, lane);
    return lane;
  }

  function wake(): void {
    if (state !== 'running') return;
    for (const accountId of channels.keys()) laneOf(accountId).wake();
  }

  /** What waits for an account that nobody runs is given up like everything else when its time is over. */
  async function sweepIdle(): Promise<void> {
    for (const account of await accountsOverdue(db, clock.now()))
      for (const kind of ['lost', 'expired'] as const)
        while (state === 'running' && !channels.has(account))
          if ((await settlement.sweep(account, kind)) < outboxLimits.batch) break;
  }

  let sweeping: Promise<void> | undefined;
  function sweep(): void {
    sweeping ??= settlement
      .sweepParked()
      .then(sweepIdle)
      .catch((error: unknown) => log.error({ err: error }, 'receipts and messages that nobody has were not looked at'))
      .finally(() => {
        sweeping = undefined;
      });
  }

  let retelling: Promise<void> = Promise.resolve();
  async function retell(account: AccountId): Promise<void> {
    for (let after: MessageId | null = null; state !== 'closed'; ) {
      const ids: MessageId[] = await staleDeliveries(db, account, { after, limit: outboxLimits.batch });
      if (ids.length === 0) return;
      await conversations.refreshDeliveries(db, ids);
      note(ids);
      after = ids.at(-1) ?? null;
    }
  }

  function look(): void {
    sweep();
    wake();
    poll = clock.after(outboxLimits.pollMs, look);
  }

  return {
    enqueue: (tx, message) => enqueue(tx, message, conversations, clock),
    wake,
    async report(event) {
      await settlement.settle({ kind: 'receipt', event });
      return { accepted: true };
    },
    accountChanged(accountId) {
      retelling = retelling
        .then(() => retell(accountId))
        .catch((error: unknown) => log.error({ err: error, accountId }, 'messages do not say what they wait for'));
    },
    start() {
      if (state !== 'made') return;
      state = 'running';
      look();
    },
    async idle() {
      for (const lane of lanes.values()) await lane.idle();
      await sweeping;
      await retelling;
      await settlement.idle();
    },
    async close() {
      state = 'closed';
      poll?.cancel();
      await Promise.all([...lanes.values()].map((lane) => lane.close()));
      await sweeping;
      await retelling;
      await settlement.idle();
      telling?.cancel();
      if (changed.size > 0) tell();
    },
  };
}

async function enqueue(
  tx: Executor,
  message: NewOutgoing,
  conversations: Pick<Conversations, 'insertMessages' | 'refreshDeliveries'>,
  clock: Clock,
): ReturnType<Outbox['enqueue']> {
  const { conversation, idempotencyKey, attachmentIds } = message;
  const known = await findByKey(tx, idempotencyKey);
  if (known !== null) return { id: known, isNew: false, events: [] };
  const { channel } = conversation;
  const row = { ...message.row, conversationId: conversation.id, channel, direction: 'out' as const };
  await conversations.insertMessages(tx, [{ row, conversation, attachmentIds }]);
  await insertOutbox(tx, {
    id: row.id,
    addressId: conversation.addressId,
    clientId: conversation.clientId,
    conversationId: conversation.id,
    idempotencyKey,
    state: message.isHeld ? 'held' : 'queued',
    priority: message.priority,
    nature: message.nature,
    notBefore: message.notBefore,
    expiresAt: message.expiresAt,
    createdAt: clock.now(),
    againOfId: message.againOfId ?? null,
  });
  await conversations.refreshDeliveries(tx, [row.id]);
  const { id, at, origin, nature = 'human', userId = null } = row;
  return {
    id,
    isNew: true,
    events: [messageEvent(conversation, { id, at, origin, nature, userId, direction: 'out' })],
  };
}
