import { Type } from 'typebox';
import { Id, Instant, Nullable, Words } from './schemas.ts';
import * as s from './setup-schemas.ts';
import { setupKinds } from './setup-words.ts';

const IdParams = Type.Object({ id: Id });
const DayParams = Type.Object({ id: Id, day: s.Day });
const Done = Type.Object({ ok: Type.Literal(true) });
const VersionQuery = Type.Object({ version: s.Version });
const strict = { additionalProperties: false };
const tags = ['setup'] as const;
const admins = ['admin'] as const;
const readers = ['supervisor', 'admin'] as const;
const removal = { tags, access: admins, params: IdParams, querystring: VersionQuery, response: Done } as const;

/**
 * Not in the list below, because their bodies are sound: `POST /api/v1/setup/sounds?name=...` takes `audio/wav` (16 bit
 * PCM, 8 to 48 kHz, mono or stereo, up to 20 MB) and answers a `Sound`; `GET` of the second streams WAV, with ranges.
 */
export const soundsPath = '/api/v1/setup/sounds';
export const soundAudioPath = '/api/v1/setup/sounds/:id/audio';

/**
 * What administrators set up by hand. Everybody named in `access` may call; supervisors change only the schedules and
 * queue places of their own teams (403 otherwise). Every change answers the thing as it is then.
 */
