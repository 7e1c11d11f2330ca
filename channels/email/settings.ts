import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../../server/kernel/errors.ts';

const Host = Type.String({ minLength: 1, maxLength: 253, pattern: '^[^\\s/@]+$' });
const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
/** `tls`: from the first byte (993, 465). `starttls`: upgraded, and refused when that fails. `none`: for tests on one machine. */
const Security = Type.Union([Type.Literal('tls'), Type.Literal('starttls'), Type.Literal('none')]);

export const ImapSettings = Type.Object(
  {
    host: Host,
    port: Port,
    security: Security,
    user: Type.String({ minLength: 1, maxLength: 320 }),
    auth: Type.Union([Type.Literal('password'), Type.Literal('xoauth2')]),
    /** Where our own people's mail programs keep what they sent; '' = the server says (RFC 6154), null = it is not read. */
    sentFolder: Type.Union([Type.String({ maxLength: 250 }), Type.Null()]),
    /** Days of old mail that are read at the first connection; 0 = only what is new. */
    sinceDays: Type.Integer({ minimum: 0, maximum: 3_650 }),
  },
  { additionalProperties: false },
);
export type ImapSettings = Static<typeof ImapSettings>;

export const SmtpSettings = Type.Object(
  {
    host: Host,
    port: Port,
    security: Security,
    /** '' with auth `none`. */
    user: Type.String({ maxLength: 320 }),
    auth: Type.Union([Type.Literal('password'), Type.Literal('xoauth2'), Type.Literal('none')]),
    /** Signed with `secrets.dkimKey` (RFC 6376); null = the server signs, or nobody. */
    dkim: Type.Union([
      Type.Object(
        {
          domain: Host,
          selector: Type.String({ minLength: 1, maxLength: 63, pattern: '^[A-Za-z0-9._-]+$' }),
        },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
    /** The server delivers `local+anything@domain` to `local@domain` (RFC 5233): answers come to a signed address. */
    plusAddressing: Type.Boolean(),
    /** Bounces come to a signed address of their own (VERP); needs plus addresses. */
    bounceAddressing: Type.Boolean(),
    /** Mails a minute to one recipient domain; 0 = as many as there are. */
    perDomainPerMinute: Type.Integer({ minimum: 0, maximum: 100_000 }),
    /** Puts a copy of what was sent into the Sent folder, where the server does not do it by itself. */
    saveToSent: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type SmtpSettings = Static<typeof SmtpSettings>;

/** Where access tokens come from, for `auth: 'xoauth2'`; with `secrets.refreshToken` and `secrets.clientSecret`. */
export const OAuthSettings = Type.Object(
  {
    /** Where a person consents; what stands in its query stays. '' = the refresh token is pasted in. */
    authorizeUrl: Type.String({
      maxLength: 2_000,
      pattern: '^(?:|(?:https://|http://(?:127\\.0\\.0\\.1|localhost)(?::\\d+)?/)\\S*)$',
    }),
    /** `https://oauth2.googleapis.com/token`, `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`. */
    tokenUrl: Type.String({
      maxLength: 2_000,
      pattern: '^(?:https://|http://(?:127\\.0\\.0\\.1|localhost)(?::\\d+)?/)',
    }),
    clientId: Type.String({ minLength: 1, maxLength: 500 }),
    /** '' = what was consented to. */
    scope: Type.String({ maxLength: 1_000 }),
  },
  { additionalProperties: false },
);
export type OAuthSettings = Static<typeof OAuthSettings>;

/** A mailbox: null for what it does not do. */
export const EmailSettings = Type.Object(
  {
    imap: Type.Union([ImapSettings, Type.Null()]),
    smtp: Type.Union([SmtpSettings, Type.Null()]),
    oauth: Type.Optional(Type.Union([OAuthSettings, Type.Null()])),
  },
  { additionalProperties: false },
);
export type EmailSettings = Static<typeof EmailSettings>;

/** What never leaves the server. */
export interface EmailSecrets {
  readonly password?: string;
  /** When it differs from `password`. */
  readonly smtpPassword?: string;
  /** RSA private key, PEM. */
  readonly dkimKey?: string;
  /** For access tokens (XOAUTH2). */
  readonly clientSecret?: string;
  readonly refreshToken?: string;
}

const defaults = {
  imap: { port: 993, security: 'tls', auth: 'password', sentFolder: '', sinceDays: 0 },
  smtp: {
    port: 465,
    security: 'tls',
    user: '',
    auth: 'password',
    dkim: null,
    plusAddressing: false,
    bounceAddressing: false,
    perDomainPerMinute: 20,
    saveToSent: false,
  },
  oauth: { authorizeUrl: '', scope: '' },
} as const;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const validator = Compile(EmailSettings);
const parts: Readonly<Record<string, TSchema>> = {
  imap: ImapSettings,
  smtp: SmtpSettings,
  oauth: OAuthSettings,
};

/** The fields that are wrong, as `imap.host`. */
function wrongFields(candidate: Record<string, unknown>): string[] {
  return Object.entries(parts).flatMap(([part, schema]) => {
    const value = candidate[part];
    if (value === null) return [];
    return Compile(schema)
      .Errors(value)
      .flatMap(({ instancePath, params }) => {
        const { requiredProperties = [''] } = params as { requiredProperties?: string[] };
        const path = `${part}${instancePath.replaceAll('/', '.')}`;
        return requiredProperties.map((name) => (name === '' ? path : `${path}.${name}`));
      });
  });
}

/**
 * Settings as they are stored or were typed in, with defaults for what is missing; a part that is absent is null.
 * @throws AppError `bad_request` with `details.fields`
 */
export function parseEmailSettings(given: unknown): EmailSettings {
  const source = isObject(given) ? given : {};
  const part = (name: keyof typeof defaults): unknown =>
    isObject(source[name]) ? { ...defaults[name], ...source[name] } : (source[name] ?? null);
  const candidate = { ...source, imap: part('imap'), smtp: part('smtp'), oauth: part('oauth') };
  if (!validator.Check(candidate)) {
    throw new AppError('bad_request', 'the settings of a mailbox are not complete', {
      details: { fields: [...new Set(wrongFields(candidate))] },
    });
  }
  if (candidate.smtp?.bounceAddressing && !candidate.smtp.plusAddressing) {
    throw new AppError('bad_request', 'bounces can only have an address of their own where plus addresses work', {
      details: { fields: ['smtp.bounceAddressing'] },
    });
  }
  return candidate;
}
