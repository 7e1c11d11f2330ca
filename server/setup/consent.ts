import { createHash, randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { channelAccounts } from '../../db/schema/index.ts';
import type { Routes, SignedInUser } from '../access/route.ts';
import { AppError } from '../kernel/errors.ts';
import type { AccountId, UserId } from '../kernel/ids.ts';
import { found, type SetupContext } from './context.ts';
import { limits } from './limits.ts';
import { writeSecrets } from './message-routes.ts';
import { accountViews } from './message-views.ts';

/** A consent that was asked for and has not come back. */
interface Asked {
  readonly accountId: AccountId;
  readonly userId: UserId;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly until: number;
}

const secretText = (): string => randomBytes(32).toString('base64url');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Why there is no consent, for whoever gave or refused it. */
const failed = (reason: 'unknown' | 'refused', message: string, cause?: unknown): AppError =>
  new AppError('conflict', message, { cause, details: { reason } });

/**
 * Consents of owners of mailboxes by way of their provider (RFC 6749 section 4.1 with RFC 7636). An administrator is sent to the
 * provider with a state that only he knows; what comes back with it, once and in time, makes the account's refresh token.
 */
export function consentRoutes(context: SetupContext): Routes {
  const { db, clock, changes, accountRules, publicUrl } = context;
  const asked = new Map<string, Asked>();

  async function account(id: AccountId) {
    const [row] = await db.orm.select().from(channelAccounts).where(eq(channelAccounts.id, id));
    if (!row) throw new AppError('not_found', `there is no account ${id}`);
    return row;
  }

  function forget(): void {
    for (const [state, { until }] of asked) if (until <= clock.now()) asked.delete(state);
    while (asked.size >= limits.consents) asked.delete(asked.keys().next().value ?? '');
  }

  async function begin(id: AccountId, user: SignedInUser): Promise<{ url: string }> {
    const { kind, settings } = await account(id);
    const state = secretText();
    const verifier = secretText();
    const redirectUri = `${publicUrl()}/admin/accounts/consent`;
    const url = accountRules.consentUrl(kind, settings, { state, challenge: sha256(verifier), redirectUri });
    forget();
    asked.set(state, {
      accountId: id,
      userId: user.id,
      verifier,
      redirectUri,
      until: clock.now() + limits.consentMs,
    });
    return { url };
  }

  /** @throws AppError `conflict` with `reason`: nobody asked (any more), or the provider does not take it */
  async function redeem({ state, code }: { state: string; code: string }, user: SignedInUser) {
    const question = asked.get(state);
    asked.delete(state);
    if (!question || question.userId !== user.id || question.until <= clock.now())
      throw failed('unknown', 'this consent was not asked for, or too long ago');
    const { accountId, verifier, redirectUri } = question;
    const { kind, settings, secrets } = await account(accountId);
    const given = { code, verifier, redirectUri };
    const refreshToken = await accountRules.redeem(kind, { settings, secrets }, given).catch((error: unknown) => {
      // the provider's refusal is none of this session
      throw failed('refused', error instanceof Error ? error.message : 'the provider does not answer', error);
    });
    await changes.run(user, (turn) => writeSecrets(turn, accountId, { refreshToken }, context));
    return found(await accountViews(db, publicUrl()), accountId);
  }

  return (mount) => {
    mount('POST /api/v1/setup/channel-accounts/:id/consent', ({ params, user }) => begin(params.id as AccountId, user));
    mount('POST /api/v1/setup/consents', ({ body, user }) => redeem(body, user));
  };
}