export const setupApi = {
  'GET /api/v1/setup/users': {
    summary: 'People, disabled ones too',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupUser) }),
  },
  'POST /api/v1/setup/users': {
    summary: 'Add a person; a generated password is answered this once',
    tags,
    access: admins,
    body: s.NewUser,
    response: Type.Object({ user: s.SetupUser, password: Nullable(Type.String()) }),
  },
  'PATCH /api/v1/setup/users/:id': {
    summary: 'Change, disable or enable a person; 409 agent_busy for a login or a lower role while he is on a call',
    tags,
    access: admins,
    params: IdParams,
    body: s.UserChange,
    response: s.SetupUser,
  },
  'POST /api/v1/setup/users/:id/password': {
    summary:
      'Replace the password and end his sessions, but not the one that asks; without one, it is generated and answered this once',
    tags,
    access: admins,
    params: IdParams,
    body: Type.Object({ password: Type.Optional(s.Password) }, strict),
    response: Type.Object({ password: Nullable(Type.String()) }),
  },
  'POST /api/v1/setup/users/:id/sip-secret': {
    summary: 'A new secret for his desk phone, answered this once; the old one stops working',
    tags,
    access: admins,
    params: IdParams,
    response: Type.Object({ aor: Type.String(), realm: Type.String(), secret: Type.String() }),
  },

  'GET /api/v1/setup/teams': {
    summary: 'Teams with their people',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupTeam) }),
  },
  'POST /api/v1/setup/teams': {
    summary: 'Make a team',
    tags,
    access: admins,
    body: s.NewTeam,
    response: s.SetupTeam,
  },
  'PATCH /api/v1/setup/teams/:id': {
    summary: 'Rename a team, or say who is in it and who leads it',
    tags,
    access: admins,
    params: IdParams,
    body: s.TeamChange,
    response: s.SetupTeam,
  },
  'DELETE /api/v1/setup/teams/:id': {
    summary: 'Remove a team that nobody is in (409 conflict otherwise)',
    ...removal,
  },

  'GET /api/v1/setup/trunks': {
    summary: 'Connections to carriers, without their passwords',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupTrunk) }),
  },
  'POST /api/v1/setup/trunks': {
    summary: 'Add a carrier',
    tags,
    access: admins,
    body: s.NewTrunk,
    response: s.SetupTrunk,
  },
  'PATCH /api/v1/setup/trunks/:id': {
    summary: 'Change a carrier; calls in hand go on',
    tags,
    access: admins,
    params: IdParams,
    body: s.TrunkChange,
    response: s.SetupTrunk,
  },
  'DELETE /api/v1/setup/trunks/:id': {
    summary: 'Remove a carrier without lines (409 conflict otherwise)',
    ...removal,
  },

  'GET /api/v1/setup/lines': {
    summary: 'Numbers of ours and where their calls go',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupLine) }),
  },
  'POST /api/v1/setup/lines': {
    summary: 'Add a number',
    tags,
    access: admins,
    body: s.NewLine,
    response: s.SetupLine,
  },
  'PATCH /api/v1/setup/lines/:id': {
    summary: 'Change a number; calls in hand go on',
    tags,
    access: admins,
    params: IdParams,
    body: s.LineChange,
    response: s.SetupLine,
  },
  'DELETE /api/v1/setup/lines/:id': {
    summary: 'Remove a number: new calls to it are refused',
    ...removal,
  },

  'GET /api/v1/setup/queues': {
    summary: 'Queues with their rules and members',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupQueue) }),
  },
  'POST /api/v1/setup/queues': {
    summary: 'Make a queue',
    tags,
    access: admins,
    body: s.NewQueue,
    response: s.SetupQueue,
  },
  'PATCH /api/v1/setup/queues/:id': {
    summary: 'Change the rules of a queue; who waits keeps his place',
    tags,
    access: admins,
    params: IdParams,
    body: s.QueueChange,
    response: s.SetupQueue,
  },
  'PUT /api/v1/setup/queues/:id/members': {
    summary: 'Who serves the queue, in order; a supervisor may move people of his own teams only',
    tags,
    access: readers,
    params: IdParams,
    body: Type.Object({ version: s.Version, userIds: s.MemberIds }, strict),
    response: s.SetupQueue,
  },
  'DELETE /api/v1/setup/queues/:id': {
    summary: 'Remove a queue without lines and without callers (409 conflict otherwise)',
    ...removal,
  },

  'GET /api/v1/setup/dispositions': {
    summary: 'Outcomes of wrap-up, archived ones too',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupDisposition) }),
  },
  'POST /api/v1/setup/dispositions': {
    summary: 'Add an outcome; 409 already_taken when another has the key',
    tags,
    access: admins,
    body: s.NewDisposition,
    response: s.SetupDisposition,
  },
  'PATCH /api/v1/setup/dispositions/:id': {
    summary: 'Change or archive an outcome',
    tags,
    access: admins,
    params: IdParams,
    body: s.DispositionChange,
    response: s.SetupDisposition,
  },
  'PUT /api/v1/setup/dispositions/order': {
    summary: 'Order of the outcomes that are not archived',
    tags,
    access: admins,
    body: s.Order,
    response: Type.Object({ items: Type.Array(s.SetupDisposition) }),
  },

  'GET /api/v1/presence-reasons': {
    summary: 'What an agent may choose when he is not ready',
    tags: ['workspace'],
    response: Type.Object({ items: Type.Array(s.PresenceReason) }),
  },
  'GET /api/v1/setup/presence-reasons': {
    summary: 'Not-ready reasons, archived ones too',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.SetupPresenceReason) }),
  },
  'POST /api/v1/setup/presence-reasons': {
    summary: 'Add a not-ready reason',
    tags,
    access: admins,
    body: s.NewPresenceReason,
    response: s.SetupPresenceReason,
  },
  'PATCH /api/v1/setup/presence-reasons/:id': {
    summary: 'Rename or archive a not-ready reason',
    tags,
    access: admins,
    params: IdParams,
    body: s.PresenceReasonChange,
    response: s.SetupPresenceReason,
  },
  'PUT /api/v1/setup/presence-reasons/order': {
    summary: 'Order of the reasons that are not archived',
    tags,
    access: admins,
    body: s.Order,
    response: Type.Object({ items: Type.Array(s.SetupPresenceReason) }),
  },

  'GET /api/v1/setup/company': {
    summary: 'Settings of the whole company',
    tags,
    access: readers,
    response: s.CompanySettings,
  },
  'PATCH /api/v1/setup/company': {
    summary: 'Change them',
    tags,
    access: admins,
    body: s.CompanyChange,
    response: s.CompanySettings,
  },

  'GET /api/v1/setup/holidays': {
    summary: 'Days that differ for the whole company, by date',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.Holiday) }),
  },
  'POST /api/v1/setup/holidays': {
    summary: 'Add a day for everybody: without periods nobody works',
    tags,
    access: admins,
    body: s.NewHoliday,
    response: s.Holiday,
  },
  'PATCH /api/v1/setup/holidays/:id': {
    summary: 'Change such a day',
    tags,
    access: admins,
    params: IdParams,
    body: s.HolidayChange,
    response: s.Holiday,
  },
  'DELETE /api/v1/setup/holidays/:id': {
    summary: 'Remove such a day',
    ...removal,
  },

  'GET /api/v1/setup/schedules': {
    summary: 'Work schedules of everybody who is not disabled',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.UserSchedule) }),
  },
  'PUT /api/v1/setup/schedules/:id': {
    summary: 'Replace the work schedule of a user (id); a supervisor only for people of his own teams',
    tags,
    access: readers,
    params: IdParams,
    body: s.ScheduleChange,
    response: s.UserSchedule,
  },
  'POST /api/v1/setup/schedules/:id/copy': {
    summary: "Take a colleague's pattern over",
    tags,
    access: readers,
    params: IdParams,
    body: s.ScheduleCopy,
    response: s.UserSchedule,
  },
  'PUT /api/v1/setup/schedules/:id/days/:day': {
    summary: 'One day that differs: off, other hours, an extra day',
    tags,
    access: readers,
    params: DayParams,
    body: s.ScheduleDay,
    response: s.UserSchedule,
  },
  'DELETE /api/v1/setup/schedules/:id/days/:day': {
    summary: 'The day is like its weekday again',
    tags,
    access: readers,
    params: DayParams,
    querystring: VersionQuery,
    response: s.UserSchedule,
  },
  'GET /api/v1/setup/shifts': {
    summary: 'Who is on shift when, and the holes of each queue; at most 62 days',
    tags,
    access: readers,
    querystring: Type.Object({
      /** Default: now. */
      from: Type.Optional(Instant),
      /** Default: seven days after `from`. */
      to: Type.Optional(Instant),
    }),
    response: s.Shifts,
  },

  'GET /api/v1/setup/sounds': {
    summary: 'Greetings, music and announcements',
    tags,
    access: readers,
    response: Type.Object({ items: Type.Array(s.Sound) }),
  },
  'PATCH /api/v1/setup/sounds/:id': {
    summary: 'Rename a sound',
    tags,
    access: admins,
    params: IdParams,
    body: s.SoundChange,
    response: s.Sound,
  },
  'DELETE /api/v1/setup/sounds/:id': {
    summary: 'Remove a sound that no queue plays (409 conflict otherwise)',
    ...removal,
  },

  'GET /api/v1/setup/versions': {
    summary: 'Every change of the setting, newest first',
    tags,
    access: readers,
    querystring: Type.Object({
      kind: Type.Optional(Words(setupKinds)),
      subjectId: Type.Optional(Type.Integer({ minimum: 0 })),
      userId: Type.Optional(Id),
      from: Type.Optional(Instant),
      to: Type.Optional(Instant),
      /** `before` of the page before. */
      before: Type.Optional(Id),
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    }),
    response: Type.Object({ items: Type.Array(s.SetupVersion), before: Nullable(Id) }),
  },
  'POST /api/v1/setup/versions/:id/roll-back': {
    summary: 'The thing is again as it was before this change, also when it was removed; this is a new version',
    tags,
    access: admins,
    params: IdParams,
    response: s.SetupVersion,
  },

  'GET /api/v1/setup/checklist': {
    summary: 'What is still missing before the first call',
    tags,
    access: readers,
    response: s.Checklist,
  },
} as const;
