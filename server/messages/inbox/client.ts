import type { CallingVisitor } from '../../../channels/channel.ts';
import type { MessageArrived } from '../../../channels/message-channel.ts';
import { callerName } from '../../clients/client.ts';
import { parsePhoneNumber } from '../../clients/phone-number.ts';
import { searchText } from '../../clients/search-text.ts';
import { insertCard, saveSearchText } from '../../clients/store.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ClientId } from '../../kernel/ids.ts';
import type { MessagesContext } from '../context.ts';
import { type OwnAddress, ownAddressOf, type Peer } from './arrival.ts';

/** What made a card. */
const sourceOf = (writer: Writer): string => writer.channel;

/** What is known of whoever writes, or calls from a page. */
type Writer = Pick<MessageArrived, 'channel' | 'accountId' | 'facts'>;

/** A card, and whether it was made just now. */
interface Found {
  readonly clientId: ClientId;
  readonly created: boolean;
}

/**
 * Whose message it is: the card is found, or made by the one of many simultaneous messages that comes first. Who has no
 * address that a card can keep (a visitor, a damaged sender) is known by his earlier conversations.
 */
export async function findClient(
  context: MessagesContext,
  event: Writer,
  { peer, address }: { readonly peer: Peer; readonly address: OwnAddress },
): Promise<Found> {
  const { clients } = context;
  const options = { ...(peer.name === '' ? {} : { name: peer.name }), source: sourceOf(event) };
  if (peer.parsed) return clients.matchOrCreateByPhone(peer.parsed, options);
  const mail = peer.kind === 'email' ? peer.value : (event.facts['email'] ?? '');
  const byMail = mail === '' ? null : await byEmail(context, mail, options);
  if (byMail !== null) return byMail;
  const phone = peer.kind === 'visitor' ? (event.facts['phone'] ?? '') : '';
  const parsed = phone === '' ? null : parsePhoneNumber(phone, context.setup.company.region);
  if (parsed?.e164) return clients.matchOrCreateByPhone(parsed, options);
  const known =
    (await byEarlierConversation(context, event, { peer, address })) ?? (await byEarlierCall(context, event, peer));
  if (known !== null) return { clientId: known, created: false };
  return { clientId: await makeUnknown(context, event, peer), created: true };
}

/** The card of a visitor who calls from a page. @throws AppError `unavailable` when his chat has no address any more */
export async function clientOfVisitor(
  context: MessagesContext,
  { accountId, id, name, email, phone }: CallingVisitor,
): Promise<Found> {
  const writer = { channel: 'chat', accountId, facts: { email, phone } } as const;
  const address = await ownAddressOf(context.db, { ...writer, to: [] }, context.setup);
  if (!address) throw new AppError('unavailable', `account ${accountId} has no address`);
  return findClient(context, writer, { peer: { kind: 'visitor', value: id, name, parsed: null }, address });
}

/** Null when it is no address. */
async function byEmail(
  { clients }: MessagesContext,
  mail: string,
  options: { readonly name?: string; readonly source: string },
): Promise<Found | null> {
  try {
    return await clients.matchOrCreateByEmail(mail, options);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_email') return null;
    throw error;
  }
}

async function byEarlierConversation(
  { db }: MessagesContext,
  { channel }: Writer,
  { peer, address }: { readonly peer: Peer; readonly address: OwnAddress },
): Promise<ClientId | null> {
  const [row] = await db.run<{ client_id: ClientId }>({
    name: 'client_of_peer',
    text: `SELECT client_id FROM conversations WHERE channel = $1 AND peer = $2 AND address_id = $3
           ORDER BY last_message_at DESC, id DESC LIMIT 1`,
    values: [channel, peer.value, address.id],
  });
  return row?.client_id ?? null;
}

/** A visitor who called before he wrote. */
async function byEarlierCall({ db }: MessagesContext, { accountId }: Writer, peer: Peer): Promise<ClientId | null> {
  if (peer.kind !== 'visitor') return null;
  const [row] = await db.run<{ client_id: ClientId }>({
    name: 'client_of_visitor',
    text: `SELECT client_id FROM timeline_entries WHERE data->>'visitor' = $1 ORDER BY at DESC, id DESC LIMIT 1`,
    values: [`${accountId}:${peer.value}`],
  });
  return row?.client_id ?? null;
}

/** A card without an address: the next message of the same peer finds it by this one's conversation. */
async function makeUnknown({ db, clock }: MessagesContext, event: Writer, peer: Peer): Promise<ClientId> {
  const name = callerName(peer.name, peer.kind === 'visitor' ? 'Visitor' : peer.value || 'Unknown sender');
  return db.transaction(async (tx) => {
    const fields = { kind: 'unknown' as const, name, source: sourceOf(event) };
    const id = await insertCard(tx, fields, new Date(clock.now()));
    await saveSearchText(tx, id, searchText({ name, company: '', position: '', contactPoints: [] }));
    return id;
  });
}
