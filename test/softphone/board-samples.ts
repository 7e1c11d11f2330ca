import type { AgentDay, BoardView, DayFigures, QueueMessages } from '../../server/contract/board.ts';
import type { AgentListItem, QueueView } from '../../server/contract/schemas.ts';
import type { OwedRow } from '../../server/contract/tasks-schemas.ts';
import { figuresOf, noFigures } from '../../server/reports/figures.ts';
import { noMessages } from '../../server/reports/message-figures.ts';

const MINUTE = 60_000;

export const figures = (change: Partial<DayFigures> = {}): DayFigures => ({ ...figuresOf(noFigures()), ...change });

/** The day of the service level's golden example: 1000 answered, 860 in time, 60 gave up, 10 of them at once. */
export const goldenDay = figures({
  offered: 1060,
  answered: 1000,
  answeredInTime: 860,
  abandoned: 60,
  shortAbandoned: 10,
  answeredWaitMs: 12_340_000,
  longestWaitMs: 312_000,
  rings: 1240,
  phantomRings: 3,
  rescued: 2,
});

export const messages = (change: Partial<QueueMessages> = {}): QueueMessages => ({
  figures: noMessages(),
  now: { waiting: 0, unassigned: 0, overdue: 0, firstDueAt: null },
  responseLevel: { numerator: 0, denominator: 0 },
  ...change,
});

type BoardQueue = BoardView['queues'][number];

export const boardQueue = (change: Partial<BoardQueue> = {}): BoardQueue => ({
  id: 1,
  name: 'Продажи',
  figures: figures(),
  serviceLevel: { numerator: 0, denominator: 0 },
  recentServiceLevel: { numerator: 0, denominator: 0 },
  messages: messages(),
  ...change,
});

export const board = (change: Partial<BoardView> = {}): BoardView => ({
  seq: 100,
  at: '2026-03-10T08:40:00.000Z',
  day: '2026-03-10',
  timeZone: 'Europe/Moscow',
  responseFormula: { id: 'R1', version: 1 },
  capacity: 12,
  formula: { id: 'F6', version: 1, answerSeconds: 20, shortAbandonSeconds: 5 },
  total: {
    figures: goldenDay,
    serviceLevel: { numerator: 860, denominator: 1050 },
    recentServiceLevel: { numerator: 29, denominator: 42 },
    messages: messages(),
  },
  queues: [],
  agents: [],
  owed: { open: 0, overdue: 0, unowned: 0 },
  ...change,
});

type Caller = QueueView['waiting'][number];

export const caller = (since: string, change: Partial<Caller> = {}): Caller => ({
  interactionId: `0195f000-0000-7000-8000-${since.replace(/\D/g, '').slice(0, 12).padStart(12, '0')}`,
  client: { id: 7, name: 'Алина Савельева' },
  peer: '+79150007950',
  since,
  state: 'queued',
  candidates: [],
  ...change,
});

/** On shift, ready, with a phone, free since noon, unless changed. */
export const agent = (change: Partial<AgentListItem> = {}): AgentListItem => ({
  id: 1,
  name: 'Анна Белова',
  role: 'agent',
  status: 'available',
  reason: '',
  phone: true,
  onShift: true,
  busy: null,
  interactionId: null,
  since: '2026-03-10T12:00:00.000Z',
  nextStatus: null,
  nextReason: '',
  inHand: null,
  ...change,
});

export const agentDay = (id: number, change: Partial<AgentDay> = {}): AgentDay => ({
  user: { id, name: `agent ${id}` },
  talks: 0,
  talkMs: 0,
  wrapUpMs: 0,
  rings: 0,
  ringsTaken: 0,
  phantomRings: 0,
  conversations: 0,
  points: 0,
  ...change,
});

const queueNames = [
  'Продажи и консультации',
  'Доставка',
  'Рекламации и возвраты',
  'Оптовые клиенты',
  'Франчайзинг, регионы',
] as const;
const people = [
  'Анна Белова',
  'Борис Ветров',
  'Вера Горина',
  'Константин Преображенский',
  'Александра Вознесенская-Морозова',
  'Дмитрий Жуков',
  'Елена Зайцева',
  'Игорь Котов',
  'Мария Лебедева',
  'Никита Орлов',
  'Полина Рыбакова',
  'Тимур Хасанов',
] as const;

/** A board in the middle of a busy Monday: everything that can be on it is on it. @param now ms since the epoch */
export function busyMonday(now: number) {
  const ago = (ms: number): string => new Date(now - ms).toISOString();
  const queues = queueNames.map(
    (name, index): QueueView => ({
      id: index + 1,
      name,
      waiting:
        index > 1
          ? []
          : [34_000, 12_000, 4_000].slice(index).map((ms, place) =>
              caller(ago(ms), {
                interactionId: `0195f000-0000-7000-8000-0000000000${index}${place}`,
                state: place === 0 ? 'queued' : 'offered',
                candidates:
                  place === 0
                    ? [
                        { user: { id: 1, name: 'Анна Белова' }, reason: 'on_call', parameter: null },
                        { user: { id: 2, name: 'Борис Ветров' }, reason: 'wrap_up', parameter: ago(-20_000) },
                        { user: { id: 3, name: 'Вера Горина' }, reason: 'not_ready', parameter: 'lunch' },
                      ]
                    : [],
              }),
            ),
    }),
  );
  return { board: mondayBoard(now, queues), queues, agents: mondayAgents(ago), owed: mondayOwed(ago) };
}

