import DKIM from 'nodemailer/lib/dkim';
import MailComposer, { type MailComposerOptions } from 'nodemailer/lib/mail-composer';
import type { OutgoingMessage } from '../../message-channel.ts';
import { ownIdField } from '../arrival.ts';
import { limits } from '../limits.ts';
import type { SmtpSettings } from '../settings.ts';
import type { MailSigner } from '../signed-ids.ts';

/** Who sends. */
export interface Identity {
  readonly settings: Pick<SmtpSettings, 'dkim' | 'plusAddressing' | 'bounceAddressing'>;
  readonly dkimKey: string | undefined;
  readonly signer: MailSigner;
  /** Stands in X-Loop of every automatic mail, so that it is known when it comes back. */
  readonly loopMark: string;
}

/** A mail as it goes over the wire. */
export interface BuiltMail {
  readonly raw: Buffer;
  readonly messageId: string;
  /** Of the envelope (RFC 5321 section 3.3); '' = bounces to nobody. */
  readonly sender: string;
  readonly recipients: readonly string[];
  /** It may have bytes beyond ASCII (RFC 6152): a mail that is forwarded as a file stays as it is. */
  readonly is8Bit: boolean;
}

/** What is signed when it is there (RFC 6376 section 5.4.1, RFC 8058 section 4). */
const signedFields =
  'from:reply-to:subject:date:message-id:to:cc:mime-version:content-type:content-transfer-encoding:in-reply-to:references:' +
  'list-id:list-unsubscribe:list-unsubscribe-post:auto-submitted:precedence';

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** `support+TOKEN@shop.example`; null when the local part would be longer than RFC 5321 section 4.5.3.1.1 allows. */
function plusAddress(address: string, token: string): string | null {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at).replace(/\+.*$/, '');
  const plus = `${local}+${token}`;
  return Buffer.byteLength(plus) > limits.localPartBytes ? null : `${plus}${address.slice(at)}`;
}

function replyTo({ from, conversationId }: OutgoingMessage, { settings, signer }: Identity) {
  const address = settings.plusAddressing ? plusAddress(from.address, signer.conversationToken(conversationId)) : null;
  return address === null ? {} : { replyTo: { name: from.name, address } };
}

/** An automatic answer has the null sender: nobody answers it, not even a program (RFC 3834 section 3.3). */
function senderOf({ id, from, nature }: OutgoingMessage, { settings, signer }: Identity): string {
  if (nature === 'auto') return '';
  const own = settings.bounceAddressing ? plusAddress(from.address, signer.bounceToken(id)) : null;
  return own ?? from.address;
}

type Headers = Record<string, string | { readonly prepared: true; readonly foldLines: true; readonly value: string }>;

/** RFC 2369 section 3.2 and RFC 8058: a link for machines to press, and an address for the others. */
function wayOut(message: OutgoingMessage, { settings, signer }: Identity): Headers {
  if (message.nature !== 'bulk') return {};
  const token = signer.bounceToken(message.id);
  const plus = settings.plusAddressing ? plusAddress(message.from.address, token) : null;
  const subject = plus === null ? `unsubscribe%20%5B%23${token}%5D` : 'unsubscribe';
  const mail = `<mailto:${encodeURI(plus ?? message.from.address)}?subject=${subject}>`;
  // a parsed address has no line ends and no brackets
  const url = URL.parse(message.unsubscribeUrl ?? '')?.href;
  const link = url === undefined ? '' : `<${url}>, `;
  return {
    'List-Unsubscribe': { prepared: true, foldLines: true, value: `${link}${mail}` },
    ...(link === '' ? {} : { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
    'List-Id': `<news.${domainOf(message.from.address)}>`,
    Precedence: 'bulk',
  };
}

/** RFC 3834 section 5; X-Auto-Response-Suppress is what Exchange asks for. */
function marks(nature: OutgoingMessage['nature'], loopMark: string): Headers {
  if (nature === 'person') return {};
  return {
    ...(nature === 'bulk' ? {} : { 'Auto-Submitted': nature === 'auto' ? 'auto-replied' : 'auto-generated' }),
    'X-Auto-Response-Suppress': 'OOF, AutoReply',
    'X-Loop': loopMark,
  };
}

/** The first says where the thread began, the last ones where it is. */
function clipped(references: readonly string[]): string[] {
  const most = limits.outgoingReferences;
  return references.length <= most ? [...references] : [...references.slice(0, 1), ...references.slice(1 - most)];
}

async function filesOf(message: OutgoingMessage) {
  const read = message.attachments.map(async (file) => ({
    filename: file.name,
    contentType: file.type,
    content: Buffer.from(await file.read()),
    contentDisposition: file.isInline ? ('inline' as const) : ('attachment' as const),
    ...(file.contentId === null ? {} : { cid: file.contentId }),
  }));
  return Promise.all(read);
}

function threadOf({ references }: OutgoingMessage): MailComposerOptions {
  const answered = references.at(-1);
  return answered === undefined ? {} : { inReplyTo: answered, references: clipped(references) };
}

async function signed(raw: Buffer, { settings: { dkim }, dkimKey }: Identity): Promise<Buffer> {
  if (!dkim || dkimKey === undefined) return raw;
  const { domain: domainName, selector: keySelector } = dkim;
  const signer = new DKIM({ domainName, keySelector, privateKey: dkimKey, headerFieldNames: signedFields });
  const chunks: Buffer[] = [];
  for await (const chunk of signer.sign(raw)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Addresses of the envelope, each once. */
function recipientsOf({ to, cc }: OutgoingMessage): string[] {
  const seen = new Map([...to, ...cc].map(({ address }) => [address.toLowerCase(), address]));
  return [...seen.values()];
}

/**
 * Builds a mail (RFC 5322, 2045, 2047, 2183, 2387). The same message always gives the same bytes, whatever attempt it is: its date,
 * Message-ID and boundaries come from the message itself.
 */
export async function composeMail(message: OutgoingMessage, identity: Identity): Promise<BuiltMail> {
  const messageId = identity.signer.messageId(message.id, domainOf(message.from.address));
  const composer = new MailComposer({
    messageId,
    date: new Date(message.createdAt),
    from: { ...message.from },
    to: message.to.map((person) => ({ ...person })),
    cc: message.cc.map((person) => ({ ...person })),
    subject: message.subject,
    text: message.text,
    ...(message.html === null ? {} : { html: message.html }),
    attachments: await filesOf(message),
    ...replyTo(message, identity),
    ...threadOf(message),
    headers: {
      [ownIdField]: { prepared: true, value: messageId },
      ...marks(message.nature, identity.loopMark),
      ...wayOut(message, identity),
    },
    baseBoundary: message.id,
    newline: 'windows',
    // texts and names of clients must never make the server read a file or a page
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const raw = await composer.compile().build();
  return {
    raw: await signed(raw, identity),
    messageId,
    sender: senderOf(message, identity),
    recipients: recipientsOf(message),
    is8Bit: message.attachments.some(({ type }) => /^message\//i.test(type)),
  };
}
