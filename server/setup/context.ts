import type { Database } from '../../db/client.ts';
import type { Access } from '../access/index.ts';
import type { ChannelHealthView } from '../contract/messages-schemas.ts';
import type { AccountTrial } from '../contract/setup-message-schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AccountId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { LiveSetup } from '../routing/live-setup.ts';
import type { Roster } from '../routing/roster.ts';
import type { AccountRules } from './account-rules.ts';
import type { Changes } from './changes.ts';
import type { Facts } from './facts.ts';
import type { SoundFiles } from './sound-files.ts';
import type { createSubjects } from './subjects/index.ts';

/** Everything that the operations of this room work with. */
export interface SetupContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly access: Pick<Access, 'realm' | 'signOutEverywhere'>;
  readonly setup: LiveSetup;
  readonly roster: Roster;
  readonly changes: Changes;
  readonly subjects: ReturnType<typeof createSubjects>;
  readonly facts: Facts;
  readonly soundFiles: SoundFiles;
  readonly accountRules: AccountRules;
  /** Connects an account without sending. @throws AppError `not_found` */
  readonly tryAccount: (id: AccountId) => Promise<AccountTrial>;
  /** How each account of messages is now. */
  readonly accountHealth: () => Promise<readonly ChannelHealthView[]>;
  /** Where providers reach the house. */
  readonly publicUrl: () => string;
}

/** The one of a list that an operation answers after its change. */
export function found<T extends { readonly id: number }>(items: readonly T[], id: number): T {
  const item = items.find((candidate) => candidate.id === id);
  if (!item) throw new Error(`${id} is gone right after its change`);
  return item;
}

/** Fields of a body that are there, over the present ones; `version` is no field. */
export function merged<D extends object>(data: D, body: Partial<D> & { readonly version?: number }): D {
  const { version: _, ...given } = body;
  return { ...data, ...given } as D;
}

export const done = { ok: true } as const;
