import { clientLimits } from './limits.ts';

/** A number as written, taken apart before any country's rules. */
export interface WrittenNumber {
  /** The caller does not show a number. */
  readonly hidden: boolean;
  /** Starts with a plus (or its RFC 3966 phone-context does). */
  readonly international: boolean;
  /** Digits only. */
  readonly digits: string;
  /** A service code as dialled, with its stars: `*100#`; otherwise empty. */
  readonly code: string;
  /** The digits when letters stand for keys (1-800-FLOWERS); otherwise empty. */
  readonly keypad: string;
  /** Shorter readings of a field that holds more than one number, the likeliest first. */
  readonly parts: readonly { readonly international: boolean; readonly digits: string }[];
  readonly extension: string;
  /** Lower case, invisible characters and addressing around it taken off. */
  readonly text: string;
  /** Words stand beside the digits. */
  readonly hasWords: boolean;
}

/** First code point (zero) of the decimal digits of scripts that keyboards of the field produce; NFKC has folded the wide ones. */
const zeros = [0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0be6, 0x0e50, 0x17e0, 0x1040];

/** How equipment and people say that there is no number. */
const hiddenWords = new RegExp(
  `^(?:${[
    'anonym(?:ous)?',
    'restricted',
    'private(?: number| caller)?',
    'withheld(?: number)?',
    '(?:number )?withheld',
    'unavailable',
    'not available',
    'unknown(?: number| caller)?',
    'no (?:number|caller ?id)',
    'hidden(?: number)?',
    'blocked',
    'out of area',
    'coin ?line(?:/payphone)?',
    'payphone',
    'null',
    'undefined',
    'none',
    'n/?a',
    'анонимн(?:ый|о)(?: номер)?',
    'аноним',
    'скрыт(?:ый)?(?: номер)?',
    'номер (?:скрыт|не определ[её]н|неизвестен)',
    'не определ[её]н',
    'неизвест(?:ен|ный|но)(?: номер| абонент)?',
  ].join('|')})$`,
);

/** ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE typed on a keypad: some carriers pass them on with a plus. */
const hiddenDigits = new Set(['266696687', '7378742833', '2562533', '8656696', '86282452253']);

/** Before the digits of an extension. A lone `д`, `x` or `#` counts only right behind the number. */
const extensionLabel =
  '(?:доб(?:ав(?:очн[а-я]*)?)?|внутр(?:енн[а-я]*)?|вн|д|extension|extn?|ekst|x|х|anexo|ramal|poste|interno|int|durchwahl|dw|tone|#|,,+|,?[pw]+(?=[\\d]))';
const extensionTail = new RegExp(
  `(?<=\\d[\\s()./-]{0,6})[\\s(,;./-]{0,6}${extensionLabel}[\\s.:#-]{0,6}(?:no[\\s.]{0,2})?(\\d[\\d\\s-]{0,12})[)\\s#]{0,6}$`,
);
/** `..., 12`: one comma and a few digits. */
const commaTail = /(?<=\d[\s()]{0,6}),\s?(\d{1,5})$/;

const keys = ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz'];

/** Folds what looks or acts the same: wide and foreign digits, dashes, spaces; drops the invisible. */
function fold(raw: string): string {
  return raw
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{M}]/gu, '')
    .replace(/\p{Nd}/gu, (digit) => {
      const code = digit.codePointAt(0) ?? 0;
      const zero = zeros.find((first) => code >= first && code <= first + 9);
      return zero === undefined ? digit : String(code - zero);
    })
    .replace(/[\p{Pd}\u2212~_]/gu, '-')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .toLowerCase()
    .trim()
    .slice(0, clientLimits.numberText);
}

