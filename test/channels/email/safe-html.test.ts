import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeReferences } from '../../../channels/email/html/entities.ts';
import { htmlToText } from '../../../channels/email/html/html-text.ts';
import { safeStyle } from '../../../channels/email/html/styles.ts';
import { safeHtml } from '../../../channels/email/index.ts';
import { limits } from '../../../channels/email/limits.ts';
import { expectSafe } from './expect-safe.ts';

const safe = (html: string) => safeHtml(html, { cidUrl: (id) => (id === 'known' ? '/files/1' : null) });

describe('what may stay', () => {
  test.each([
    ['<p>a<b>b</b></p>', '<p>a<b>b</b></p>'],
    ['a & b &lt;c&gt; &amp;amp; "d"', 'a &amp; b &lt;c&gt; &amp;amp; &quot;d&quot;'],
    ['1 < 2 and 3 > 2', '1 &lt; 2 and 3 &gt; 2'],
    ['<P STYLE="COLOR:Red;position:fixed">x</P>', '<p style="color:red">x</p>'],
    ['<td colspan="2" onclick="x()" colspan="9">x', '<td colspan="2">x</td>'],
    ['<p>one<p>two', '<p>one</p><p>two</p>'],
    ['<ul><li>a<li>b</ul>', '<ul><li>a</li><li>b</li></ul>'],
    ['<table><tr><td>a</div></td></tr></table>b', '<table><tr><td>a</td></tr></table>b'],
    ['<div><table><tr><td>a</div>b</td></tr></table></div>c', '<div><table><tr><td>ab</td></tr></table></div>c'],
    ['<b><i>x</b>y</i>', '<b><i>x</i></b>y'],
    ['x</p></div>', 'x'],
    ['<br/><hr>', '<br><hr>'],
    [
      '<a href="https://x.test/?a=1&copy=2">x</a>',
      '<a href="https://x.test/?a=1&amp;copy=2" target="_blank" rel="noopener noreferrer nofollow">x</a>',
    ],
    [
      '<a href="mailto:a@b.test">x</a>',
      '<a href="mailto:a@b.test" target="_blank" rel="noopener noreferrer nofollow">x</a>',
    ],
    [
      '<a href=" mailto:a@b.test?subject=Two words ">x</a>',
      '<a href="mailto:a@b.test?subject=Two%20words" target="_blank" rel="noopener noreferrer nofollow">x</a>',
    ],
    ['<img src="cid:known" alt="a">', '<img src="/files/1" alt="a">'],
    ['<img src="cid:%6bnown">', '<img src="/files/1">'],
    ['<svg><text>x</text></svg>y', 'y'],
    ['<math><p>x</p>', '<p>x</p>'],
    ['<math>a<p>x</p></math>y', '<p>x</p>y'],
    ['<select><option>x</select>y', 'y'],
    ['<object>y', 'y'],
    ['<title>x</title>y<!-- z -->', 'y'],
  ])('%s', (html, result) => expect(safe(html).html).toBe(result));
});

