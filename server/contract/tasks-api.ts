import { Type } from 'typebox';
import { Id, Instant, Words } from './schemas.ts';
import { Day } from './setup-schemas.ts';
import * as t from './tasks-schemas.ts';

const IdParams = Type.Object({ id: Id });
const strict = { additionalProperties: false };
const tags = ['tasks'] as const;
const owedTags = ['owed'] as const;
const Scope = Words(['mine', 'team', 'all'] as const);
const Limit = Type.Integer({ minimum: 1, maximum: 200, default: 100 });
/** `after` of the page before. */
const After = Type.Optional(Type.String({ maxLength: 60 }));
const Reason = Type.String({ minLength: 1, maxLength: 500 });

/**
 * Tasks, callbacks and promises, and the ledger of people we owe. Agents act on what is theirs (assigned to them or
 * made by them), supervisors on what their teams have, administrators on all; 403 otherwise.
 */
export const tasksApi = {
  'GET /api/v1/tasks': {
    summary: 'My tasks, or those of my team, by time',
    tags,
    querystring: Type.Object({
      scope: Type.Optional(Scope),
      /** Local day of the reader's own schedule; absent = any. */
      day: Type.Optional(Day),
      days: Type.Integer({ minimum: 1, maximum: 62, default: 1 }),
      /** `open`: what is still to be done, missed ones too. */
      state: Type.Optional(Words(['open', 'closed', 'all'] as const)),
      assigneeId: Type.Optional(Id),
      limit: Limit,
      after: After,
    }),
    response: t.TaskPage,
  },
  'POST /api/v1/tasks': {
    summary: 'Make a task, a callback or a promise, for myself or a colleague',
    tags,
    body: t.NewTask,
    response: t.TaskView,
  },
  'POST /api/v1/tasks/check': {
    summary: 'Is he on shift then? If not, when he is, and who else',
    tags,
    body: Type.Object({ assigneeId: Type.Optional(Id), dueAt: Instant, clientId: Type.Optional(Id) }, strict),
    response: t.TaskCheck,
  },
  'GET /api/v1/tasks/:id': { summary: 'A task', tags, params: IdParams, response: t.TaskView },
  'PATCH /api/v1/tasks/:id': {
    summary: 'Change words or time; a new time opens a missed one again',
    tags,
    params: IdParams,
    body: t.TaskChange,
    response: t.TaskView,
  },
  'POST /api/v1/tasks/:id/hand-over': {
    summary: 'Give it to a colleague, with words that are added to the note',
    tags,
    params: IdParams,
    body: Type.Object({ assigneeId: Id, note: Type.Optional(Type.String({ maxLength: 1000 })) }, strict),
    response: t.TaskView,
  },
  'POST /api/v1/tasks/:id/finish': {
    summary: 'Done; a second time changes nothing',
    tags,
    params: IdParams,
    body: Type.Object({ result: Type.Optional(Type.String({ maxLength: 2000 })) }, strict),
    response: t.TaskView,
  },
  'POST /api/v1/tasks/:id/cancel': {
    summary: 'No longer to be done; a second time changes nothing',
    tags,
    params: IdParams,
    body: Type.Object({ reason: Type.Optional(Type.String({ maxLength: 2000 })) }, strict),
    response: t.TaskView,
  },
  'POST /api/v1/tasks/:id/snooze': {
    summary: 'Remind later; when it is due stays',
    tags,
    params: IdParams,
    body: Type.Object({ until: Instant }, strict),
    response: t.TaskView,
  },
  'GET /api/v1/clients/:id/tasks': {
    summary: 'Planned contacts of a client, the next one first; with `closed` or `all`, those of the past',
    tags,
    params: IdParams,
    querystring: Type.Object({
      state: Type.Optional(Words(['open', 'closed', 'all'] as const)),
      limit: Limit,
      after: After,
    }),
    response: t.TaskPage,
  },
  'GET /api/v1/owed': {
    summary: 'People we owe an answer, the least time left first',
    tags: owedTags,
    querystring: Type.Object({ scope: Type.Optional(Scope), limit: Limit, after: After }),
    response: t.OwedPage,
  },
  'GET /api/v1/clients/:id/owed': {
    summary: 'What we owe this client, and owed before; the newest first',
    tags: owedTags,
    params: IdParams,
    response: Type.Object({ items: Type.Array(t.OwedRow) }),
  },
  'POST /api/v1/owed/:id/owner': {
    summary: 'Give a client to a colleague, or take one that nobody has',
    tags: owedTags,
    params: IdParams,
    body: Type.Object({ userId: Id }, strict),
    response: t.OwedRow,
  },
  'POST /api/v1/owed/:id/close': {
    summary: 'We owe nothing, and why; a second time changes nothing',
    tags: owedTags,
    params: IdParams,
    body: Type.Object({ reason: Reason }, strict),
    response: t.OwedRow,
  },
} as const;
