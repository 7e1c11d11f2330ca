import { and, asc, eq, inArray, ne } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import {
  channelAccounts,
  channelAddresses,
  conversations,
  inboundRules,
  lines,
  messageOutbox,
  queues,
} from '../../../db/schema/index.ts';
import { type AccountKind, channelOfAccount } from '../../contract/messages-words.ts';
import type { AccountId, AddressId, QueueId } from '../../kernel/ids.ts';
import type { AccountRules } from '../account-rules.ts';
import { inUse, taken, type Usage, wrongField } from '../problems.ts';
import type { Checked, Subject } from '../subject.ts';
import { exists, requireFree, rowSubject } from './row.ts';

export interface AddressData {
  /** null: a new one. */
  readonly id: number | null;
  /** Canonical. */
  readonly value: string;
  readonly name: string;
  readonly queueId: number;
  readonly isDefault: boolean;
}

export interface AccountData {
  readonly kind: AccountKind;
  readonly name: string;
  readonly enabled: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly addresses: readonly AddressData[];
}

async function addressesOf(tx: Executor, accountId: number): Promise<AddressData[]> {
  const rows = await tx.orm
    .select()
    .from(channelAddresses)
    .where(eq(channelAddresses.accountId, accountId as AccountId))
    .orderBy(asc(channelAddresses.id));
  return rows.map(({ id, value, name, queueId, isDefault }) => ({ id, value, name, queueId, isDefault }));
}

/** Conversations and rules that name one of these addresses. */
async function usersOf(tx: Executor, addressIds: readonly number[]): Promise<Usage[]> {
  const ids = [...addressIds] as AddressId[];
  if (ids.length === 0) return [];
  const written = await tx.orm
    .selectDistinct({ id: channelAddresses.id, name: channelAddresses.value })
    .from(channelAddresses)
    .innerJoin(conversations, eq(conversations.addressId, channelAddresses.id))
    .where(inArray(channelAddresses.id, ids));
  const rules = await tx.orm
    .select({ id: inboundRules.id, name: inboundRules.name })
    .from(inboundRules)
    .where(inArray(inboundRules.addressId, ids));
  return [
    ...written.map((address) => ({ kind: 'conversations', ...address })),
    ...rules.map((rule) => ({ kind: 'inbound_rule', ...rule })),
  ];
}

/** Whatever was written to an address stays readable: such an address neither goes nor becomes another one. */
async function requireKept(tx: Executor, before: AccountData, after: AccountData): Promise<void> {
  const kept = new Map(after.addresses.map((address) => [address.id, address.value]));
  const gone = before.addresses.filter(({ id, value }) => kept.get(id) !== value);
  const usedBy = await usersOf(
    tx,
    gone.flatMap(({ id }) => id ?? []),
  );
  if (usedBy.length > 0) throw inUse(usedBy);
}

async function checkAddresses(data: AccountData, { tx, before }: Checked<AccountData>): Promise<void> {
  if (data.addresses.length === 0) throw wrongField('addresses', 'at least one must be given');
  const channel = channelOfAccount[data.kind];
  const own = new Set(before?.data.addresses.map(({ id }) => id));
  const seen = new Set<string>();
  for (const [index, { id, value, queueId }] of data.addresses.entries()) {
    const at = (field: string): string => `addresses/${index}/${field}`;
    if (before && id !== null && !own.has(id) && (await exists(tx, channelAddresses, id)))
      throw wrongField(at('id'), 'is of another account');
    if (seen.has(value)) throw wrongField(at('value'), `${value} is there twice`);
    seen.add(value);
    const [other] = await tx.orm
      .select({ name: channelAccounts.name })
      .from(channelAddresses)
      .innerJoin(channelAccounts, eq(channelAccounts.id, channelAddresses.accountId))
      .where(
        and(
          eq(channelAddresses.channel, channel),
          eq(channelAddresses.value, value),
          before ? ne(channelAddresses.accountId, before.id as AccountId) : undefined,
        ),
      );
    if (other) throw taken(at('value'), `"${other.name}"`);
    if (!(await exists(tx, queues, queueId))) throw wrongField(at('queueId'), `there is no queue ${queueId}`);
  }
  if (data.addresses.filter(({ isDefault }) => isDefault).length > 1)
    throw wrongField('addresses', 'one of them at most is the default');
  if (before) await requireKept(tx, before.data, data);
}

