import type { SetupVersion } from '../../../server/contract/setup-schemas.ts';
import type { SetupKind } from '../../../server/contract/setup-words.ts';
import type { WordKey } from '../words/translate.ts';

/** Fields by the name that the history gives them. A name that means different things is looked up with its kind first. */
const names: Readonly<Record<string, WordKey>> = {
  name: 'field.name',
  'user name': 'people.name',
  login: 'people.login',
  role: 'people.role',
  teamId: 'people.team',
  language: 'field.language',
  sees: 'people.sees',
  mayExport: 'people.mayExport',
  disabled: 'changed.disabled',
  disabledAt: 'changed.disabled',
  memberIds: 'team.members',
  'queue memberIds': 'queue.members',
  supervisorIds: 'team.supervisors',
  host: 'trunk.host',
  port: 'trunk.port',
  transport: 'trunk.transport',
  addresses: 'trunk.addresses',
  username: 'trunk.username',
  password: 'trunk.password',
  numberFormat: 'trunk.numberFormat',
  number: 'line.number',
  trunkId: 'line.trunk',
  queueId: 'line.queue',
  region: 'field.region',
  ringSeconds: 'queue.ringSeconds',
  responsibleSeconds: 'queue.responsibleSeconds',
  wrapUpSeconds: 'queue.wrapUpSeconds',
  wrapUpMode: 'queue.wrapUpMode',
  recordCalls: 'queue.recordCalls',
  maxWaitSeconds: 'queue.maxWaitSeconds',
  afterMaxWait: 'queue.afterMaxWait',
  hours: 'queue.hours',
  outOfHours: 'queue.outOfHours',
  greetingSoundId: 'queue.greetingSoundId',
  musicSoundId: 'queue.musicSoundId',
  closedSoundId: 'queue.closedSoundId',
  priority: 'queue.priority',
  responseMinutes: 'queue.responseMinutes',
  'channel_account addresses': 'accounts.addresses',
  kind: 'account.kind',
  enabled: 'account.enabled',
  settings: 'account.settings',
  channel: 'template.channel',
  shortcut: 'template.shortcut',
  subject: 'template.subject',
  body: 'template.body',
  match: 'rule.match',
  words: 'rule.words',
  action: 'rule.action',
  text: 'template.body',
  addressId: 'rule.address',
  'inbound_rule queueId': 'rule.queueId',
  capacity: 'messaging.capacity',
  weightEmail: 'messaging.weightEmail',
  weightSms: 'messaging.weightSms',
  weightChat: 'messaging.weightChat',
  quietFrom: 'messaging.quietFrom',
  quietTo: 'messaging.quietTo',
  marketingPerWeek: 'messaging.marketingPerWeek',
  consentRequired: 'messaging.consentRequired',
  undoSeconds: 'messaging.undoSeconds',
  closeAfterDays: 'messaging.closeAfterDays',
  hotkey: 'outcome.hotkey',
  nameRu: 'outcome.nameRu',
  nameEn: 'outcome.nameEn',
  code: 'reason.code',
  position: 'changed.position',
  archived: 'changed.archived',
  day: 'holiday.day',
  periods: 'holiday.periods',
  closesQueues: 'holiday.closesQueues',
  timeZone: 'field.timeZone',
  weekly: 'weekly.title',
  exceptions: 'exceptions.title',
  durationMs: 'changed.durationMs',
  bytes: 'changed.bytes',
};

export const fieldNameOf = (kind: SetupKind, field: string): WordKey | undefined =>
  names[`${kind} ${field}`] ?? names[field];

/** What nobody reads: checksums and authors of files, ids that a list beside it names. */
const hidden = new Set(['sha256', 'createdAt', 'createdBy', 'userId']);

/** The changes that a person wants to see. */
export const readable = (changes: SetupVersion['changes']): SetupVersion['changes'] =>
  changes.filter(({ field }) => !hidden.has(field));

/** Things whose ids a field holds. */
export const idFields: Readonly<Record<string, 'user' | 'team' | 'trunk' | 'queue' | 'sound'>> = {
  teamId: 'team',
  memberIds: 'user',
  supervisorIds: 'user',
  trunkId: 'trunk',
  queueId: 'queue',
  greetingSoundId: 'sound',
  musicSoundId: 'sound',
  closedSoundId: 'sound',
};
