import { createHmac, timingSafeEqual } from 'node:crypto';

/** Lower case, without characters that are mistaken for others (RFC 4648 section 6): mail systems change the case of addresses. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Of the HMAC, bytes. 80 bits: a guess costs its maker a mail. */
const macBytes = 10;
const macLength = 16;
const idLength = 26;

function base32(bytes: Buffer): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  const digits = Math.ceil((bytes.length * 8) / 5);
  bits <<= BigInt(digits * 5 - bytes.length * 8);
  let text = '';
  for (let digit = digits - 1; digit >= 0; digit--) text += alphabet[Number((bits >> BigInt(digit * 5)) & 31n)];
  return text;
}

/** The 16 bytes of an id of `idLength` characters; null when the two bits left over are set, so that every id has one form. */
function uuidOf(text: string): string | null {
  let bits = 0n;
  for (const character of text) bits = (bits << 5n) | BigInt(alphabet.indexOf(character));
  if ((bits & 3n) !== 0n) return null;
  const hex = (bits >> 2n).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What an id is signed for: a signature for one purpose is none for another. */
type Purpose = 'conversation' | 'sent';
const letters = { conversation: 'c', sent: 'b' } as const satisfies Record<Purpose, string>;
const tokenPattern = new RegExp(`^([cb])([a-z2-7]{${idLength}})([a-z2-7]{${macLength}})$`);
const messageIdPattern = new RegExp(`^<ob\\.([0-9a-f-]{36})\\.([a-z2-7]{${macLength}})@[^@<>\\s]+>$`);

/** Makes and checks the ids that we put into mail and that come back from anywhere. */
export interface MailSigner {
  /** For a plus address in Reply-To (`support+TOKEN@...`): 43 characters. */
  conversationToken(conversationId: string): string;
  /** The conversation of a genuine token, in any case; null for everything else. */
  conversationOf(token: string): string | null;
  /** For the envelope sender of one sent message (VERP): a bounce that names nothing else still comes back to it. */
  bounceToken(sentId: string): string;
  sentIdOfToken(token: string): string | null;
  /** `<ob.UUID.MAC@domain>`, the Message-ID of one sent message (RFC 5322 section 3.6.4). */
  messageId(sentId: string, domain: string): string;
  /** The sent message that a Message-ID of ours names, whatever its domain; null for all others. */
  sentIdOf(messageId: string): string | null;
  /** The key, for the thread that reads mail: it makes its own signer of it. A secret. */
  keyForThread(): Uint8Array<ArrayBuffer>;
}

/**
 * @param key at least 32 secret bytes, the same for ever: with another key old threads are no longer recognised
 * @throws RangeError for a shorter key, and from the makers for an id that is no UUID in lower case
 */
export function createMailSigner(key: Buffer): MailSigner {
  if (key.length < 32) throw new RangeError('the key of the mail signer has fewer than 32 bytes');

  const macOf = (purpose: Purpose, id: string): string =>
    base32(createHmac('sha256', key).update(`${purpose}\0${id}`).digest().subarray(0, macBytes));
  const isGenuine = (purpose: Purpose, id: string, mac: string): boolean =>
    timingSafeEqual(Buffer.from(macOf(purpose, id)), Buffer.from(mac));

  function bytesOf(id: string): Buffer {
    if (!uuid.test(id)) throw new RangeError('only UUIDs in lower case can be signed');
    return Buffer.from(id.replaceAll('-', ''), 'hex');
  }
  const tokenFor = (purpose: Purpose, id: string): string =>
    letters[purpose] + base32(bytesOf(id)) + macOf(purpose, id);

  function idOfToken(purpose: Purpose, token: string): string | null {
    const [, letter, encoded = '', mac = ''] = tokenPattern.exec(token.slice(0, 64).toLowerCase()) ?? [];
    const id = letter === letters[purpose] ? uuidOf(encoded) : null;
    return id !== null && isGenuine(purpose, id, mac) ? id : null;
  }

  return {
    conversationToken: (conversationId) => tokenFor('conversation', conversationId),
    conversationOf: (token) => idOfToken('conversation', token),
    bounceToken: (sentId) => tokenFor('sent', sentId),
    sentIdOfToken: (token) => idOfToken('sent', token),
    messageId(sentId, domain) {
      bytesOf(sentId);
      return `<ob.${sentId}.${macOf('sent', sentId)}@${domain}>`;
    },
    sentIdOf(messageId) {
      const [, id = '', mac = ''] = messageIdPattern.exec(messageId.slice(0, 400).toLowerCase()) ?? [];
      return uuid.test(id) && isGenuine('sent', id, mac) ? id : null;
    },
    keyForThread: () => Uint8Array.from(key),
  };
}
