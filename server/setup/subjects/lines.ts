import { and, eq, sql } from 'drizzle-orm';
import { isSupportedCountry } from 'libphonenumber-js/max';
import type { Executor } from '../../../db/client.ts';
import { channelAccounts, lines, queues, trunks } from '../../../db/schema/index.ts';
import type { LineId, QueueId, TrunkId } from '../../kernel/ids.ts';
import { checkHost, checkNetworks } from '../checks.ts';
import { inUse, type Usage, wrongField } from '../problems.ts';
import { exists, requireFree, rowSubject } from './row.ts';

export interface TrunkData {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  readonly addresses: readonly string[];
  readonly username: string;
  readonly numberFormat: 'e164' | 'digits' | 'ru8';
}

/** Carriers. The password is written apart and never read. */
export const trunkSubject = rowSubject({
  kind: 'trunk',
  table: trunks,
  nameOf: ({ name }: TrunkData) => name,
  toData: ({ name, host, port, transport, addresses, username, numberFormat }): TrunkData => ({
    name,
    host,
    port,
    transport,
    addresses,
    username,
    numberFormat,
  }),
  toRow: (data) => ({ ...data, addresses: [...data.addresses] }),
  async check(data, { tx, before }) {
    const wanted = { table: trunks, column: trunks.name, value: data.name };
    await requireFree(tx, wanted, { id: before?.id, field: 'name', label: trunks.name });
    checkHost('host', data.host);
    checkNetworks('addresses', data.addresses);
  },
  async usedBy(tx, id) {
    const found = await tx.orm
      .select({ id: lines.id, name: lines.name })
      .from(lines)
      .where(eq(lines.trunkId, id as TrunkId));
    return found.map((line) => ({ kind: 'line', ...line }));
  },
});

export interface LineData {
  readonly name: string;
  /** E.164. */
  readonly number: string;
  readonly trunkId: number;
  readonly queueId: number;
  readonly region: string;
}

export function checkRegion(field: string, region: string): void {
  if (!isSupportedCountry(region)) throw wrongField(field, `there is no country "${region}"`);
}

/** Chats from whose page this number is called. */
async function callersOf(tx: Executor, number: string): Promise<Usage[]> {
  const isCalled = sql`${channelAccounts.settings}->>'callLine' = ${number}`;
  const found = await tx.orm
    .select({ id: channelAccounts.id, name: channelAccounts.name })
    .from(channelAccounts)
    .where(and(eq(channelAccounts.kind, 'web_chat'), isCalled));
  return found.map((account) => ({ kind: 'channel_account', ...account }));
}

/** Numbers of ours. */
export const lineSubject = rowSubject({
  kind: 'line',
  table: lines,
  nameOf: ({ name }: LineData) => name,
  toData: ({ name, number, trunkId, queueId, region }): LineData => ({ name, number, trunkId, queueId, region }),
  toRow: ({ trunkId, queueId, ...data }) => ({ ...data, trunkId: trunkId as TrunkId, queueId: queueId as QueueId }),
  async check(data, { tx, before }) {
    const wanted = { table: lines, column: lines.number, value: data.number };
    await requireFree(tx, wanted, { id: before?.id, field: 'number', label: lines.name });
    checkRegion('region', data.region);
    if (!(await exists(tx, trunks, data.trunkId))) throw wrongField('trunkId', `there is no trunk ${data.trunkId}`);
    if (!(await exists(tx, queues, data.queueId))) throw wrongField('queueId', `there is no queue ${data.queueId}`);
    const callers = before && before.data.number !== data.number ? await callersOf(tx, before.data.number) : [];
    if (callers.length > 0) throw inUse(callers);
  },
  async usedBy(tx, id) {
    const [line] = await tx.orm
      .select()
      .from(lines)
      .where(eq(lines.id, id as LineId));
    return line ? callersOf(tx, line.number) : [];
  },
});
