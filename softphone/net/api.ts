import type { Input, OperationKey, Output } from '../../server/contract/api.ts';
import type { Problem } from '../../server/contract/schemas.ts';
import { type LooseInput, operationPath } from './operation-path.ts';
import { RequestFailure } from './problem.ts';

const TIMEOUT_MS = 10_000;

type SignedOutListener = () => void;
let signedOut: SignedOutListener = () => undefined;

/** Called whenever the server says that this browser has no session any more. One listener: the app's root. */
export function onSignedOut(listener: SignedOutListener): void {
  signedOut = listener;
}

/**
 * Calls one operation of the contract with the session cookie.
 * @throws RequestFailure with the problem's code, or `offline` after a network error or 10 s of silence.
 */
export async function call<K extends OperationKey>(key: K, ...given: CallInput<K>): Promise<Output<K>> {
  const input = (given[0] ?? {}) as LooseInput;
  const [method = 'GET', path = ''] = key.split(' ');
  const init: RequestInit = { method, credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS) };
  if (input.body !== undefined) {
    init.body = JSON.stringify(input.body);
    init.headers = { 'content-type': 'application/json' };
  }
  let response: Response;
  try {
    response = await fetch(operationPath(path, input), init);
  } catch (cause) {
    throw new RequestFailure('offline', 0, { cause });
  }
  if (!response.ok) throw await failureOf(response, key);
  return (await response.json()) as Output<K>;
}

/** The input may be left out where the operation needs none. */
type CallInput<K extends OperationKey> = Record<never, never> extends Input<K> ? [input?: Input<K>] : [input: Input<K>];

async function failureOf(response: Response, key: OperationKey): Promise<RequestFailure> {
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  const code = problem?.code ?? (response.status === 502 || response.status === 503 ? 'unavailable' : 'internal');
  if (response.status === 401 && key !== 'POST /api/v1/session') signedOut();
  return new RequestFailure(code, response.status, problem === undefined ? {} : { problem });
}

/** Where the sound of a recording is fetched; the browser asks for byte ranges of it. */
export function recordingUrl(recordingId: string): string {
  return `/api/v1/recordings/${encodeURIComponent(recordingId)}`;
}

/** Where an attachment is fetched: a picture is shown, anything else is downloaded. */
export const attachmentUrl = (id: string): string => `/api/v1/attachments/${encodeURIComponent(id)}`;

/** A mail as it was laid out, for a frame without scripts; pictures of other servers only when asked for. */
export const messagePageUrl = (id: string, pictures: boolean): string =>
  `/api/v1/messages/${encodeURIComponent(id)}/html${pictures ? '?pictures=1' : ''}`;

/** A mail as it came over the wire. */
export const rawMessageUrl = (id: string): string => `/api/v1/messages/${encodeURIComponent(id)}/raw`;
