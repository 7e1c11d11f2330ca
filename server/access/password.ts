import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '../kernel/errors.ts';
import { limits } from './limits.ts';

/** Costs of new hashes: OWASP's second choice for argon2id, 19 MiB and two passes. */
const costs = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const tagLength = 32;
const saltLength = 16;

interface StoredHash {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/**
 * Hashes a password with argon2id (RFC 9106) and a fresh salt.
 * @returns a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`
 * @throws AppError `overloaded` when too many hashes wait already
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltLength);
  const tag = await derive(password, { ...costs, salt }, tagLength);
  const { memory, passes, parallelism } = costs;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

/**
 * Whether the password belongs to the stored hash; the comparison takes the same time wherever they differ.
 * A string that is no argon2id hash fits no password.
 * @throws AppError `overloaded` when too many hashes wait already
 */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const hash = parsePhc(stored);
  if (hash === null) return false;
  const tag = await derive(password, hash, hash.tag.length);
  return timingSafeEqual(tag, hash.tag);
}

/** Fits no password, and costs as much to check as a real hash: for logins that do not exist. */
export const nobodysHash = `$argon2id$v=19$m=${costs.memory},t=${costs.passes},p=${costs.parallelism}$${base64(randomBytes(saltLength))}$${base64(randomBytes(tagLength))}`;

const phcPattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z\d+/]{11,86})\$([A-Za-z\d+/]{16,86})$/;

/** The PHC string format; null when the string is not one of argon2id, or asks for more than we give. */
function parsePhc(text: string): StoredHash | null {
  const match = phcPattern.exec(text);
  if (match === null) return null;
  const [, memory, passes, parallelism, salt = '', tag = ''] = match;
  const hash = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  // RFC 9106 section 3.1: at least one pass and one lane, 8 KiB a lane
  const isPossible = hash.passes >= 1 && hash.parallelism >= 1 && hash.memory >= 8 * hash.parallelism;
  return isPossible && hash.memory <= limits.passwordMemoryKib ? hash : null;
}

/** PHC strings use base64 without padding. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, options: Omit<StoredHash, 'tag'>, length: number): Promise<Buffer> {
  if (running >= limits.passwordHashesAtOnce) {
    if (waiting.length >= limits.passwordHashesWaiting) {
      throw new AppError('overloaded', 'too many sign-ins at once', { retryable: true });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running++;
  }
  try {
    return await argon2id(password, options, length);
  } finally {
    // the slot passes straight to the next in line
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

function argon2id(password: string, options: Omit<StoredHash, 'tag'>, tagLength: number): Promise<Buffer> {
  const { memory, passes, parallelism, salt } = options;
  return new Promise((resolve, reject) => {
    // normalized, so that a letter typed as one or as two code points is the same password
    const message = password.normalize('NFC');
    argon2('argon2id', { message, nonce: salt, parallelism, memory, passes, tagLength }, (error, tag) =>
      error ? reject(error) : resolve(tag),
    );
  });
}
