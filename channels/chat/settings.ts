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
}

/** `identityKey`: the site signs with it whom it knows (see channels/chat/README.md). */
export interface ChatSecrets {
  readonly identityKey?: string;
}

const defaults: ChatSettings = { origins: [], title: '', greeting: '', color: '#2456c4' };

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
  const { origins = [], title = '', greeting = '', color = defaults.color } = given;
  if (!Array.isArray(origins) || origins.length > limits.origins || origins.some((one) => typeof one !== 'string'))
    throw new AppError('bad_request', 'origins is a list of sites', { details: { field: 'origins' } });
  for (const [field, value] of Object.entries({ title, greeting, color }))
    if (typeof value !== 'string' || value.length > limits.title)
      throw new AppError('bad_request', `${field} is a short text`, { details: { field } });
  if (!/^#[0-9a-f]{6}$/i.test(String(color)))
    throw new AppError('bad_request', 'color is written as #rrggbb', { details: { field: 'color' } });
  const sites = (origins as string[]).map(originOf);
  return { origins: sites, title: String(title), greeting: String(greeting), color: String(color) };
}
