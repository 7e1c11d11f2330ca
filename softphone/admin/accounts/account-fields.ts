import type { AccountKind } from '../../../server/contract/messages-words.ts';
import type { SetupAccount } from '../../../server/contract/setup-message-schemas.ts';

type Settings = Readonly<Record<string, unknown>>;

/** An address as the form holds it; `key` tells rows apart that have no id yet. */
export interface AddressFields {
  readonly id?: number;
  readonly value: string;
  readonly name: string;
  readonly queueId: number;
  readonly isDefault: boolean;
}

/** An account as its form holds it: secrets are empty unless they are replaced. */
export interface AccountFields {
  readonly kind: AccountKind;
  readonly name: string;
  readonly enabled: boolean;
  readonly settings: Settings;
  readonly secrets: Readonly<Record<string, string>>;
  readonly addresses: readonly AddressFields[];
}

const imap = { host: '', port: 993, security: 'tls', user: '', auth: 'password', sentFolder: '', sinceDays: 30 };
const smtp = {
  host: '',
  port: 465,
  security: 'tls',
  user: '',
  auth: 'password',
  dkim: null,
  plusAddressing: false,
  bounceAddressing: false,
  perDomainPerMinute: 20,
  saveToSent: false,
};

/** Parts of a mailbox as they begin when they are switched on. */
export const newPart = { imap, smtp, oauth: { authorizeUrl: '', tokenUrl: '', clientId: '', scope: '' } } as const;

/** How the settings of each kind begin. */
export const newSettings: Readonly<Record<AccountKind, Settings>> = {
  mailbox: { imap, smtp },
  smpp: {
    host: '',
    port: 2775,
    tls: false,
    systemType: '',
    bind: 'transceiver',
    window: 10,
    perSecond: 30,
    longMessages: 'udh',
  },
  twilio: { accountSid: '', messagingServiceSid: '' },
  web_chat: { origins: [], title: '', greeting: '', color: '#2456c4', callLine: '' },
  demo_email: {},
  demo_sms: {},
};

/** How a new account begins. */
export const newAccount = (queueId: number): AccountFields => ({
  kind: 'mailbox',
  name: '',
  enabled: true,
  settings: newSettings.mailbox,
  secrets: {},
  addresses: [{ value: '', name: '', queueId, isDefault: false }],
});

export const fieldsOf = ({ kind, name, enabled, settings, addresses }: SetupAccount): AccountFields => ({
  kind,
  name,
  enabled,
  settings,
  secrets: {},
  addresses,
});

/** A value deep in settings: `imap/host`. */
export function settingAt(settings: Settings, path: string): unknown {
  return path
    .split('/')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? (value as Settings)[name] : undefined),
      settings,
    );
}

/** Providers whose mailboxes are opened by consent, with what is the same for all of their mailboxes. */
export const mailProviders = {
  google: {
    oauth: {
      authorizeUrl: 'https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent',
      tokenUrl: 'https://oauth2.googleapis.com/token',
      scope: 'https://mail.google.com/',
    },
    imap: { host: 'imap.gmail.com', port: 993, security: 'tls' },
    smtp: { host: 'smtp.gmail.com', port: 465, security: 'tls' },
  },
  microsoft: {
    oauth: {
      authorizeUrl: 'https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize',
      tokenUrl: 'https://login.microsoftonline.com/organizations/oauth2/v2.0/token',
      scope: 'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access',
    },
    imap: { host: 'outlook.office365.com', port: 993, security: 'tls' },
    smtp: { host: 'smtp.office365.com', port: 587, security: 'starttls' },
  },
} as const;

/** Settings of a mailbox with a provider's servers; parts that the mailbox does not have stay away. */
export function withProvider(settings: Settings, provider: keyof typeof mailProviders): Settings {
  const { oauth, imap, smtp } = mailProviders[provider];
  const part = (name: string, known: object): Settings => {
    const present = settings[name] ?? null;
    return present === null ? {} : { [name]: { ...(present as Settings), ...known } };
  };
  const before = (settings['oauth'] ?? newPart.oauth) as Settings;
  return { ...settings, ...part('imap', imap), ...part('smtp', smtp), oauth: { ...before, ...oauth } };
}

/** Its provider has a page where its owner consents. */
export const asksForConsent = ({ kind, settings }: Pick<AccountFields, 'kind' | 'settings'>): boolean =>
  kind === 'mailbox' &&
  ['imap/auth', 'smtp/auth'].some((path) => settingAt(settings, path) === 'xoauth2') &&
  Boolean(settingAt(settings, 'oauth/authorizeUrl'));

/** Settings with another value at a path. */
export function withSetting(settings: Settings, path: string, value: unknown): Settings {
  const [name = '', ...rest] = path.split('/');
  if (rest.length === 0) return { ...settings, [name]: value };
  const inner = settings[name];
  const object = typeof inner === 'object' && inner !== null ? (inner as Settings) : {};
  return { ...settings, [name]: withSetting(object, rest.join('/'), value) };
}

/** Without parts that the kind does not need when they are empty. */
export function settingsBody(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ''));
}

/** Secrets that were typed in. */
export const secretsBody = (secrets: AccountFields['secrets']): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ''));
