import type { AccountKind } from '../contract/messages-words.ts';

/** What the channels say of settings that people enter for their accounts: injected, as nouns know no channel. */
export interface AccountRules {
  /**
   * Settings as they are stored, with defaults and nothing that the kind does not know.
   * @throws AppError `bad_request` at `settings/FIELD`
   */
  settings(kind: AccountKind, settings: unknown): Readonly<Record<string, unknown>>;
  /** @throws AppError `bad_request` at `secrets/NAME` for what is wrong or still missing */
  secrets(kind: AccountKind, secrets: Readonly<Record<string, string>>): void;
}
