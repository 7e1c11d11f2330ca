import type { Database } from '../../db/client.ts';
import type { Access } from '../access/index.ts';
import type { Routes } from '../access/route.ts';
import type { ChannelHealthView } from '../contract/messages-schemas.ts';
import type { AccountTrial } from '../contract/setup-message-schemas.ts';
import type { SetupKind } from '../contract/setup-words.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AccountId, UserId } from '../kernel/ids.ts';
import type { Journal } from '../kernel/journal.ts';
import type { Log } from '../kernel/log.ts';
import type { Dispatcher } from '../routing/dispatcher.ts';
import type { LiveSetup } from '../routing/live-setup.ts';
import type { Roster } from '../routing/roster.ts';
import type { TrunkRow } from '../routing/store.ts';
import type { AccountRules } from './account-rules.ts';
import { type Committed, createChanges } from './changes.ts';
import { checklistOf } from './checklist.ts';
import { consentRoutes } from './consent.ts';
import type { SetupContext } from './context.ts';
import { createFacts } from './facts.ts';
import { limits } from './limits.ts';
import { lineRoutes, queueRoutes, trunkRoutes } from './line-routes.ts';
import { accountRoutes, messageSettingsRoutes, ruleRoutes, templateRoutes } from './message-routes.ts';
import { teamRoutes, userRoutes } from './people-routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { createSoundFiles } from './sound-files.ts';
import { createSoundDoor, type SoundDoor, soundRoutes } from './sound-routes.ts';
import { createSubjects } from './subjects/index.ts';
import { listVersions } from './versions.ts';
import { companyRoutes, dispositionRoutes, presenceReasonRoutes } from './word-routes.ts';

export interface SetupOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly access: Pick<Access, 'realm' | 'reload' | 'signOutEverywhere'>;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly setup: LiveSetup;
  readonly roster: Roster;
  readonly dispatcher: Dispatcher;
  /** Folder of sound files; made when it is needed. */
  readonly soundsDir: string;
  readonly accountRules: AccountRules;
  /** Connects an account of messages without sending. */
  readonly tryAccount: (id: AccountId) => Promise<AccountTrial>;
  /** How each account of messages is now. */
  readonly accountHealth: () => Promise<readonly ChannelHealthView[]>;
  /** Where providers reach the house. */
  readonly publicUrl: () => string;
  /** Whether a phone of this login is registered now. */
  readonly isRegistered: (login: string) => boolean;
  /** Whether one of his phones is a browser. */
  readonly hasBrowserPhone: (login: string) => boolean;
  /** After a change of the carriers: all of them as they are then. */
  readonly onTrunksChanged?: (trunks: readonly TrunkRow[]) => void;
  /** After every change, when the whole house works by it: for pushes. */
  readonly onChanged?: (kind: SetupKind, id: number) => void;
}

/** What an administrator changes by hand: versioned, and live without a restart. */
export interface Setup {
  readonly routes: Routes;
  readonly sounds: SoundDoor;
  /** A browser phone of somebody is there: the checklist wants to know it once, of somebody who serves a queue. */
  browserPhoneSeen(userId: UserId): Promise<void>;
  /** A test call was heard at both ends. */
  testCallPassed(userId: UserId | null): Promise<void>;
  /** Stops what tries again. Idempotent. */
  close(): void;
}

