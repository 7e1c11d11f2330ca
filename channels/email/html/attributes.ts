import { escapeHtml } from './entities.ts';
import { safeStyle } from './styles.ts';

const overrides = /[\u202a-\u202e\u2066-\u2069]/g;
const number = /^\d{1,4}$/;
const size = /^\d{1,4}%?$/;
const color = /^(?:#[0-9a-f]{3,8}|[a-z]{3,20})$/i;
const word = /^[a-z0-9-]{1,20}$/i;
const anything = /^/;

type Allowed = Readonly<Record<string, RegExp>>;

/** Attribute -> what its value must look like. `href`, `src` and `style` have rules of their own. */
const everywhere: Allowed = { dir: /^(?:ltr|rtl|auto)$/i, lang: word, align: word, valign: word, title: anything };
const cell: Allowed = { colspan: number, rowspan: number, width: size, height: size, bgcolor: color };
const byElement: Readonly<Record<string, Allowed>> = {
  img: { alt: anything, width: size, height: size },
  td: cell,
  th: cell,
  tr: { bgcolor: color },
  table: { width: size, height: size, border: number, cellpadding: number, cellspacing: number, bgcolor: color },
  font: { color, size: /^[+-]?\d$/, face: /^[\w ,'"-]{1,200}$/ },
  col: { width: size, span: number },
  hr: { width: size, size: number, color, noshade: anything },
  ol: { start: number, type: word },
  ul: { type: word },
  li: { value: number, type: word },
};

/** ` name="value"`, escaped. */
export const attributeText = (name: string, value: string): string =>
  ` ${name}="${escapeHtml(value.replace(overrides, ''))}"`;

/** The attributes of an element that may stay, written anew. */
export function safeAttributes(name: string, attributes: ReadonlyMap<string, string>): string {
  const own = Object.hasOwn(byElement, name) ? byElement[name] : undefined;
  let text = '';
  for (const [key, value] of attributes) {
    if (key === 'style') {
      const style = safeStyle(value);
      if (style !== '') text += attributeText('style', style);
      continue;
    }
    const pattern =
      (own && Object.hasOwn(own, key) ? own[key] : undefined) ??
      (Object.hasOwn(everywhere, key) ? everywhere[key] : undefined);
    if (pattern?.test(value.trim())) text += attributeText(key, value.trim());
  }
  return text;
}

/** What browsers make of a written address before they look at its scheme (URL section 4.4). */
const bareUrl = (written: string): string =>
  written
    .replace(/\p{Cc}/gu, '')
    .trim()
    .replace(/\s/g, '%20');

const linkScheme = /^(?:https?|mailto|tel|sip):/i;

/** The address of a link with a scheme that only a click can do something with; null for all others and for relative ones. */
export function safeLink(href: string): string | null {
  const bare = bareUrl(href);
  return linkScheme.test(bare) ? bare : null;
}

/** What the source of an image names. */
export type ImageSource =
  | { readonly kind: 'cid'; readonly contentId: string }
  | { readonly kind: 'remote'; readonly url: string }
  | { readonly kind: 'none' };

export function decodedContentId(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written; // a bare percent sign: RFC 2392 asks for escapes, senders do not
  }
}

/** cid: (RFC 2392) and http(s) addresses; data:, file: and relative ones show nothing. */
export function imageSource(src: string): ImageSource {
  const bare = bareUrl(src);
  if (/^cid:/i.test(bare)) return { kind: 'cid', contentId: decodedContentId(bare.slice(4)) };
  if (/^https?:\/\//i.test(bare)) return { kind: 'remote', url: bare };
  return bare.startsWith('//') ? { kind: 'remote', url: `https:${bare}` } : { kind: 'none' };
}
