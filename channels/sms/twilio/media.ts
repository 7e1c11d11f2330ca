/**
 * Pictures of an MMS. They stay at Twilio, behind its API; agents cannot ask there, and the company may have Twilio forget them: they
 * are fetched while the message is taken in. What could not be had in time, or is too much, is named in the facts.
 */
import type { Log } from '../../../server/kernel/log.ts';
import type { WireAttachment } from '../../message-channel.ts';
import { limits } from '../limits.ts';
import type { TwilioSecrets, TwilioSettings } from '../settings.ts';
import { rebased } from './client.ts';
import { type Form, parameter } from './form.ts';

export interface MediaOptions {
  readonly account: { readonly settings: TwilioSettings; readonly secrets: TwilioSecrets };
  readonly log: Log;
  /** The webhook's: Twilio waits for its answer. */
  readonly signal: AbortSignal;
}

/** What a message brings besides its words. */
export interface Media {
  readonly attachments: readonly WireAttachment[];
  /** Of pictures that are not among them: where they are. */
  readonly facts: Readonly<Record<string, string>>;
}

interface Named {
  readonly index: number;
  readonly url: string;
  readonly type: string;
}

/** Bytes that may still be read for this message. */
interface Budget {
  left: number;
}

/** The pictures that a webhook names. */
function named(form: Form): Named[] {
  const count = Math.min(Number(parameter(form, 'NumMedia')) || 0, limits.media);
  return Array.from({ length: count }, (_, index) => ({
    index,
    url: parameter(form, `MediaUrl${index}`).slice(0, 500),
    type: parameter(form, `MediaContentType${index}`).slice(0, 100),
  })).filter(({ url }) => url !== '');
}

/** Where a picture is asked for: of this account at Twilio's API, and nowhere else; null = it is not there. */
function sourceOf(written: string, { accountSid, apiBase }: TwilioSettings): string | null {
  if (!URL.canParse(written)) return null;
  const { protocol, hostname, pathname } = new URL(written);
  const isTwilio = protocol === 'https:' && (hostname === 'twilio.com' || hostname.endsWith('.twilio.com'));
  const isOurs = pathname.startsWith(`/2010-04-01/Accounts/${accountSid}/`);
  return isTwilio && isOurs ? rebased(written, apiBase) : null;
}

/** Follows the API to where the bytes lie. Our name and token are for the API alone. */
async function open(source: string, { account, signal }: MediaOptions): Promise<Response> {
  const { settings, secrets } = account;
  const basic = Buffer.from(`${settings.accountSid}:${secrets.authToken}`).toString('base64');
  let url = source;
  let headers: Record<string, string> = { authorization: `Basic ${basic}` };
  for (let hops = 0; hops <= limits.mediaRedirects; hops++) {
    const response = await fetch(url, { headers, redirect: 'manual', signal });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    if (next.protocol !== 'https:' && next.protocol !== new URL(source).protocol)
      throw new Error('the picture is somewhere without encryption');
    url = next.href;
    headers = {};
  }
  throw new Error('the picture is sent from one place to another');
}

/** @throws Error when it is too much */
async function read(response: Response, budget: Budget): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    budget.left -= chunk.byteLength;
    if (size > limits.mediaBytes || budget.left < 0) throw new Error('the picture is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const nameOf = (index: number, type: string): string => {
  const extension = /^\w+\/([a-z\d]{2,5})\b/i.exec(type)?.[1]?.toLowerCase();
  return `mms-${index + 1}${extension === undefined ? '' : `.${extension === 'jpeg' ? 'jpg' : extension}`}`;
};

async function fetchOne({ index, url, type }: Named, budget: Budget, options: MediaOptions): Promise<WireAttachment> {
  const source = sourceOf(url, options.account.settings);
  if (source === null) throw new Error('the picture is not at Twilio');
  const response = await open(source, options);
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`Twilio says ${response.status}`);
  }
  const bytes = await read(response, budget);
  if (bytes.byteLength === 0) throw new Error('the picture is empty');
  return { name: nameOf(index, type), type, bytes, contentId: null, isInline: false };
}

/** Fetches what a message names, all at once, within one time and one size. Never rejects. */
export async function fetchMedia(form: Form, options: MediaOptions): Promise<Media> {
  const budget: Budget = { left: limits.mediaBytesOfMessage };
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(limits.mediaMs)]);
  const all = named(form);
  const found = await Promise.allSettled(all.map((one) => fetchOne(one, budget, { ...options, signal })));
  const facts: Record<string, string> = {};
  for (const [position, { index, url, type }] of all.entries()) {
    const result = found[position];
    if (result?.status !== 'rejected') continue;
    facts[`media${index}`] = `${type} ${url}`.trim();
    const { message: reason } = result.reason instanceof Error ? result.reason : new Error(String(result.reason));
    options.log.warn({ reason }, 'picture of an MMS not fetched');
  }
  return { attachments: found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])), facts };
}
