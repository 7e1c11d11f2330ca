import type { AccountKind } from './messages-words.ts';

/** The closed lists of the set-up of messages. Plain values without schemas. */

/** Kinds of accounts that people make by hand; the demo makes its own. */
export const ownAccountKinds = ['mailbox', 'smpp', 'twilio', 'web_chat'] as const;

/** Names of what an account keeps secret. */
export const secretsOfKind = {
  mailbox: ['password', 'smtpPassword', 'dkimKey', 'clientSecret', 'refreshToken'],
  smpp: ['systemId', 'password'],
  twilio: ['authToken'],
  web_chat: ['identityKey'],
  demo_email: [],
  demo_sms: [],
} as const satisfies Record<AccountKind, readonly string[]>;

/** What stands in a template as `{{client.name}}` and is filled in for each client. */
export const templateFieldNames = [
  'client.name',
  'client.firstName',
  'client.company',
  'client.position',
  'agent.name',
  'agent.firstName',
  'company.name',
  'date',
  'time',
] as const;
