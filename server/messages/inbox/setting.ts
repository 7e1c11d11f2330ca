import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { inboundRules } from '../../../db/schema/index.ts';
import { closeAfterDays } from '../conversations/open.ts';
import { type AccountAddress, readAddresses } from './arrival.ts';
import type { InboundRule } from './rules.ts';

/** What of the setting the inbox works by. */
export interface InboxSetting {
  /** Those that are on, in order. */
  readonly rules: readonly InboundRule[];
  readonly closeAfterDays: number;
  readonly addresses: readonly AccountAddress[];
}

/** The setting as of the last change, read when it is first needed. */
export interface LiveInboxSetting {
  read(): Promise<InboxSetting>;
  /** The tables are different. */
  changed(): void;
}

export function createInboxSetting(db: Database): LiveInboxSetting {
  let known: Promise<InboxSetting> | null = null;
  const load = async (): Promise<InboxSetting> => ({
    rules: await db.orm
      .select()
      .from(inboundRules)
      .where(eq(inboundRules.enabled, true))
      .orderBy(asc(inboundRules.position), asc(inboundRules.id)),
    closeAfterDays: await closeAfterDays(db),
    addresses: await readAddresses(db),
  });
  return {
    async read() {
      known ??= load();
      const mine = known;
      try {
        return await mine;
      } catch (error) {
        // asked again by the next message
        if (known === mine) known = null;
        throw error;
      }
    },
    changed() {
      known = null;
    },
  };
}
