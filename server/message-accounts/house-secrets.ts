import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { houseSecrets } from '../../db/schema/index.ts';

type SecretName = (typeof houseSecrets.$inferSelect)['name'];

const secretBytes = 32;

/** A random key of this house: made by whoever asks first, the same for ever and for every process on this database. */
export async function houseSecret({ orm }: Executor, name: SecretName): Promise<Buffer> {
  const value = randomBytes(secretBytes).toString('base64');
  await orm.insert(houseSecrets).values({ name, value }).onConflictDoNothing();
  const [row] = await orm.select().from(houseSecrets).where(eq(houseSecrets.name, name));
  if (!row) throw new Error(`the secret "${name}" was not kept`);
  return Buffer.from(row.value, 'base64');
}

/** Signs ids that go out in addresses of webhooks and come back from anywhere. */
export interface WebhookSigner {
  /** In characters that may stand in a query. */
  sign(purpose: string, id: string): string;
  verify(purpose: string, id: string, signature: string): boolean;
}

export function createWebhookSigner(key: Buffer): WebhookSigner {
  const macOf = (purpose: string, id: string): Buffer =>
    createHmac('sha256', key).update(`${purpose}\0${id}`).digest().subarray(0, 16);
  return {
    sign: (purpose, id) => macOf(purpose, id).toString('base64url'),
    verify(purpose, id, signature) {
      const given = Buffer.from(signature, 'base64url');
      const mac = macOf(purpose, id);
      return given.length === mac.length && timingSafeEqual(given, mac);
    },
  };
}
