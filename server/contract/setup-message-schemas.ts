import { type Static, Type } from 'typebox';
import { Id, Nullable, Words } from './basics.ts';
import { accountKinds, messageChannelNames, ruleActions, ruleMatches } from './messages-words.ts';
import { Name, strict, Time, Version } from './setup-basics.ts';
import { ownAccountKinds } from './setup-message-words.ts';

const Channel = Words(messageChannelNames);
/** Of its kind; checked by its channel. Never a secret. */
const AccountSettings = Type.Record(Type.String({ maxLength: 40 }), Type.Unknown());
/** Never read back. Absent = unchanged, empty = none. */
const AccountSecrets = Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 8_192 }));

const addressFields = {
  /** Shown to clients as the sender's name, and to agents. */
  name: Type.String({ maxLength: 100 }),
  queueId: Id,
  /** Written from when nothing else says which; one of each channel in the whole house. */
  isDefault: Type.Boolean(),
};
export const SetupAddress = Type.Object({ id: Id, value: Type.String(), ...addressFields });
export type SetupAddress = Static<typeof SetupAddress>;
/** As a person writes it: a mail address, a number or sender name, the key of a site. Absent `id`: a new one. */
export const AddressInput = Type.Object(
  { id: Type.Optional(Id), value: Type.String({ minLength: 1, maxLength: 320 }), ...addressFields },
  strict,
);
export type AddressInput = Static<typeof AddressInput>;
/** All of the account: whichever is absent is removed. */
const Addresses = Type.Array(AddressInput, { minItems: 1, maxItems: 200 });

export const SetupAccount = Type.Object({
  id: Id,
  version: Version,
  kind: Words(accountKinds),
  channel: Channel,
  name: Type.String(),
  enabled: Type.Boolean(),
  settings: AccountSettings,
  addresses: Type.Array(SetupAddress),
  /** Names of secrets that are there. */
  secrets: Type.Array(Type.String()),
  /** Where providers report: prefix of the account's webhooks. */
  webhookUrl: Type.String(),
});
export type SetupAccount = Static<typeof SetupAccount>;
export const NewAccount = Type.Object(
  {
    kind: Words(ownAccountKinds),
    name: Name,
    enabled: Type.Optional(Type.Boolean()),
    settings: AccountSettings,
    secrets: Type.Optional(AccountSecrets),
    addresses: Addresses,
  },
  strict,
);
export type NewAccount = Static<typeof NewAccount>;
export const AccountChange = Type.Object(
  {
    version: Version,
    name: Type.Optional(Name),
    enabled: Type.Optional(Type.Boolean()),
    settings: Type.Optional(AccountSettings),
    secrets: Type.Optional(AccountSecrets),
    addresses: Type.Optional(Addresses),
  },
  strict,
);
export type AccountChange = Static<typeof AccountChange>;

/** What a try of an account found; `problem` is in the wire's words. */
export const AccountTrial = Type.Object({
  ok: Type.Boolean(),
  state: Words(['off', 'connecting', 'up', 'degraded', 'down'] as const),
  problem: Type.String(),
});
export type AccountTrial = Static<typeof AccountTrial>;

const templateFields = {
  /** null = every channel. */
  channel: Nullable(Channel),
  name: Name,
  /** After `::`; compared in lower case. */
  shortcut: Type.String({ minLength: 1, maxLength: 40 }),
  language: Words(['ru', 'en', ''] as const),
  subject: Type.String({ maxLength: 500 }),
  /** Plain text with fields: `{{client.name}}`. */
  body: Type.String({ minLength: 1, maxLength: 20_000, pattern: '\\S' }),
};
export const SetupTemplate = Type.Object({ id: Id, version: Version, ...templateFields, archived: Type.Boolean() });
export type SetupTemplate = Static<typeof SetupTemplate>;
export const NewTemplate = Type.Object(
  {
    name: templateFields.name,
    shortcut: templateFields.shortcut,
    body: templateFields.body,
    channel: Type.Optional(templateFields.channel),
    language: Type.Optional(templateFields.language),
    subject: Type.Optional(templateFields.subject),
  },
  strict,
);
export const TemplateChange = Type.Object(
  {
    version: Version,
    ...Type.Partial(Type.Object(templateFields)).properties,
    archived: Type.Optional(Type.Boolean()),
  },
  strict,
);

const ruleFields = {
  name: Name,
  enabled: Type.Boolean(),
  /** null = every channel, every address. */
  channel: Nullable(Channel),
  addressId: Nullable(Id),
  match: Words(ruleMatches),
  /** Of `keyword` and `contains`. */
  words: Type.Array(Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }), { maxItems: 50 }),
  action: Words(ruleActions),
  /** `reply`: the text, with a template's fields; `task`: the title. */
  text: Type.String({ maxLength: 2_000 }),
  queueId: Nullable(Id),
  /** `task`: whose; null = the responsible manager, else whoever has the conversation. */
  userId: Nullable(Id),
};
export const SetupRule = Type.Object({ id: Id, version: Version, position: Type.Integer(), ...ruleFields });
export type SetupRule = Static<typeof SetupRule>;
export const NewRule = Type.Object(
  {
    ...Type.Partial(Type.Object(ruleFields)).properties,
    name: ruleFields.name,
    match: ruleFields.match,
    action: ruleFields.action,
  },
  strict,
);
export const RuleChange = Type.Object(
  { version: Version, ...Type.Partial(Type.Object(ruleFields)).properties },
  strict,
);

const Weight = Type.Integer({ minimum: 0, maximum: 100 });
const settingFields = {
  /** Points of work that one agent has at once, and what a conversation of each channel costs of them. */
  capacity: Type.Integer({ minimum: 1, maximum: 1_000 }),
  weightEmail: Weight,
  weightSms: Weight,
  weightChat: Weight,
  /** Local time of the client in which nothing but answers goes out; equal = none. */
  quietFrom: Time,
  quietTo: Time,
  /** Most marketing messages to one client within seven days; 0 = no limit. */
  marketingPerWeek: Type.Integer({ minimum: 0, maximum: 100 }),
  /** Marketing needs a consent that was given, not only none that was refused. */
  consentRequired: Type.Boolean(),
  undoSeconds: Type.Integer({ minimum: 0, maximum: 120 }),
  /** A conversation without a word for so many days is closed. */
  closeAfterDays: Type.Integer({ minimum: 1, maximum: 365 }),
};
export const MessageSettings = Type.Object({ version: Version, ...settingFields });
export type MessageSettings = Static<typeof MessageSettings>;
export const MessageSettingsChange = Type.Object(
  { version: Version, ...Type.Partial(Type.Object(settingFields)).properties },
  strict,
);