/** Visitors of a page call a line of ours, and nothing else. */
async function checkCallLine(tx: Executor, { kind, settings }: AccountData): Promise<void> {
  const { callLine: number } = settings as { readonly callLine?: string };
  if (kind !== 'web_chat' || !number) return;
  if ((await tx.orm.$count(lines, eq(lines.number, number))) === 0)
    throw wrongField('settings/callLine', `there is no line ${number}`);
}

async function writeAddresses(tx: Executor, accountId: number, { kind, addresses }: AccountData): Promise<void> {
  const present = new Set((await addressesOf(tx, accountId)).map(({ id }) => id));
  const kept = new Set(addresses.map(({ id }) => id));
  const gone = [...present].filter((id) => !kept.has(id)) as AddressId[];
  if (gone.length > 0) await tx.orm.delete(channelAddresses).where(inArray(channelAddresses.id, gone));
  // two that change places would meet under the index of values
  for (const id of present) if (kept.has(id)) await setValue(tx, id as AddressId, `moving ${id}`);
  for (const { id, value, name, queueId, isDefault } of addresses) {
    const row = { channel: channelOfAccount[kind], value, name, queueId: queueId as QueueId, isDefault };
    if (id !== null && present.has(id))
      await tx.orm
        .update(channelAddresses)
        .set(row)
        .where(eq(channelAddresses.id, id as AddressId));
    else
      await tx.orm
        .insert(channelAddresses)
        .values({ ...row, accountId: accountId as AccountId, ...(id === null ? {} : { id: id as AddressId }) });
  }
}

const setValue = (tx: Executor, id: AddressId, value: string) =>
  tx.orm.update(channelAddresses).set({ value }).where(eq(channelAddresses.id, id));

/** Accounts with their addresses. Secrets are written apart and never read. */
export function accountSubject(rules: AccountRules): Subject<AccountData> {
  const rows = rowSubject({
    kind: 'channel_account',
    table: channelAccounts,
    nameOf: ({ name }: AccountData) => name,
    toData: ({ kind, name, enabled, settings }): AccountData => ({ kind, name, enabled, settings, addresses: [] }),
    toRow: ({ addresses: _, ...row }) => row,
    async check(data, checked) {
      const { tx, before } = checked;
      const wanted = { table: channelAccounts, column: channelAccounts.name, value: data.name };
      await requireFree(tx, wanted, { id: before?.id, field: 'name', label: channelAccounts.name });
      if (before && before.data.kind !== data.kind) throw wrongField('kind', 'an account stays of its kind');
      rules.settings(data.kind, data.settings);
      await checkCallLine(tx, data);
      await checkAddresses(data, checked);
    },
    async usedBy(tx, id) {
      const addresses = await addressesOf(tx, id);
      const users = await usersOf(
        tx,
        addresses.flatMap((address) => address.id ?? []),
      );
      const waiting = await tx.orm.$count(messageOutbox, eq(messageOutbox.accountId, id as AccountId));
      return waiting > 0 && users.length === 0 ? [{ kind: 'outbox', id, name: 'messages' }] : users;
    },
  });
  return {
    ...rows,
    async read(tx, id) {
      const row = await rows.read(tx, id);
      return row && { ...row, data: { ...row.data, addresses: await addressesOf(tx, id) } };
    },
    async insert(tx, data, at) {
      const id = await rows.insert(tx, data, at);
      await writeAddresses(tx, id, data);
      return id;
    },
    async update(tx, data, at) {
      await rows.update(tx, data, at);
      await writeAddresses(tx, at.id, data);
    },
    async remove(tx, id) {
      await tx.orm.delete(channelAddresses).where(eq(channelAddresses.accountId, id as AccountId));
      await rows.remove(tx, id);
    },
  };
}
