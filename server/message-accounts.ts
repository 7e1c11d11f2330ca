import type { Receive } from '../channels/channel.ts';
import type {
  AccountHealth,
  AdmittedCaller,
  MessageChannel,
  WebhookReply,
  WebhookRequest,
} from '../channels/message-channel.ts';
import type { Database } from '../db/client.ts';
import type { Routes } from './access/route.ts';
import type { ChannelHealthView } from './contract/messages-schemas.ts';
import { channelOfAccount } from './contract/messages-words.ts';
import type { Clock, TimerHandle } from './kernel/clock.ts';
import { AppError } from './kernel/errors.ts';
import type { AccountId } from './kernel/ids.ts';
import type { Log } from './kernel/log.ts';
import { fingerprintOf, readAccounts, replaceSecret, type StoredAccount } from './message-accounts/account.ts';
import { createAdapterState, createPassingState } from './message-accounts/adapter-state.ts';
import type { Adapters } from './message-accounts/adapters.ts';
import { countReceived, countSent, createCounts, type MessageCounts } from './message-accounts/counting.ts';
import { createWebhookSigner, houseSecret } from './message-accounts/house-secrets.ts';
import { createAccountLease } from './message-accounts/lease.ts';
import { limits } from './message-accounts/limits.ts';
import { ownerOfProviderId } from './message-accounts/owner.ts';
import { queuedByAccount } from './message-accounts/queued.ts';
import { type Runner, startRunner } from './message-accounts/runner.ts';

export interface MessageAccountsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** The one door. */
  readonly receive: Receive;
  /** Where providers reach the house; asked when an account starts. */
  readonly publicUrl: () => string;
  /** Kinds of accounts that this house has. */
  readonly adapters: Adapters;
  /** An account went up or down, its catch-up went on, or more or fewer messages wait for it. */
  readonly onHealth: (health: ChannelHealthView) => void;
}

/** What trying an account found. */
export interface Trial {
  readonly ok: boolean;
  readonly state: AccountHealth['state'];
  /** In the wire's words; empty when nothing is wrong. */
  readonly problem: string;
}

/** The accounts of messages, each with its adapter. */
export interface MessageAccounts {
  /** Adapters of accounts that are on, by id; always as they are now. */
  readonly channels: ReadonlyMap<AccountId, MessageChannel>;
  readonly counts: MessageCounts;
  /** How each account is, the ones that are off too. */
  health(): Promise<ChannelHealthView[]>;
  /**
   * Connects, binds or signs in with the stored settings, without sending anything. An account that is on is asked how it
   * is, and connects again at once when it is not up; another is started for the moment, and takes nothing in.
   * @throws AppError `not_found`
   */
  tryOut(id: AccountId): Promise<Trial>;
  /** Answers a provider's request; null = there is no such door. */
  webhook(accountId: AccountId, name: string, request: WebhookRequest): Promise<WebhookReply | null>;
  /** The visitor whom a ticket of this account's chat admits to call, once; null = nobody. */
  admitCaller(accountId: AccountId, ticket: string): AdmittedCaller | null;
  /** Reads the table and starts what is on; resolves when all have been begun, not when they are up. */
  start(): Promise<void>;
  /** The table has changed: accounts that differ are started anew, the others go on untouched. */
  apply(): Promise<void>;
  readonly routes: Routes;
  /** Idempotent. */
  close(): Promise<void>;
}

const inOtherProcess: AccountHealth = {
  state: 'connecting',
  since: 0,
  problem: 'another process of this database runs it',
  catchUp: null,
};

interface Running {
  /** As its adapter knows it: secrets that the provider replaced meanwhile among them. */
  account: StoredAccount;
  readonly runner: Runner;
}