describe('what may not', () => {
  test.each([
    '<script>x</script>',
    '<ScRiPt src=//evil.test>x</sCrIpT >',
    '<style>x</style>',
    '<img src=x>',
    '<img src="data:image/png;base64,AAAA">',
    '<img src="cid:unknown">',
    '<iframe srcdoc="x"></iframe>',
    '<!--[if mso]>x<![endif]-->',
    '<?xml version="1.0"?>',
    '<base href=x><meta x><link x>',
    '<noscript>x</noscript>',
    '<textarea>x</textarea>',
    '<b',
    '<b x="',
  ])('of %s nothing is left', (html) => expect(safe(html).html).toBe(''));

  test.each([
    ' javascript:x',
    'java\tscript:x',
    'JAVASCRIPT:x',
    '&#106;avascript:x',
    'javascript&colon;x',
    'vbscript:x',
    'data:text/html,x',
    'file:///etc/passwd',
    '/relative',
    '//evil.test',
    '#top',
    '\u0001javascript:x',
  ])('the link %s goes', (href) => expect(safe(`<a href="${href}">x</a>`).html).toBe('<a>x</a>'));

  test.each([
    'background:url(//evil.test)',
    'background:u\\72l(//evil.test)',
    'width:expression(alert(1))',
    'position:fixed',
    'color:red}</style><script>',
    'font-family:x;behavior:url(x)',
    'margin:-9999px',
    '-moz-binding:url(x)',
    'constructor:x',
  ])('the style %s goes', (style) =>
    expect(safeStyle(style)).not.toMatch(/url|expression|fixed|[\\{}<()]|9999|constructor/),
  );

  test('remote images are blocked and told, each once a time, at most so many', () => {
    const { html, remoteImages } = safe(
      '<img src="http://a.test/1"><img src=//b.test/2 alt=x><img src="HTTPS://c.test/3">',
    );
    expect(remoteImages).toEqual(['http://a.test/1', 'https://b.test/2', 'HTTPS://c.test/3']);
    expect(html).toBe(
      '<img data-remote="http://a.test/1"><img data-remote="https://b.test/2" alt="x"><img data-remote="HTTPS://c.test/3">',
    );
    expect(safe('<img src=//a.test>'.repeat(limits.remoteImages + 3)).remoteImages.length).toBe(limits.remoteImages);
  });

  test('deeper elements than the bound lose their tags, and what follows is outside of them again', () => {
    const deep = 5 * limits.htmlDepth;
    const { html } = safe(`${'<div>'.repeat(deep)}x${'</div>'.repeat(deep)}<b>y</b>`);
    expect(html).toBe(`${'<div>'.repeat(limits.htmlDepth)}x${'</div>'.repeat(limits.htmlDepth)}<b>y</b>`);
  });
});

const pieces = fc.constantFrom(
  ...[
    '<',
    '>',
    '"',
    "'",
    '=',
    '/',
    ' ',
    '&',
    '&#60;',
    '&lt;',
    '<!--',
    '-->',
    '</',
    '<b',
    '<p>',
    '</p>',
    '<td>',
    '</td>',
  ],
  ...[
    '<script',
    '</script>',
    '<svg>',
    '</svg>',
    '<math>',
    '<style>',
    '<title>',
    '<img src=x',
    ' onerror=alert(1)',
    '<noscript>',
  ],
  ...[
    '<a href="',
    'javascript:',
    'https://x.test',
    'cid:known',
    ' style="',
    'color:red',
    'url(x)',
    ';',
    '\u0000',
    '\u202e',
    '<form>',
  ],
);
const soup = fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 40 }).map((all) => all.join(''));
describe('any soup of tags', () => {
  test('becomes HTML of allowed elements and attributes, balanced', () => {
    fc.assert(
      fc.property(soup, (html) => {
        expectSafe(safe(html).html, /^\/files\/1$/);
      }),
      { numRuns: 2000 },
    );
  });

  test('made safe twice is the same as once', () => {
    // our own addresses are relative and would go, so none here
    const once = (html: string) => safeHtml(html, { cidUrl: () => null }).html.replaceAll(/<img[^>]*>/g, '');
    fc.assert(
      fc.property(soup, (html) => {
        expect(once(once(html))).toBe(once(html));
      }),
      { numRuns: 1000 },
    );
  });

  test('plain text comes back from what it is escaped to', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[\u202a-\u202e\u2066-\u2069]/.test(text));
        const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
        expect(decodeReferences(safe(escaped).html, 'text')).toBe(text);
      }),
    );
  });
});

describe('the words of HTML', () => {
  test.each([
    ['<p>one</p><p>two</p>', 'one\n\ntwo'],
    ['one<br>two<br><br><br>three', 'one\ntwo\n\nthree'],
    ['<div>a</div><div>b</div>', 'a\nb'],
    ['<ul><li>a</li><li>b</li></ul>', '• a\n• b'],
    ['<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>', 'a b\nc'],
    ['a<blockquote>b<blockquote>c</blockquote></blockquote>d', 'a\n\n> b\n>\n> > c\n\nd'],
    ['<pre>a\n  b\n</pre>', 'a\n  b'],
    ['<style>x</style><script>y</script><b>z</b>', 'z'],
    ['a&nbsp;b&#8212;c &unknown; &amp;', 'a b—c &unknown; &'],
    ['', ''],
  ])('%s', (html, text) => expect(htmlToText(html).text).toBe(text));

  test('where Outlook begins the original is known', () => {
    const { text, originalAt } = htmlToText('<p>new</p><div id="divRplyFwdMsg"><b>From:</b> a</div>old');
    expect(text.slice(originalAt ?? 0)).toBe('From: a\nold');
  });
});