/** One queue is late, one has little time left, one is calm, one has nothing to do with messages. */
function mondayMessages(now: number, index: number): QueueMessages {
  if (index === 3) return messages();
  const scale = 1 / (index + 1);
  const of = (n: number): number => Math.floor(n * scale);
  const leftMs = [-25, 9, 130][index] ?? 0;
  return messages({
    figures: {
      received: of(312),
      written: of(274),
      answered: of(260),
      answeredInTarget: of(236),
      overdue: of(31) + (index === 0 ? 2 : 0),
      answerWaitMs: of(260) * 41 * MINUTE,
    },
    now: {
      waiting: of(17),
      unassigned: of(4),
      overdue: index === 0 ? 2 : 0,
      firstDueAt: new Date(now + leftMs * MINUTE).toISOString(),
    },
    responseLevel: { numerator: of(236), denominator: of(236) + of(31) },
  });
}

function mondayBoard(now: number, queues: readonly QueueView[]): BoardView {
  return board({
    at: new Date(now).toISOString(),
    queues: queues.slice(0, 4).map(({ id, name }, index) => {
      const scale = 1 / (index + 1);
      const of = (n: number): number => Math.floor(n * scale);
      return boardQueue({
        id,
        name,
        figures: figures({
          offered: of(460) + of(38) + of(9) + of(14),
          answered: of(460),
          answeredInTime: of(388),
          abandoned: of(38),
          shortAbandoned: of(7),
          flowedOut: of(9),
          voicemails: of(5),
          callbacksRequested: of(4),
          open: of(14),
          answeredWaitMs: of(460) * 15_700,
          longestWaitMs: 214_000 * scale,
        }),
        serviceLevel: { numerator: of(388), denominator: of(460) + of(38) - of(7) + of(9) },
        recentServiceLevel: { numerator: of(20 + index * 9), denominator: of(38 + index * 3) },
        messages: mondayMessages(now, index),
      });
    }),
    agents: people.map((_name, index) =>
      agentDay(index + 1, {
        talks: 24 - index,
        talkMs: (24 - index) * 171_000,
        wrapUpMs: (24 - index) * 43_000,
        rings: 29 - index,
        ringsTaken: 24 - index,
        phantomRings: index === 4 ? 3 : 0,
        conversations: index % 5,
        points: index % 5 === 4 ? 12 : (index % 5) * 2,
      }),
    ),
    owed: { open: 6, overdue: 2, unowned: 1 },
  });
}

function mondayAgents(ago: (ms: number) => string): AgentListItem[] {
  const inHand = (change: Partial<NonNullable<AgentListItem['inHand']>> = {}) => ({
    busy: 'on_call' as const,
    interactionId: '0195f000-0000-7000-8000-000000000099',
    inHand: {
      client: { id: 7, name: 'Алина Савельева' },
      peer: '+79150007950',
      direction: 'in' as const,
      queueName: queueNames[0],
      state: 'active' as const,
      listeners: [],
      ...change,
    },
  });
  const changes: readonly Partial<AgentListItem>[] = [
    { ...inHand({ listeners: [{ id: 90, name: 'Ольга Соколова' }] }), since: ago(192_000) },
    {
      ...inHand({ state: 'wrap_up' }),
      busy: 'wrap_up',
      since: ago(75_000),
      nextStatus: 'not_ready',
      nextReason: 'lunch',
    },
    { status: 'not_ready', reason: 'lunch', since: ago(51 * MINUTE) },
    {
      ...inHand({ state: 'held', client: { id: 8, name: 'ООО «Северо-Западная логистическая компания»' } }),
      since: ago(22 * MINUTE),
    },
    { phone: false, since: ago(7 * MINUTE) },
    { since: ago(42_000) },
    { since: ago(8 * MINUTE) },
    { ...inHand({ direction: 'out', client: { id: 9, name: '' } }), since: ago(95_000) },
    { ...inHand(), busy: 'ringing', since: ago(6_000) },
    { status: 'not_ready', reason: 'signed_in', phone: false, since: ago(40 * MINUTE) },
    { status: 'not_ready', reason: 'training', since: ago(65 * MINUTE) },
    { onShift: false, status: 'not_ready', reason: 'signed_in', phone: false, since: ago(900 * MINUTE) },
  ];
  return people.map((name, index) => agent({ id: index + 1, name, ...changes[index] }));
}

function mondayOwed(ago: (ms: number) => string) {
  const row = (id: number, dueInMs: number, change: Partial<OwedRow> = {}): OwedRow => ({
    id,
    version: 1,
    client: { id: 20 + id, name: 'Мебель Плюс', company: '' },
    kind: 'missed',
    channels: ['call'],
    number: '+79161234567',
    lineName: 'Продажи, Москва',
    firstAt: ago(90 * MINUTE),
    lastAt: ago(20 * MINUTE),
    times: 1,
    dueAt: ago(-dueInMs),
    owner: { id: 1, name: 'Анна Белова' },
    ownerReason: 'responsible',
    interactionIds: [],
    conversationIds: [],
    closed: null,
    ...change,
  });
  return {
    items: [
      row(1, -70 * MINUTE, { kind: 'callback', times: 3 }),
      row(2, -4 * MINUTE, { client: { id: 31, name: '', company: '' }, owner: null, ownerReason: null }),
      row(3, 6 * MINUTE, { kind: 'voicemail', client: { id: 32, name: 'Константин Преображенский', company: '' } }),
      row(4, 25 * MINUTE, { owner: { id: 5, name: 'Александра Вознесенская-Морозова' }, times: 2 }),
      row(5, 130 * MINUTE, { client: { id: 33, name: 'ООО «Северо-Западная логистическая компания»', company: '' } }),
      row(6, 300 * MINUTE, { kind: 'message', channels: ['email', 'sms'], number: '', times: 2 }),
    ],
    after: null,
    open: 6,
    overdue: 2,
  };
}
