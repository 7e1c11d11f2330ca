import { AppError } from '../../server/kernel/errors.ts';
import { limits } from './limits.ts';

/** What an administrator sets of a widget. */
export interface ChatSettings {
  /** Sites that may show it: `https://shop.example`. Empty = our own pages only. */
  readonly origins: readonly string[];
  readonly title: string;
  /** First words of the empty window. */
  readonly greeting: string;
  /** `#rrggbb` of its button and of the visitor's words. */
  readonly color: string;
  /** Line of ours that visitors may call from the page, E.164; empty = no calls. */
  readonly callLine: string;
}

/** `identityKey`: the site signs with it whom it knows (see channels/chat/README.md). */
export interface ChatSecrets {
  readonly identityKey?: string;
}

const defaults: ChatSettings = { origins: [], title: '', greeting: '', color: '#2456c4', callLine: '' };

/** An origin as browsers write it (RFC 6454 section 6.1). */
function originOf(text: string): string {
  try {
    const { origin, protocol } = new URL(text);
    if (protocol === 'http:' || protocol === 'https:') return origin;
  } catch {
    // falls through: the same answer for whatever is no address of a site
  }
  throw new AppError('bad_request', `"${text}" is no address of a site`, { details: { field: 'origins' } });
}

/** @throws AppError `bad_request` with `field` in its details */
export function readChatSettings(given: Readonly<Record<string, unknown>>): ChatSettings {
  const { origins = [], title = '', greeting = '', color = defaults.color, callLine = '' } = given;
  if (!Array.isArray(origins) || origins.length > limits.origins || origins.some((one) => typeof one !== 'string'))
    throw new AppError('bad_request', 'origins is a list of sites', { details: { field: 'origins' } });
  for (const [field, value] of Object.entries({ title, greeting, color, callLine }))
    if (typeof value !== 'string' || value.length > limits.title)
      throw new AppError('bad_request', `${field} is a short text`, { details: { field } });
  if (!/^#[0-9a-f]{6}$/i.test(String(color)))
    throw new AppError('bad_request', 'color is written as #rrggbb', { details: { field: 'color' } });
  if (!/^(?:\+[1-9]\d{6,14})?$/.test(String(callLine)))
    throw new AppError('bad_request', 'callLine is a number as +74951234567', { details: { field: 'callLine' } });
  return {
    origins: (origins as string[]).map(originOf),
    title: String(title),
    greeting: String(greeting),
    color: String(color),
    callLine: String(callLine),
  };
}
