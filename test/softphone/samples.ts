import type { ConversationView, TemplateListItem } from '../../server/contract/messages-schemas.ts';
import type { InteractionView, PopView, TimelineEntry, Workspace } from '../../server/contract/schemas.ts';
import type { TaskView } from '../../server/contract/tasks-schemas.ts';
import { fromSnapshot, type WorkspaceState } from '../../softphone/state/workspace-state.ts';

export const me = { id: 1, name: 'Анна Белова' };
export const colleague = { id: 2, name: 'Борис Ветров' };
export const now = Date.parse('2026-03-10T12:00:00Z');

/** A call that rings at me, unless changed. */
export function interaction(change: Partial<InteractionView> = {}): InteractionView {
  return {
    id: '0195f000-0000-7000-8000-000000000001',
    version: 1,
    channel: 'call',
    direction: 'in',
    state: 'offered',
    client: { id: 7, name: 'Алина Савельева', company: '', kind: 'person', vip: false },
    peer: {
      number: '+79150007950',
      display: '+7 915 000-79-50',
      raw: '89150007950',
      extension: '',
      name: '',
      reason: null,
    },
    line: { id: 1, name: 'Продажи', number: '+74950000001' },
    queue: { id: 1, name: 'Продажи' },
    user: null,
    offer: { id: 'offer-1', userId: me.id, expiresAt: '2026-03-10T12:00:15Z', reason: 'responsible' },
    arrivedAt: '2026-03-10T11:59:50Z',
    answeredAt: null,
    stateSince: '2026-03-10T12:00:00Z',
    endedAt: null,
    wrapUpUntil: null,
    result: null,
    dispositionId: null,
    note: '',
    recording: 'off',
    ...change,
  };
}

export function timelineEntry(change: Partial<TimelineEntry> = {}): TimelineEntry {
  return {
    id: 'entry-1',
    clientId: 7,
    kind: 'call',
    direction: 'in',
    status: 'answered',
    result: 'client_hung_up',
    at: '2026-03-10T10:00:00Z',
    user: me,
    peer: '+79150007950',
    lineName: 'Продажи',
    queueName: '',
    waitSeconds: 5,
    talkSeconds: 60,
    disposition: null,
    note: '',
    recording: null,
    interactionId: null,
    message: null,
    comments: [],
    ...change,
  };
}

export function pop(change: Partial<PopView> = {}): PopView {
  return {
    interactionId: interaction().id,
    card: {
      id: 7,
      version: 3,
      kind: 'person',
      name: 'Алина Савельева',
      company: '',
      position: '',
      responsible: me,
      language: 'ru',
      timeZone: 'Europe/Moscow',
      region: 'RU',
      stage: 'client',
      vip: false,
      source: '',
      tags: [],
      warning: '',
      contactPoints: [],
      createdAt: '2026-01-01T00:00:00Z',
    },
    isNewCard: false,
    why: {
      direction: 'in',
      lineName: 'Продажи',
      queueName: 'Доставка',
      waitedSeconds: 48,
      reason: 'responsible',
      lastSpokenWith: { user: me, at: '2026-03-08T12:00:00Z' },
    },
    open: { missedCalls: 0, lastMissedAt: null },
    lastContact: null,
    warnings: [],
    ...change,
  };
}

export function snapshot(change: Partial<Workspace> = {}): Workspace {
  return {
    seq: 10,
    serverTime: new Date(now).toISOString(),
    me: {
      ...me,
      login: 'anna',
      role: 'agent',
      mayExport: false,
      language: 'ru',
      settings: {},
      sip: { aor: 'anna', realm: 'switchroom' },
    },
    presence: {
      status: 'available',
      reason: '',
      nextStatus: null,
      nextReason: '',
      since: new Date(now).toISOString(),
      cause: '',
      shift: null,
      nextShiftAt: null,
      phone: true,
    },
    interactions: [],
    pops: [],
    owed: [],
    conversations: [],
    counters: { callsToday: 0, missedClients: 0 },
    lines: [],
    dispositions: [],
    users: [me, colleague],
    ...change,
  };
}

export const stateWith = (...interactions: InteractionView[]): WorkspaceState =>
  fromSnapshot(snapshot({ interactions }), now);

/** A promise of mine, due at noon, unless changed. */
export function task(change: Partial<TaskView> = {}): TaskView {
  return {
    id: 1,
    version: 1,
    kind: 'promise',
    state: 'open',
    client: { id: 7, name: 'Алина Савельева', company: '' },
    number: '+79150007950',
    title: '',
    note: '',
    assignee: me,
    creator: me,
    dueAt: '2026-03-10T12:00:00.000Z',
    timeZone: 'Europe/Moscow',
    remindAt: '2026-03-10T12:00:00.000Z',
    remindedAt: null,
    handedOver: null,
    interactionId: null,
    result: '',
    outcome: null,
    closedAt: null,
    createdAt: '2026-03-10T10:00:00.000Z',
    ...change,
  };
}

/** A client's SMS conversation that waits for me until ten minutes past noon, unless changed. */
export function conversation(change: Partial<ConversationView> = {}): ConversationView {
  return {
    id: '0195f000-0000-7000-8000-00000000c001',
    version: 1,
    channel: 'sms',
    state: 'assigned',
    client: { id: 7, name: 'Алина Савельева', company: '', vip: false },
    address: { id: 1, channel: 'sms', value: '+74950000001', name: 'Продажи' },
    peer: '+79150007950',
    subject: '',
    queue: { id: 1, name: 'Продажи' },
    owner: me,
    assignedBecause: 'responsible',
    waitingSince: '2026-03-10T11:55:00Z',
    dueAt: '2026-03-10T12:10:00Z',
    lastMessageAt: '2026-03-10T11:55:00Z',
    lastDirection: 'in',
    preview: 'Когда доставка?',
    messages: 1,
    unread: 1,
    writing: [],
    ...change,
  };
}

export function template(change: Partial<TemplateListItem> = {}): TemplateListItem {
  return {
    id: 1,
    channel: null,
    name: 'Приветствие',
    shortcut: 'hi',
    language: '',
    subject: '',
    body: 'Здравствуйте, {{client.name}}!',
    ...change,
  };
}