/** Wires the room. */
export function createSetup(options: SetupOptions): Setup {
  const { db, clock, log, access, journal, setup, roster, dispatcher } = options;
  const facts = createFacts(db);
  const subjects = createSubjects(dispatcher.waiting, options.accountRules);
  let isClosed = false;

  async function applySetting(): Promise<void> {
    await access.reload();
    await setup.reload();
    // the queues first: the roster tells of people who are free, and then callers are looked for
    dispatcher.apply(setup.queues);
    roster.apply(setup, options.isRegistered);
  }

  const serves = (userId: UserId): boolean => [...setup.members.values()].some((ids) => ids.includes(userId));

  async function browserPhoneSeen(userId: UserId): Promise<void> {
    if (serves(userId)) await facts.first('browser_phone', userId);
  }

  /** Somebody whose browser waits already may just have been put on a queue. */
  async function lookForBrowserPhone(): Promise<void> {
    const found = setup.agents.find(({ id, login }) => serves(id) && options.hasBrowserPhone(login));
    if (found) await facts.first('browser_phone', found.id);
  }

  function applyAgain(): void {
    clock.after(limits.reloadAgainMs, () => {
      if (isClosed) return;
      applySetting().catch((error: unknown) => {
        log.error({ err: error }, 'the setting could not be read');
        applyAgain();
      });
    });
  }

  async function onCommitted(committed: readonly Committed[]): Promise<void> {
    try {
      await applySetting();
      await lookForBrowserPhone();
      for (const userId of committed.flatMap(cutOff)) await access.signOutEverywhere(userId);
    } catch (error) {
      // the change is kept: whoever made it hears so, and the house follows
      log.error({ err: error }, 'a change of the setting could not be applied yet');
      applyAgain();
    }
    if (committed.some(({ kind }) => kind === 'trunk')) options.onTrunksChanged?.(setup.trunks);
    for (const { kind, id } of committed) options.onChanged?.(kind, id);
  }

  const context: SetupContext = {
    db,
    clock,
    log,
    access,
    setup,
    roster,
    facts,
    subjects,
    changes: createChanges({ db, clock, journal, subjects, onCommitted }),
    soundFiles: createSoundFiles(options.soundsDir),
    accountRules: options.accountRules,
    tryAccount: options.tryAccount,
    accountHealth: options.accountHealth,
    publicUrl: options.publicUrl,
  };
  const routes = [
    userRoutes(context),
    teamRoutes(context),
    trunkRoutes(context),
    lineRoutes(context),
    queueRoutes(context),
    dispositionRoutes(context),
    presenceReasonRoutes(context),
    companyRoutes(context),
    scheduleRoutes(context),
    soundRoutes(context),
    accountRoutes(context),
    consentRoutes(context),
    templateRoutes(context),
    ruleRoutes(context),
    messageSettingsRoutes(context),
    versionRoutes(context),
  ];
  return {
    routes: (mount) => {
      for (const mountRoutes of routes) mountRoutes(mount);
    },
    sounds: createSoundDoor(context),
    browserPhoneSeen,
    testCallPassed: (userId) => facts.latest('test_call', userId),
    close() {
      isClosed = true;
    },
  };
}

/** Whose sessions a change ends: disabled, demoted, another login. */
function cutOff({ kind, id, before, after }: Committed): UserId[] {
  if (kind !== 'user') return [];
  if (before === null || after === null) return [];
  const old = before as { login: string; role: string; disabled: boolean };
  const now = after as typeof old;
  const isDemoted = old.role !== now.role && (now.role === 'agent' || old.role === 'admin');
  return now.disabled || isDemoted || old.login !== now.login ? [id as UserId] : [];
}

/** Operations on versions, and the checklist. */
function versionRoutes({ db, changes, setup, facts, clock, accountHealth }: SetupContext): Routes {
  return (mount) => {
    mount('GET /api/v1/setup/versions', ({ query }) => listVersions(db, query));

    mount('POST /api/v1/setup/versions/:id/roll-back', async ({ params, user }) => {
      const id = await changes.run(user, (turn) => turn.rollBack(params.id));
      const { items } = await listVersions(db, { id, limit: 1 });
      const [version] = items;
      if (!version) throw new Error(`version ${id} is gone`);
      return version;
    });

    mount('GET /api/v1/setup/checklist', async () =>
      checklistOf(db, { setup, facts, health: await accountHealth(), now: clock.now() }),
    );
  };
}
