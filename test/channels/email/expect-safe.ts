import { expect } from 'vitest';
import { htmlTokens } from '../../../channels/email/html/tokens.ts';

const elements =
  /^(?:a|abbr|b|big|blockquote|br|caption|center|cite|code|col|colgroup|dd|del|dfn|div|dl|dt|em|font|h[1-6r]|i|img|ins|kbd|li|mark|ol|p|pre|q|s|samp|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|wbr)$/;
const empty = /^(?:br|col|hr|img|wbr)$/;
const attributes =
  /^(?:align|alt|bgcolor|border|cellpadding|cellspacing|color|colspan|data-remote|dir|face|height|href|lang|noshade|rel|rowspan|size|span|src|start|style|target|title|type|valign|value|width)$/;
const link = /^(?:https?|mailto|tel|sip):/i;

/** Is this HTML balanced, of nothing but allowed elements and attributes, and does it fetch nothing but what `ours` allows? */
export function expectSafe(html: string, ours: RegExp): void {
  const open: string[] = [];
  for (const token of htmlTokens(html)) {
    if (token.kind === 'text') continue;
    expect(token.name).toMatch(elements);
    if (token.kind === 'close') {
      expect(open.pop()).toBe(token.name);
      continue;
    }
    if (!empty.test(token.name)) open.push(token.name);
    for (const [name, value] of token.attributes) {
      expect(name).toMatch(attributes);
      if (name === 'href') expect(value).toMatch(link);
      if (name === 'src') expect(value).toMatch(ours);
      if (name === 'style') expect(value).not.toMatch(/[{}\\<>]|url|expression|position|(?<!rgba?)\(/);
    }
  }
  expect(open).toEqual([]);
}
