import { Type } from 'typebox';
import { Id } from './basics.ts';
import * as s from './setup-message-schemas.ts';
import { Order, Version } from './setup-schemas.ts';

const tags = ['setup'] as const;
const admins = ['admin'] as const;
const readers = ['supervisor', 'admin'] as const;
const IdParams = Type.Object({ id: Id });
const Done = Type.Object({ ok: Type.Literal(true) });
const removal = {
  tags,
  access: admins,
  params: IdParams,
  querystring: Type.Object({ version: Version }),
  response: Done,
} as const;

/** What administrators set up of messages; like the rest of the setting: versioned, live without a restart. */
export const setupMessageApi = {
  'GET /api/v1/setup/channel-accounts': {
    summary: 'Accounts of messages with their addresses, without their secrets',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupAccount) }),
  },
  'POST /api/v1/setup/channel-accounts': {
    summary: 'Add an account',
    tags,
    access: admins,
    body: s.NewAccount,
    response: s.SetupAccount,
  },
  'PATCH /api/v1/setup/channel-accounts/:id': {
    summary: 'Change an account; it alone connects again. An address with conversations stays (409 conflict)',
    tags,
    access: admins,
    params: IdParams,
    body: s.AccountChange,
    response: s.SetupAccount,
  },
  'DELETE /api/v1/setup/channel-accounts/:id': {
    summary: 'Remove an account that nobody wrote through (409 conflict otherwise: switch it off)',
    ...removal,
  },
  'POST /api/v1/setup/channel-accounts/:id/test': {
    summary: 'Connect and sign in with what is stored, without sending anything',
    tags,
    access: admins,
    params: IdParams,
    response: s.AccountTrial,
  },
  'POST /api/v1/setup/channel-accounts/:id/consent': {
    summary: "The provider's page where the mailbox's owner consents; it sends back to /admin/accounts/consent",
    tags,
    access: admins,
    params: IdParams,
    response: Type.Object({ url: Type.String() }),
  },
  'POST /api/v1/setup/consents': {
    summary:
      'What the provider sent back, once and within ten minutes, by whoever asked; else 409 with `reason` unknown or refused',
    tags,
    access: admins,
    body: Type.Object(
      {
        state: Type.String({ minLength: 1, maxLength: 200 }),
        code: Type.String({ minLength: 1, maxLength: 4_000 }),
      },
      { additionalProperties: false },
    ),
    response: s.SetupAccount,
  },

  'GET /api/v1/setup/message-templates': {
    summary: 'Templates of messages, archived ones too',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupTemplate) }),
  },
  'POST /api/v1/setup/message-templates': {
    summary: 'Add a template; 409 already_taken when another has the shortcut',
    tags,
    access: admins,
    body: s.NewTemplate,
    response: s.SetupTemplate,
  },
  'PATCH /api/v1/setup/message-templates/:id': {
    summary: 'Change or archive a template',
    tags,
    access: admins,
    params: IdParams,
    body: s.TemplateChange,
    response: s.SetupTemplate,
  },

  'GET /api/v1/setup/inbound-rules': {
    summary: 'What is done with messages before people see them, in order',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupRule) }),
  },
  'POST /api/v1/setup/inbound-rules': {
    summary: 'Add a rule, the last one',
    tags,
    access: admins,
    body: s.NewRule,
    response: s.SetupRule,
  },
  'PATCH /api/v1/setup/inbound-rules/:id': {
    summary: 'Change a rule, switch it on or off',
    tags,
    access: admins,
    params: IdParams,
    body: s.RuleChange,
    response: s.SetupRule,
  },
  'PUT /api/v1/setup/inbound-rules/order': {
    summary: 'Order of all rules: the first match of each action wins',
    tags,
    access: admins,
    body: Order,
    response: Type.Object({ items: Type.Array(s.SetupRule) }),
  },
  'DELETE /api/v1/setup/inbound-rules/:id': { summary: 'Remove a rule', ...removal },

  'GET /api/v1/setup/message-settings': {
    summary: 'Capacity, quiet hours, frequency of messages',
    tags,
    access: readers,
    response: s.MessageSettings,
  },
  'PATCH /api/v1/setup/message-settings': {
    summary: 'Change them',
    tags,
    access: admins,
    body: s.MessageSettingsChange,
    response: s.MessageSettings,
  },
} as const;
