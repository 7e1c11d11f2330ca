import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { Executor } from '../../../db/client.ts';
import { areaOf, type ParsedNumber, parsePhoneNumber } from '../../clients/phone-number.ts';
import type { MessageChannelName } from '../../contract/messages-words.ts';
import type { AccountId, AddressId, QueueId } from '../../kernel/ids.ts';
import type { LiveSetup } from '../../routing/live-setup.ts';
import type { JoiningMessage } from '../join.ts';

/** An address of ours that a message came to. */
export interface OwnAddress {
  readonly id: AddressId;
  readonly value: string;
  readonly name: string;
  readonly queueId: QueueId;
}

/** Who writes, or in an echo to whom we wrote, in canonical form. */
export interface Peer {
  readonly kind: 'email' | 'phone' | 'visitor';
  /** Lower-case address, E.164, a visitor's id; empty when the message names nobody. */
  readonly value: string;
  readonly name: string;
  /** Of a telephone number. */
  readonly parsed: ParsedNumber | null;
}

/** Longest canonical address: what a path of e-mail may have (RFC 5321 section 4.5.3.1.3), with room. */
const addressLength = 320;

const lower = (address: string): string => address.replaceAll('\0', '').trim().toLowerCase().slice(0, addressLength);

/** `support+TOKEN@shop.example` is `support@shop.example` (RFC 5233). */
const withoutDetail = (address: string): string => address.replace(/\+[^@]*@/, '@');

/** The canonical form in which an address of ours is stored. */
function ownValue(event: Pick<MessageArrived, 'channel'>, written: string, setup: Pick<LiveSetup, 'company'>): string {
  if (event.channel === 'email') return withoutDetail(lower(written));
  if (event.channel === 'chat') return written.trim();
  return parsePhoneNumber(written, setup.company.region).e164 ?? written.trim();
}

/** An address with whose account it is. */
export interface AccountAddress extends OwnAddress {
  readonly accountId: AccountId;
  readonly channel: MessageChannelName;
}

/** All addresses of ours, an account's default before its others. */
export async function readAddresses(db: Executor): Promise<AccountAddress[]> {
  type Row = Omit<AccountAddress, 'accountId' | 'queueId'> & { account_id: AccountId; queue_id: QueueId };
  const rows = await db.run<Row>({
    name: 'channel_addresses_all',
    text: `SELECT id, value, name, queue_id, account_id, channel FROM channel_addresses ORDER BY is_default DESC, id`,
    values: [],
  });
  return rows.map(({ account_id, queue_id, ...same }) => ({ ...same, accountId: account_id, queueId: queue_id }));
}

/** Which address of ours it came to; the account's default, or its first one, when it names none of them. Null = it has none. */
export function ownAddressOf(
  event: Pick<MessageArrived, 'channel' | 'accountId' | 'to'>,
  addresses: readonly AccountAddress[],
  setup: Pick<LiveSetup, 'company'>,
): OwnAddress | null {
  const own = addresses.filter(({ accountId, channel }) => accountId === event.accountId && channel === event.channel);
  const wanted = event.to.map((written) => ownValue(event, written, setup));
  return wanted.map((value) => own.find((candidate) => candidate.value === value)).find(Boolean) ?? own[0] ?? null;
}

/** The other side of a message. */
export function peerOf(event: MessageArrived, address: OwnAddress, setup: Pick<LiveSetup, 'lines' | 'company'>): Peer {
  const written = event.direction === 'echo' ? recipientOf(event) : event.from;
  const name = written.displayName;
  if (written.kind === 'email') return { kind: 'email', value: lower(written.value), name, parsed: null };
  if (written.kind === 'visitor')
    return { kind: 'visitor', value: written.value.replaceAll('\0', '').slice(0, addressLength), name, parsed: null };
  const region = setup.lines.find(({ number }) => number === address.value)?.region ?? setup.company.region;
  const parsed = parsePhoneNumber(written.value.replaceAll('\0', ''), region, areaOf(address.value));
  return { kind: 'phone', value: parsed.value, name, parsed };
}

/** Whom a message of ours past the house went to first. */
function recipientOf(event: MessageArrived): MessageArrived['from'] {
  const first = event.participants.find(({ role }) => role === 'to') ?? event.participants[0];
  return { kind: event.from.kind, value: first?.address ?? '', displayName: first?.name ?? '' };
}

/** What the decision of joining needs. An echo belongs where its recipient takes part. */
export function joiningOf(event: MessageArrived, peer: Peer): JoiningMessage {
  const writers = event.participants.filter(({ role }) => role === 'from').map(({ address }) => lower(address));
  const senders = event.direction === 'in' && writers.length > 0 ? writers : [peer.value];
  const { channel, at, nature, thread: evidence } = event;
  const isReport = nature === 'report' || nature === 'loop';
  return { channel, senders: senders.filter((sender) => sender !== ''), at, evidence, isReport };
}

/** Addresses of an e-mail by their role, canonical, bounded by the adapter. */
export function addressesOf(
  event: MessageArrived,
  role: 'from' | 'reply_to' | 'to' | 'cc',
): { address: string; name: string }[] {
  return event.participants
    .filter((participant) => participant.role === role)
    .map(({ address, name }) => ({ address: lower(address), name: name.replaceAll('\0', '') }));
}
