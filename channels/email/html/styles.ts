/** One length: no functions, no expressions. */
const length = /^(?:auto|-?\d{1,4}(?:\.\d{1,4})?(?:px|pt|em|rem|%)?)$/;
const positive = /^(?:auto|\d{1,4}(?:\.\d{1,4})?(?:px|pt|em|rem|%)?)$/;
const upToFour = /^(?:(?:auto|\d{1,4}(?:\.\d{1,4})?(?:px|pt|em|rem|%)?)(?: |$)){1,4}$/;
const color = /^(?:#[0-9a-f]{3,8}|rgba?\([\d ,.%]{1,40}\)|[a-z]{3,20})$/;
const border = /^[a-z0-9 #.%-]{1,60}$/;

/**
 * The style properties that may stay and what their values must look like, in lower case. No pattern lets a url(), an escape or a
 * semicolon through; nothing here can place an element outside of its flow or make it larger than the page.
 */
const allowed: Readonly<Record<string, RegExp>> = {
  color,
  'background-color': color,
  background: color,
  'font-size': positive,
  'font-weight': /^(?:bold|bolder|lighter|normal|[1-9]00)$/,
  'font-style': /^(?:italic|oblique|normal)$/,
  'font-family': /^[a-z0-9 ,'"_-]{1,200}$/,
  'line-height': positive,
  'letter-spacing': length,
  'text-align': /^(?:left|right|center|justify)$/,
  'text-decoration': /^(?:underline|line-through|none)$/,
  'text-indent': length,
  'text-transform': /^(?:none|uppercase|lowercase|capitalize)$/,
  'vertical-align': /^(?:baseline|top|middle|bottom|sub|super)$/,
  'white-space': /^(?:normal|nowrap|pre|pre-wrap|pre-line)$/,
  'list-style-type': /^[a-z-]{3,30}$/,
  direction: /^(?:ltr|rtl)$/,
  width: positive,
  'max-width': positive,
  height: positive,
  padding: upToFour,
  margin: upToFour,
  'border-collapse': /^(?:collapse|separate)$/,
  'border-spacing': positive,
  'border-radius': positive,
  border,
  ...Object.fromEntries(
    ['top', 'right', 'bottom', 'left'].flatMap((side): [string, RegExp][] => [
      [`border-${side}`, border],
      [`padding-${side}`, positive],
      [`margin-${side}`, positive],
    ]),
  ),
};

/** The declarations of a style attribute that are allowed, written anew; '' when none is. */
export function safeStyle(style: string): string {
  const kept: string[] = [];
  for (const declaration of style.toLowerCase().split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 0) continue;
    const property = declaration.slice(0, colon).trim();
    const value = declaration
      .slice(colon + 1)
      .replace(/\s+/g, ' ')
      .replace(/ ?!important$/, '')
      .trim();
    if (Object.hasOwn(allowed, property) && allowed[property]?.test(value)) kept.push(`${property}:${value}`);
  }
  return kept.join(';');
}
