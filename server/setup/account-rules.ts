import type { AccountKind } from '../contract/messages-words.ts';

type Fields = Readonly<Record<string, unknown>>;

/** RFC 6749 section 4.1.1, RFC 7636 section 4.3. */
export interface ConsentRequest {
  readonly state: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

/** RFC 6749 section 4.1.3, RFC 7636 section 4.5. */
export interface GivenConsent {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** What the channels say of settings that people enter for their accounts: injected, as nouns know no channel. */
export interface AccountRules {
  /**
   * Settings as they are stored, with defaults and nothing that the kind does not know.
   * @throws AppError `bad_request` at `settings/FIELD`
   */
  settings(kind: AccountKind, settings: unknown): Readonly<Record<string, unknown>>;
  /** @throws AppError `bad_request` at `secrets/NAME` for what is wrong or still missing */
  secrets(kind: AccountKind, secrets: Readonly<Record<string, string>>): void;
  /**
   * The provider's page where the owner of an account consents.
   * @throws AppError `bad_request` at `settings/FIELD` when it is not set where that is
   */
  consentUrl(kind: AccountKind, settings: Fields, request: ConsentRequest): string;
  /** The refresh token for what the provider sent back. @throws AppError in the provider's words */
  redeem(kind: AccountKind, account: { settings: Fields; secrets: Fields }, given: GivenConsent): Promise<string>;
}