/** Wires the accounts. Nothing connects before `start`. */
export function createMessageAccounts(options: MessageAccountsOptions): MessageAccounts {
  const { db, clock } = options;
  const log = options.log.child({ room: 'message-accounts' });
  const counts = createCounts();
  const receive = countReceived(options.receive, counts);
  const channels = new Map<AccountId, MessageChannel>();
  const running = new Map<AccountId, Running>();
  const told = new Map<AccountId, string>();
  /** On, and run by another process of this database. */
  const elsewhere = new Set<AccountId>();
  const lease = createAccountLease(db, log, () => void takeAnew());
  let leaseAt = 0;
  const toldQueued = new Map<AccountId, number>();
  let countAt = 0;
  let accounts: readonly StoredAccount[] = [];
  let keys: Promise<Keys> | undefined;
  let applying: Promise<void> = Promise.resolve();
  let look: TimerHandle | undefined;
  let isClosed = false;

  async function make(subject: Pick<Running, 'account'>, isTrial: boolean): Promise<MessageChannel> {
    const { account } = subject;
    const makeChannel = options.adapters[account.kind];
    if (!makeChannel) throw new AppError('unavailable', `this house has no channel of the kind "${account.kind}"`);
    keys ??= readKeys(db);
    const { mailKey, signer } = await keys.catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    const channel = await makeChannel({
      account,
      // what comes in meanwhile comes again: the provider is told that nobody took it
      receive: isTrial ? async () => ({ accepted: false, reason: 'unavailable' }) : receive,
      state: isTrial ? createPassingState() : createAdapterState(db, account.id),
      clock,
      log: log.child({ accountId: account.id, account: account.name }),
      publicUrl: options.publicUrl(),
      async keepSecret(name, { from, to }) {
        if (!(await replaceSecret(db, account.id, { name, from, to }))) return;
        const { secrets } = subject.account;
        subject.account = { ...subject.account, secrets: { ...secrets, [name]: to } };
      },
      ownerOf: (providerId) => ownerOfProviderId(db, account.id, providerId),
      mailKey,
      signer,
    });
    return countSent(channel, counts);
  }

  function run(subject: Pick<Running, 'account'>, isTrial = false): Runner {
    const { account } = subject;
    return startRunner({
      make: () => make(subject, isTrial),
      clock,
      log: log.child({ accountId: account.id, account: account.name }),
      onChannel: (channel) => {
        if (isTrial) return;
        if (channel) channels.set(account.id, channel);
        else channels.delete(account.id);
      },
    });
  }

  async function stop(id: AccountId): Promise<void> {
    const { runner } = running.get(id) ?? {};
    running.delete(id);
    await runner?.close().catch((error: unknown) => log.warn({ err: error, accountId: id }, 'did not close in order'));
    await lease
      .free(id)
      .catch((error: unknown) => log.warn({ err: error, accountId: id }, 'a lock was not given back'));
  }

  function start(account: StoredAccount): void {
    const subject = { account };
    running.set(account.id, Object.assign(subject, { runner: run(subject) }));
  }

  async function reconcile(): Promise<void> {
    if (isClosed) return;
    accounts = await readAccounts(db);
    const wanted = new Map(accounts.filter(({ enabled }) => enabled).map((account) => [account.id, account]));
    const differ = [...running].filter(([id, present]) => {
      const account = wanted.get(id);
      return !account || fingerprintOf(account) !== fingerprintOf(present.account);
    });
    await Promise.all(differ.map(([id]) => stop(id)));
    if (isClosed) return;
    for (const account of wanted.values()) if (!running.has(account.id)) await startIfOurs(account);
    for (const id of elsewhere) if (!wanted.has(id)) elsewhere.delete(id);
  }

  async function startIfOurs(account: StoredAccount): Promise<void> {
    if (!(await lease.take(account.id))) return void elsewhere.add(account.id);
    elsewhere.delete(account.id);
    if (isClosed) await lease.free(account.id);
    else start(account);
  }

  /** The locks are gone: whatever runs here may be starting somewhere else. */
  function takeAnew(): Promise<void> {
    void inTurn(async () => {
      await Promise.all([...running.keys()].map(stop));
    });
    return apply().catch(() => undefined);
  }

  /** After what is being done with the accounts: two hands on one would leave an adapter that nobody closes. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const next = applying.then(work);
    applying = next.catch(() => undefined);
    return next;
  }

  async function lookForFree(): Promise<void> {
    if (clock.now() < leaseAt) return;
    leaseAt = clock.now() + limits.leaseMs;
    await lease.check();
    if (elsewhere.size > 0) await apply();
  }

  /** One after another; a failure is tried again by itself. */
  function apply(): Promise<void> {
    const next = applying.then(reconcile);
    applying = next.catch((error: unknown) => {
      log.error({ err: error }, 'the accounts of messages could not be read');
      clock.after(limits.readAgainMs, () => void apply());
    });
    return applying;
  }

  const healthOf = ({ id }: StoredAccount): AccountHealth =>
    running.get(id)?.runner.health() ??
    (elsewhere.has(id) ? inOtherProcess : { state: 'off', since: 0, problem: '', catchUp: null });

  const viewOf = (account: StoredAccount, queued: number): ChannelHealthView => {
    const { since, ...health } = healthOf(account);
    const { id: accountId, name, kind } = account;
    return {
      accountId,
      name,
      channel: channelOfAccount[kind],
      ...health,
      since: new Date(since).toISOString(),
      queued,
    };
  };

  async function tellChanges(): Promise<void> {
    const changed = new Set(
      accounts.filter((account) => {
        const now = JSON.stringify([account.name, healthOf(account)]);
        const isNew = told.get(account.id) !== now;
        told.set(account.id, now);
        return isNew;
      }),
    );
    if (changed.size === 0 && clock.now() < countAt) return;
    countAt = clock.now() + limits.countMs;
    const queued = await queuedByAccount(db);
    for (const account of accounts) {
      const waiting = queued.get(account.id) ?? 0;
      if (!changed.has(account) && toldQueued.get(account.id) === waiting) continue;
      toldQueued.set(account.id, waiting);
      options.onHealth(viewOf(account, waiting));
    }
  }

  function lookAgain(): void {
    look = clock.after(limits.healthMs, () => {
      tellChanges()
        .then(lookForFree)
        .catch((error: unknown) => log.warn({ err: error }, 'the health of the accounts was not told'))
        .finally(() => {
          if (!isClosed) lookAgain();
        });
    });
  }

  const pause = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));

  /** Until it is up, or says why not. */
  async function settled(runner: Runner): Promise<Trial> {
    const until = clock.now() + limits.tryMs;
    await Promise.race([runner.begun, pause(limits.tryMs)]);
    for (;;) {
      const { state, problem } = runner.health();
      if (state === 'up') return { ok: true, state, problem };
      if (state === 'down' || problem !== '' || clock.now() >= until) return { ok: false, state, problem };
      await pause(limits.tryLookMs);
    }
  }

  /** Connects an account that is on, unless somebody else has done so meanwhile. */
  async function connectAnew(id: AccountId, present: Running | undefined): Promise<void> {
    if (running.get(id) !== present) return;
    const account = (await readAccounts(db)).find((candidate) => candidate.id === id);
    await stop(id);
    if (account?.enabled && !isClosed) await startIfOurs(account);
  }

  async function tryOut(id: AccountId): Promise<Trial> {
    const account = (await readAccounts(db)).find((candidate) => candidate.id === id);
    if (!account) throw new AppError('not_found', `there is no account ${id}`);
    if (account.enabled) {
      const present = running.get(id);
      if (elsewhere.has(id)) return { ok: false, state: inOtherProcess.state, problem: inOtherProcess.problem };
      if (present?.runner.health().state !== 'up') await inTurn(() => connectAnew(id, present));
      const { runner } = running.get(id) ?? {};
      return runner ? settled(runner) : { ok: false, state: 'off', problem: '' };
    }
    const runner = run({ account }, true);
    try {
      return await settled(runner);
    } finally {
      await runner.close();
    }
  }

  async function health(): Promise<ChannelHealthView[]> {
    const queued = await queuedByAccount(db);
    return accounts.map((account) => viewOf(account, queued.get(account.id) ?? 0));
  }

  let closing: Promise<void> | undefined;
  async function closeAll(): Promise<void> {
    isClosed = true;
    look?.cancel();
    await applying;
    await Promise.all([...running.keys()].map(stop));
    await lease.close();
  }

  return {
    channels,
    counts,
    health,
    tryOut,
    apply,
    async webhook(accountId, name, request) {
      const hooks = channels.get(accountId)?.webhooks;
      const answer = hooks && Object.hasOwn(hooks, name) ? hooks[name] : undefined;
      return answer ? await answer(request) : null;
    },
    admitCaller: (accountId, ticket) => channels.get(accountId)?.admitCaller?.(ticket) ?? null,
    async start() {
      await apply();
      lookAgain();
    },
    routes: (mount) => {
      mount('GET /api/v1/channel-health', async () => ({ items: await health() }));
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

interface Keys {
  readonly mailKey: Buffer;
  readonly signer: ReturnType<typeof createWebhookSigner>;
}

async function readKeys(db: Database): Promise<Keys> {
  const mailKey = await houseSecret(db, 'mail_signer');
  return { mailKey, signer: createWebhookSigner(await houseSecret(db, 'webhook_signer')) };
}
