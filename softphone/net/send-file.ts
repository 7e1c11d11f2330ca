import type { Problem } from '../../server/contract/schemas.ts';
import { RequestFailure } from './problem.ts';

/** A minute without a byte is a dead line; a long upload is not. */
const SILENCE_MS = 60_000;

interface SendFile {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: Blob;
  readonly type: string;
  /** 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Sends a body that is no JSON, with progress, which fetch does not tell.
 * @returns what the server answered as JSON
 * @throws RequestFailure
 */
export function sendFile<T>({ method, path, body, type, onProgress }: SendFile): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let quiet = setTimeout(() => request.abort(), SILENCE_MS);
    request.open(method, path);
    request.setRequestHeader('content-type', type);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => {
      clearTimeout(quiet);
      quiet = setTimeout(() => request.abort(), SILENCE_MS);
      onProgress?.(total === 0 ? 0 : loaded / total);
    };
    request.onloadend = () => {
      clearTimeout(quiet);
      if (request.status >= 200 && request.status < 300) return resolve(request.response as T);
      const problem = (request.response ?? undefined) as Problem | undefined;
      const code = request.status === 0 ? 'offline' : (problem?.code ?? 'internal');
      reject(new RequestFailure(code, request.status, problem === undefined ? {} : { problem }));
    };
    request.send(body);
  });
}
