import { limits } from '../limits.ts';
import { type HtmlToken, htmlTokens } from './tokens.ts';

/** Elements that are dropped with everything in them: code, foreign markup, things to click, fallbacks. */
const hidden = ['svg', 'math', 'template', 'object', 'select', 'audio', 'video', 'canvas', 'applet'];
const isHidden = new Set(hidden);

/** Start tags that end foreign content (HTML section 13.2.6.5): an unclosed <math> must not hide the rest of a letter. */
const endsForeign = new Set(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li ol p pre s small span strong strike sub sup table u ul'.split(
    ' ',
  ),
);

/** Where the last end tag of each hidden element stands; looked for once and only when one is met. */
function lastEndTags(html: string) {
  const known = new Map<string, number>();
  return (name: string): number => {
    const cached = known.get(name);
    if (cached !== undefined) return cached;
    let last = -1;
    for (const match of html.slice(0, limits.htmlLength).matchAll(new RegExp(`</${name}(?=[\\s/>])`, 'gi')))
      last = match.index;
    known.set(name, last);
    return last;
  };
}

/**
 * The tokens that a reader may see. Of hidden elements that are closed nothing is left; of one that never is, only the tag goes, or
 * it would hide the rest of the letter.
 */
export function* visibleTokens(html: string): Generator<HtmlToken, void, undefined> {
  const lastEndTag = lastEndTags(html);
  let inside: string | null = null;
  let depth = 0;
  for (const token of htmlTokens(html)) {
    if (inside === null) {
      if (token.kind === 'text' || !isHidden.has(token.name)) yield token;
      else if (token.kind === 'open' && lastEndTag(token.name) > token.at) {
        inside = token.name;
        depth = 1;
      }
      continue;
    }
    if (token.kind === 'text') continue;
    if (token.name === inside) depth += token.kind === 'open' ? 1 : -1;
    const foreign = inside === 'svg' || inside === 'math';
    const brokenOut = foreign && token.kind === 'open' && endsForeign.has(token.name);
    if (depth === 0 || brokenOut) inside = null;
    if (brokenOut) yield token;
  }
}
