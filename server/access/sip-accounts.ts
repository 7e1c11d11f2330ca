import { createHash } from 'node:crypto';
import { isNull } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { users } from '../../db/schema/access.ts';

/** Digest algorithms of RFC 8760 that phones know. */
export type DigestAlgorithm = 'SHA-256' | 'MD5';

/** SIP passwords of all users, in memory: a registrar answers without waiting for a database. */
export interface SipAccounts {
  /** HA1 = H(username:realm:password) (RFC 7616 section 3.4.2); null = no such account. */
  ha1(username: string, realm: string, algorithm: DigestAlgorithm): string | null;
  /** Reads all accounts again; until it is done the old ones answer. */
  reload(): Promise<void>;
}

/** Knows nobody until the first reload(). */
export function createSipAccounts(db: Database): SipAccounts {
  let secrets: ReadonlyMap<string, string> = new Map();
  return {
    ha1(username, realm, algorithm) {
      const secret = secrets.get(username);
      if (secret === undefined) return null;
      const hash = createHash(algorithm === 'MD5' ? 'md5' : 'sha256');
      return hash.update(`${username}:${realm}:${secret}`).digest('hex');
    },
    async reload() {
      const rows = await db.orm
        .select({ login: users.login, secret: users.sipSecret })
        .from(users)
        .where(isNull(users.disabledAt));
      // an empty password would let anybody in
      secrets = new Map(rows.filter((row) => row.secret !== '').map((row) => [row.login, row.secret]));
    },
  };
}
