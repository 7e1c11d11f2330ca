import type { CallingVisitor } from '../../../channels/channel.ts';
import type { MessageArrived } from '../../../channels/message-channel.ts';
import { callerName } from '../../clients/client.ts';
import type { Contact } from '../../clients/match.ts';
import { parsePhoneNumber } from '../../clients/phone-number.ts';
import { searchText } from '../../clients/search-text.ts';
import { insertCard, saveSearchText } from '../../clients/store.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ClientId } from '../../kernel/ids.ts';
import type { MessagesContext } from '../context.ts';
import { type OwnAddress, ownAddressOf, type Peer, readAddresses } from './arrival.ts';

/** What made a card. */
const sourceOf = (writer: Writer): string => writer.channel;

/** What is known of whoever writes, or calls from a page. */
type Writer = Pick<MessageArrived, 'channel' | 'accountId' | 'facts'>;

/** A card, and whether it was made just now. */
interface Found {
  readonly clientId: ClientId;
  readonly created: boolean;
}

/** Whoever writes to an address of ours, or calls from its page. */
interface Writing {
  readonly event: Writer;
  readonly peer: Peer;
  readonly address: OwnAddress;
}

/**
 * Whose messages these are: cards are found, or made by the one of many simultaneous messages that comes first. Who has no
 * address that a card can keep (a visitor, a damaged sender) is known by his earlier conversations.
 * @returns in the order of `writings`
 */
export async function findClients(context: MessagesContext, writings: readonly Writing[]): Promise<Found[]> {
  const contacts = writings.map(contactOf);
  const named = contacts.filter((contact) => contact !== null);
  const matched = named.length === 0 ? [] : await context.clients.matchOrCreate(named);
  const found: Found[] = [];
  for (const [index, writing] of writings.entries()) {
    const contact = contacts[index];
    found.push((contact && matched[named.indexOf(contact)]) ?? (await findUnnamed(context, writing)));
  }
  return found;
}

/** What a card can keep of him: his number, his address. */
function contactOf({ event, peer }: Writing): Contact | null {
  const options = { ...(peer.name === '' ? {} : { name: peer.name }), source: sourceOf(event) };
  if (peer.parsed) return { phone: peer.parsed, ...options };
  const email = peer.kind === 'email' ? peer.value : (event.facts['email'] ?? '');
  return email === '' ? null : { email, ...options };
}

/** Who has no address, or one that is none. */
async function findUnnamed(context: MessagesContext, { event, peer, address }: Writing): Promise<Found> {
  const phone = peer.kind === 'visitor' ? (event.facts['phone'] ?? '') : '';
  const parsed = phone === '' ? null : parsePhoneNumber(phone, context.setup.company.region);
  const name = peer.name === '' ? {} : { name: peer.name };
  if (parsed?.e164) return context.clients.matchOrCreateByPhone(parsed, { ...name, source: sourceOf(event) });
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
  const event = { channel: 'chat', accountId, facts: { email, phone } } as const;
  const address = ownAddressOf({ ...event, to: [] }, await readAddresses(context.db), context.setup);
  if (!address) throw new AppError('unavailable', `account ${accountId} has no address`);
  const [found] = await findClients(context, [
    { event, peer: { kind: 'visitor', value: id, name, parsed: null }, address },
  ]);
  if (!found) throw new Error('a card was not returned');
  return found;
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