function decodePercent(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The number inside a SIP, tel or messenger address with its parameters (RFC 3261 19.1.1, RFC 3966 3). */
function unwrap(text: string): { body: string; extension: string; context: string } {
  const inner = /<([^<>]*)>/.exec(text)?.[1] ?? text;
  const [, scheme = '', rest = ''] = /^\s*(?:(tel|sips?|callto|phone|fax):)?(?:\/\/)?(.*)$/.exec(inner) ?? [];
  let body = rest.replace(/@.*$/, '');
  if (scheme !== '') body = body.replace(/\?.*$/, '').replace(/(?<=\d):.*$/, '');
  if (/%[0-7][0-9a-f]/.test(body)) body = decodePercent(body);
  const parameters = new Map<string, string>();
  body = body.replace(/;([a-z][a-z0-9-]*)(?:=([^;]*))?/g, (_, name: string, value: string | undefined) => {
    parameters.set(name, value ?? '');
    return '';
  });
  const extension = (parameters.get('ext') ?? '').replace(/\D/g, '');
  // a context without digits is a domain: the number is local there
  const context = /^\+[\d().-]+$/.exec(parameters.get('phone-context') ?? '')?.[0] ?? '';
  return { body: body.trim(), extension, context };
}

function takeExtension(body: string): { body: string; extension: string } {
  if (/^[\s(]*[*#]/.test(body)) return { body, extension: '' };
  const tail = extensionTail.exec(body) ?? commaTail.exec(body);
  const extension = (tail?.[1] ?? '').replace(/\D/g, '');
  if (!tail || extension.length > clientLimits.extensionDigits) return { body, extension: '' };
  return { body: body.slice(0, tail.index), extension };
}

/** `+49 (0) 30`: the zero is for callers inside the country. Italy keeps it. */
function dropTrunkZero(body: string): string {
  return body.replace(/^([\s(]*(?:\+|00)[\s(]*\d{1,3}[\s)-]*)\(\s*0\s*\)/, (all, country: string) =>
    /39\D*$/.test(country) ? all : country,
  );
}

function toKeypad(body: string): string {
  const letters = body.slice(Math.max(0, body.search(/\d/))).match(/[a-z]/g) ?? [];
  if (letters.length < 3) return '';
  return body
    .replace(/[a-z]/g, (letter) => String(keys.findIndex((row) => row.includes(letter)) + 2))
    .replace(/\D/g, '');
}

const reading = (text: string) => ({ international: /^[\s(]*\+/.test(text), digits: text.replace(/\D/g, '') });

/** Readings of a field with several numbers or with words around the number. */
function partsOf(body: string): WrittenNumber['parts'] {
  const wordless = body.split(/[\p{L}]+[.:]*/u);
  const pieces = [...wordless, ...body.split(/[,;|]/), ...body.split(/(?<=\d[\s)]*)(?=\+)/), ...body.split('/')];
  const seen = new Set([reading(body).digits, '']);
  const parts = pieces.slice(0, clientLimits.numberReadings).map(reading);
  return parts.filter(({ digits }) => digits.length > 4 && !seen.has(digits) && seen.add(digits));
}

/**
 * Takes a written number apart: SIP and tel addresses, words around it, extensions in Russian and English, letters,
 * digits of other scripts, invisible characters. Never throws; looks at a bounded part of the text.
 */
export function readWrittenNumber(raw: string): WrittenNumber {
  const folded = fold(raw.slice(0, clientLimits.numberText));
  const address = unwrap(folded);
  const plain = address.body.replace(/^["'\s]+|["'\s]+$/g, '');
  const all = plain.replace(/\D/g, '');
  const hidden = plain === '' || hiddenWords.test(plain) || hiddenDigits.has(all) || /^0{6,}$/.test(all);
  const tail = takeExtension(plain);
  const body = dropTrunkZero(tail.body);
  const code = /^[*#][\d*#]*$/.exec(body.replace(/[\s()-]/g, ''))?.[0] ?? '';
  const bare = reading(body);
  const inContext = address.context !== '' && !bare.international;
  return {
    hidden,
    ...(inContext ? reading(`${address.context}${body}`) : bare),
    code: /\d/.test(code) ? code : '',
    keypad: toKeypad(body),
    // a context around a number that is whole without it: seen from PBXs
    parts: [...(inContext ? [bare] : []), ...partsOf(body)],
    extension: (tail.extension || address.extension).slice(0, clientLimits.extensionDigits),
    text: plain,
    hasWords: /\p{L}/u.test(body),
  };
}
