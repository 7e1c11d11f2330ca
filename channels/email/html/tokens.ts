import { limits } from '../limits.ts';
import { decodeReferences } from './entities.ts';

/**
 * A tokenizer for HTML of strangers: one pass, no recursion, every step goes forward. It follows HTML section 13.2.5 where mail
 * needs it. Safety does not rest on it: safe-html.ts writes its output anew from these tokens, so a misread tag is a wrong word on
 * the screen and nothing else.
 */
export type HtmlToken =
  /** Character references decoded. */
  | { readonly kind: 'text'; readonly text: string }
  /** Name and attribute names in lower case; of two attributes with one name the first. */
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
      readonly at: number;
    }
  | { readonly kind: 'close'; readonly name: string };

/** Elements whose content is no HTML, up to their end tag (section 13.1.2). It is dropped here: none of it is for readers. */
const rawText = new Set(['script', 'style', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript']);
const tagName = /[a-z][^\s/>]{0,100}/iy;
const attribute = /[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*("[^"]*"?|'[^']*'?|[^\s>]*))?/y;

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Past the closing bracket; the length of the text when the tag never ends. */
  readonly next: number;
  readonly ended: boolean;
}

function attributeValue(written: string | undefined): string {
  const quote = written?.charAt(0);
  const bare = quote === '"' || quote === "'" ? (written ?? '').slice(1).replace(/["']$/, '') : (written ?? '');
  return decodeReferences(bare, 'attribute');
}

/** The tag whose name begins at `at`. Null when no name begins there. */
function tagAt(html: string, at: number): Tag | null {
  tagName.lastIndex = at;
  const name = tagName.exec(html)?.[0];
  if (!name) return null;
  const attributes = new Map<string, string>();
  let next = at + name.length;
  for (;;) {
    attribute.lastIndex = next;
    const match = attribute.exec(html);
    if (!match?.[1]) break;
    next += match[0].length;
    const key = match[1].toLowerCase();
    const written = match[2];
    const fits = (written?.length ?? 0) <= limits.htmlAttributeLength && attributes.size < limits.htmlAttributes;
    if (fits && !attributes.has(key)) attributes.set(key, attributeValue(written));
  }
  const end = html.indexOf('>', next);
  return { name: name.toLowerCase(), attributes, next: end < 0 ? html.length : end + 1, ended: end >= 0 };
}

/** Past what `<!` or `<?` at `at` begins: a comment, a declaration, a conditional of Word. */
function afterMarkup(html: string, at: number): number {
  const isComment = html.startsWith('<!--', at);
  // `<!-->` is a whole comment
  const end = html.indexOf(isComment ? '-->' : '>', isComment ? at + 2 : at + 1);
  return end < 0 ? html.length : end + (isComment ? 3 : 1);
}

/** Where the end tag of a raw text element begins; the end of the text when there is none. */
function endOfRawText(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? html.length;
}

/** The tokens of `html`, of which limits.htmlLength are read. */
export function* htmlTokens(whole: string): Generator<HtmlToken, void, undefined> {
  const html = whole.slice(0, limits.htmlLength);
  let textFrom = 0;
  let at = html.indexOf('<');
  const textUntil = (end: number): HtmlToken => ({
    kind: 'text',
    text: decodeReferences(html.slice(textFrom, end), 'text'),
  });
  while (at >= 0 && at < html.length) {
    const following = html.charAt(at + 1);
    const closes = following === '/';
    const markup = following === '!' || following === '?';
    const tag = markup ? null : tagAt(html, at + (closes ? 2 : 1));
    if (!tag && !markup) {
      at = html.indexOf('<', at + 1);
      continue;
    }
    if (at > textFrom) yield textUntil(at);
    textFrom = tag ? tag.next : afterMarkup(html, at);
    // a tag that never ends is dropped with what it swallowed (section 13.2.5.8)
    if (tag && !tag.ended) return;
    if (tag && closes) yield { kind: 'close', name: tag.name };
    else if (tag && rawText.has(tag.name)) textFrom = endOfRawText(html, tag.name, tag.next);
    else if (tag) yield { kind: 'open', name: tag.name, attributes: tag.attributes, at };
    at = html.indexOf('<', textFrom);
  }
  if (textFrom < html.length) yield textUntil(html.length);
}
