import { readChatSettings } from '../../channels/chat/settings.ts';
import { consentUrl, redeemCode } from '../../channels/email/consent.ts';
import { type EmailSecrets, type OAuthSettings, parseEmailSettings } from '../../channels/email/settings.ts';
import {
  type Checked,
  checkSmppSecrets,
  checkSmppSettings,
  checkTwilioSecrets,
  checkTwilioSettings,
} from '../../channels/sms/settings.ts';
import type { AccountKind } from '../contract/messages-words.ts';
import { AppError } from '../kernel/errors.ts';
import type { AccountRules } from '../setup/account-rules.ts';
import { wrongField } from '../setup/problems.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The channels for short messages complain in sentences that begin with the field. */
function taken<T>(part: 'settings' | 'secrets', checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  const errors = checked.errors.map((sentence) => {
    const [field = '', ...message] = sentence.replace(/\.$/, '').split(' ');
    return { path: `body/${part}/${field}`, message: message.join(' ') };
  });
  throw new AppError('bad_request', checked.errors.join(' '), { details: { errors } });
}

/** Others name the fields in the details of their error. */
function named<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { fields, field } = error.details as { fields?: readonly string[]; field?: string };
    const paths = fields ?? (field === undefined ? [''] : [field]);
    const errors = paths.map((path) => ({
      path: `body/settings/${path.replaceAll('.', '/')}`,
      message: error.message,
    }));
    throw new AppError('bad_request', error.message, { details: { errors }, cause: error });
  }
}

const settingsOf: Readonly<Record<AccountKind, (settings: unknown) => object>> = {
  mailbox: (settings) => named(() => parseEmailSettings(settings)),
  smpp: (settings) => taken('settings', checkSmppSettings(settings)),
  twilio: (settings) => taken('settings', checkTwilioSettings(settings)),
  web_chat: (settings) => named(() => readChatSettings(settings as Fields)),
  demo_email: () => ({}),
  demo_sms: () => ({}),
};

/** A mailbox needs a password, unless nobody asks for one: then the channel says so when it connects. */
function mailboxSecrets(secrets: Fields): void {
  const key = secrets['dkimKey'];
  if (typeof key === 'string' && !/^-----BEGIN (?:RSA )?PRIVATE KEY-----/.test(key.trim()))
    throw wrongField('secrets/dkimKey', 'is no private key in PEM');
}

const secretsOf: Partial<Record<AccountKind, (secrets: Fields) => unknown>> = {
  mailbox: mailboxSecrets,
  smpp: (secrets) => taken('secrets', checkSmppSecrets(secrets)),
  twilio: (secrets) => taken('secrets', checkTwilioSecrets(secrets)),
};

/** @throws AppError `bad_request` when this account's owner consents nowhere */
function oauthOf(kind: AccountKind, settings: Fields): { oauth: OAuthSettings; user: string } {
  if (kind !== 'mailbox') throw wrongField('kind', 'needs no consent');
  const { oauth, imap, smtp } = parseEmailSettings(settings);
  if (!oauth || oauth.authorizeUrl === '') throw wrongField('settings/oauth/authorizeUrl', 'must be given');
  return { oauth, user: imap?.user ?? smtp?.user ?? '' };
}

/** What the channels of this house say of what is entered for their accounts. */
export const accountRules: AccountRules = {
  settings: (kind, settings) => settingsOf[kind](settings) as Fields,
  secrets: (kind, secrets) => void secretsOf[kind]?.(secrets),
  consentUrl(kind, settings, request) {
    const { oauth, user } = oauthOf(kind, settings);
    return consentUrl(oauth, { ...request, user });
  },
  redeem(kind, { settings, secrets }, given) {
    const { oauth } = oauthOf(kind, settings);
    const { clientSecret } = secrets as EmailSecrets;
    return redeemCode({ oauth, clientSecret }, given);
  },
};
