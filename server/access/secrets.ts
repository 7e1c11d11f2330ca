import { randomBytes } from 'node:crypto';

/** 144 bits, for SIP accounts. */
export const newSecret = (): string => randomBytes(18).toString('base64url');

/** Letters and digits that are not mistaken for each other when somebody reads them out. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password for the first sign-in: 16 characters in groups, 79 bits. */
export function newPassword(): string {
  const letters = Array.from(randomBytes(16), (byte) => alphabet[byte % alphabet.length] ?? 'a').join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}
