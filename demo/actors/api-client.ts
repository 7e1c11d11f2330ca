import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { Input, OperationKey, Output } from '../../server/contract/api.ts';
import type { ClientToServerEvents, Push, ServerToClientEvents } from '../../server/contract/events.ts';
import type { Me, Problem, TimelineEntry } from '../../server/contract/schemas.ts';
import { within } from './within.ts';

/** What an operation answered instead of a 200. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;

  constructor(key: string, status: number, problem: Partial<Problem>) {
    super(`${key}: ${status} ${problem.code ?? ''} ${problem.detail ?? ''}`);
    this.name = 'ApiFailure';
    this.status = status;
    this.code = problem.code ?? '';
  }
}

/** Somebody signed in, as his browser would be: cookie, operations of the contract, pushes. */
export interface ApiClient {
  readonly me: Me;
  readonly cookie: string;
  /** @throws ApiFailure with the status and the problem's code */
  call<K extends OperationKey>(key: K, ...input: CallInput<K>): Promise<Output<K>>;
  /** The body of any path, for recordings. @throws ApiFailure */
  download(path: string): Promise<Buffer>;
  /** The newest entries of a client's timeline. */
  timelineOf(clientId: number): Promise<TimelineEntry[]>;
  /** Opens the socket; connected when it resolves. */
  openFeed(): Promise<PushFeed>;
}

/** The input may be left out where the operation needs none. */
type CallInput<K extends OperationKey> = Record<never, never> extends Input<K> ? [input?: Input<K>] : [input: Input<K>];

interface LooseInput {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly querystring?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
}

export type PushOf<T extends Push['type']> = Extract<Push, { type: T }>;

/** Pushes to one user, kept from the first on. */
export interface PushFeed {
  readonly pushes: readonly { readonly seq: number; readonly push: Push }[];
  /** The first push of this type that matches, received before or later. @throws after `ms` (10 s) */
  waitFor<T extends Push['type']>(type: T, matches?: (push: PushOf<T>) => boolean, ms?: number): Promise<PushOf<T>>;
  /** Hears every push from now on. */
  onPush(listener: (push: Push) => void): void;
  /** The ring sounds and the pop is painted, a browser says. */
  offerSeen(offerId: string): void;
  /** The card whose timeline is pushed. */
  watchCard(clientId: number | null): Promise<void>;
  close(): void;
}

const waitMs = 10_000;

/** Signs in. @throws ApiFailure */
export async function signIn(url: string, login: string, password: string): Promise<ApiClient> {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password }),
  });
  if (!answer.ok) throw await failureOf('POST /api/v1/session', answer);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const me = (await answer.json()) as Me;

  const client: ApiClient = {
    me,
    cookie,
    async call<K extends OperationKey>(key: K, ...input: CallInput<K>) {
      const response = await request(url, key, cookie, (input[0] ?? {}) as LooseInput);
      return (await response.json()) as Output<K>;
    },
    async download(path) {
      const response = await fetch(`${url}${path}`, { headers: { cookie } });
      if (!response.ok) throw await failureOf(`GET ${path}`, response);
      return Buffer.from(await response.arrayBuffer());
    },
    timelineOf: async (clientId) =>
      (await client.call('GET /api/v1/clients/:id/timeline', { params: { id: clientId } })).items,
    openFeed: () => openFeed(url, cookie),
  };
  return client;
}

async function request(url: string, key: OperationKey, cookie: string, input: LooseInput): Promise<Response> {
  const [method = '', path = ''] = key.split(' ');
  const filled = path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(String(input.params?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.querystring ?? {})) query.set(name, String(value));
  const headers: Record<string, string> = { cookie };
  if (input.body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(`${url}${filled}?${query}`, {
    method,
    headers,
    ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
  });
  if (!response.ok) throw await failureOf(`${method} ${filled}`, response);
  return response;
}

async function failureOf(key: string, response: Response): Promise<ApiFailure> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return new ApiFailure(key, response.status, problem);
}

async function openFeed(url: string, cookie: string): Promise<PushFeed> {
  const options: Partial<ManagerOptions & SocketOptions> = {
    transports: ['websocket'],
    extraHeaders: { cookie },
    reconnection: false,
    forceNew: true,
  };
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(url, options);
  const pushes: { seq: number; push: Push }[] = [];
  const waiting = new Set<(push: Push) => void>();
  socket.on('push', (seq, push) => {
    pushes.push({ seq, push });
    for (const look of waiting) look(push);
  });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  await within(connected, waitMs, 'the connection of the push socket');

  return {
    pushes,
    waitFor<T extends Push['type']>(type: T, matches: (push: PushOf<T>) => boolean = () => true, ms = waitMs) {
      const isIt = (push: Push): push is PushOf<T> => push.type === type && matches(push as PushOf<T>);
      const known = pushes.map(({ push }) => push).find(isIt);
      if (known) return Promise.resolve(known);
      const { promise, resolve } = Promise.withResolvers<PushOf<T>>();
      const look = (push: Push): void => {
        if (isIt(push)) resolve(push);
      };
      waiting.add(look);
      return within(promise, ms, `a push "${type}"`).finally(() => waiting.delete(look));
    },
    onPush: (listener) => void waiting.add(listener),
    offerSeen: (offerId) => void socket.emit('offer:seen', offerId, () => undefined),
    async watchCard(clientId) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      socket.emit('card:watch', clientId, (result) => (result.ok ? resolve() : reject(new Error(result.detail))));
      await within(promise, waitMs, 'the answer to card:watch');
    },
    close: () => void socket.close(),
  };
}
