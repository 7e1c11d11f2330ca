import type { OpeningHours, SetupQueue } from '../../../server/contract/setup-schemas.ts';

/** A queue as its form holds it. */
export type QueueFields = Omit<SetupQueue, 'id' | 'version' | 'lines' | 'isOpen' | 'memberIds' | 'hours'> & {
  readonly memberIds: readonly number[];
  readonly hours: OpeningHours | null;
};

/** How a new queue begins: what suits most, and nothing that surprises a caller. */
export const newQueue: QueueFields = {
  name: '',
  memberIds: [],
  ringSeconds: 15,
  responsibleSeconds: 15,
  priority: 5,
  wrapUpMode: 'mandatory_timeboxed',
  wrapUpSeconds: 60,
  recordCalls: false,
  maxWaitSeconds: null,
  afterMaxWait: 'callback',
  hours: null,
  outOfHours: 'callback',
  greetingSoundId: null,
  musicSoundId: null,
  closedSoundId: null,
  responseMinutes: 60,
};

export function fieldsOf({
  id: _id,
  version: _version,
  lines: _lines,
  isOpen: _isOpen,
  ...fields
}: SetupQueue): QueueFields {
  return fields;
}
