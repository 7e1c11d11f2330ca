import { attributeText, imageSource, safeAttributes, safeLink } from './html/attributes.ts';
import { escapeHtml } from './html/entities.ts';
import type { HtmlToken } from './html/tokens.ts';
import { visibleTokens } from './html/visible.ts';
import { limits } from './limits.ts';

export interface SafeHtmlOptions {
  /** Our own address of an inline image; null when there is none or when it must not be shown inline (SVG). */
  readonly cidUrl: (contentId: string) => string | null;
}

export interface SafeHtml {
  /** Balanced, from allowed elements and attributes only. Meant for a sandboxed iframe all the same. */
  readonly html: string;
  /** Addresses of the blocked images in order, with repeats: "show pictures" fetches them through a proxy of ours. */
  readonly remoteImages: readonly string[];
}

const words = (list: string): Set<string> => new Set(list.split(' '));
const allowed = words(
  'a abbr b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr',
);
const empty = words('br col hr img wbr');
const tableParts = words('table tbody thead tfoot tr td th caption colgroup');
/** Open elements that the start of an element ends (HTML section 13.1.2.4), while they are the innermost. */
const ends: Readonly<Record<string, ReadonlySet<string>>> = {
  p: words('p'),
  li: words('li p'),
  dd: words('dd dt p'),
  dt: words('dd dt p'),
  td: words('td th p'),
  th: words('td th p'),
  tr: words('td th tr p'),
};
const overrides = /[\u202a-\u202e\u2066-\u2069]/g;

type OpenToken = Extract<HtmlToken, { kind: 'open' }>;

/** Writes elements so that what is opened gets closed, in order. */
function createWriter() {
  const out: string[] = [];
  const open: string[] = [];
  /** Elements deeper than the bound: their tags are not written, so their end tags must not be either. */
  let unwritten = 0;
  function closeTo(index: number): void {
    while (open.length > index) out.push(`</${open.pop()}>`);
  }
  return {
    text: (text: string) => out.push(escapeHtml(text.replace(overrides, ''))),
    open(name: string, attributes: string): void {
      const implied = ends[name];
      while (implied?.has(open.at(-1) ?? '')) closeTo(open.length - 1);
      if (open.length >= limits.htmlDepth && !empty.has(name)) {
        unwritten++;
        return;
      }
      out.push(`<${name}${attributes}>`);
      if (!empty.has(name)) open.push(name);
    },
    close(name: string): void {
      if (unwritten > 0) {
        unwritten--;
        return;
      }
      for (let index = open.length - 1; index >= 0; index--) {
        const other = open[index] ?? '';
        if (other === name) {
          closeTo(index);
          return;
        }
        // a stray </div> in a cell must not end the table round it
        if ((other === 'td' || other === 'th') && !tableParts.has(name)) return;
      }
    },
    end(): string {
      closeTo(0);
      return out.join('');
    },
  };
}

/** The tag of an image: ours by its Content-ID, a blocked one with its address as data, or its alternative text alone. */
function imageAttributes(token: OpenToken, { cidUrl }: SafeHtmlOptions, remoteImages: string[]): string | null {
  const rest = safeAttributes('img', token.attributes);
  const source = imageSource(token.attributes.get('src') ?? '');
  if (source.kind === 'cid') {
    const url = cidUrl(source.contentId);
    if (url !== null) return attributeText('src', url) + rest;
  }
  if (source.kind === 'remote' && remoteImages.length < limits.remoteImages) {
    remoteImages.push(source.url);
    return attributeText('data-remote', source.url) + rest;
  }
  return token.attributes.get('alt') ? rest : null;
}

function linkAttributes(token: OpenToken): string {
  const href = safeLink(token.attributes.get('href') ?? '');
  const rest = safeAttributes('a', token.attributes);
  if (href === null) return rest;
  return `${attributeText('href', href)}${rest} target="_blank" rel="noopener noreferrer nofollow"`;
}

function attributesOf(token: OpenToken, options: SafeHtmlOptions, remoteImages: string[]): string | null {
  if (token.name === 'img') return imageAttributes(token, options, remoteImages);
  return token.name === 'a' ? linkAttributes(token) : safeAttributes(token.name, token.attributes);
}

/**
 * HTML of a stranger as HTML that may be shown: written anew from an allow list of elements, attributes and style properties.
 * Nothing in it runs, submits, navigates by itself, or makes a browser fetch anything but what `cidUrl` returns. Never throws;
 * time is linear in limits.htmlLength.
 */
export function safeHtml(html: string, options: SafeHtmlOptions): SafeHtml {
  const writer = createWriter();
  const remoteImages: string[] = [];
  for (const token of visibleTokens(html)) {
    if (token.kind === 'text') writer.text(token.text);
    else if (!allowed.has(token.name)) continue;
    else if (token.kind === 'close') writer.close(token.name);
    else {
      const attributes = attributesOf(token, options, remoteImages);
      if (attributes !== null) writer.open(token.name, attributes);
    }
  }
  return { html: writer.end(), remoteImages };
}
