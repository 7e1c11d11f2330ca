/**
 * Scanners for the two list shapes of SIP headers: values apart by commas, parameters apart by semicolons. By character
 * code and without regular expressions, so that no input makes them slower than linear.
 */
import { limits } from '../limits.ts';

const code = {
  tab: 9,
  space: 32,
  quote: 34,
  comma: 44,
  semicolon: 59,
  less: 60,
  equals: 61,
  greater: 62,
  backslash: 92,
};

const isBlank = (c: number): boolean => c === code.space || c === code.tab;

/** Index of the quote that closes the string opened at `at`, or the length of the text when none does. */
export function endOfQuoted(text: string, at: number): number {
  let i = at + 1;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === code.quote) return i;
    i += c === code.backslash ? 2 : 1;
  }
  return text.length;
}

/** Removes the backslashes of quoted pairs (RFC 3261 section 25.1, quoted-pair). */
export const unquote = (text: string): string => (text.includes('\\') ? text.replace(/\\([\s\S])/g, '$1') : text);

/** Index of the comma that ends the value beginning at `from`, or the length of the text. */
export function endOfListValue(text: string, from: number): number {
  let inAngles = false;
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === code.quote) i = endOfQuoted(text, i);
    else if (c === code.less) inAngles = true;
    else if (c === code.greater) inAngles = false;
    else if (c === code.comma && !inAngles) return i;
  }
  return text.length;
}

/** The trimmed, non-empty values of a comma list; quoted strings and angle brackets hide commas. */
export function splitList(text: string): string[] {
  if (!text.includes(',')) return text === '' ? [] : [text];
  const values: string[] = [];
  let from = 0;
  while (from <= text.length && values.length < limits.listValues) {
    const end = endOfListValue(text, from);
    const value = text.slice(from, end).trim();
    if (value !== '') values.push(value);
    from = end + 1;
  }
  return values;
}

interface Parameter {
  readonly name: string;
  readonly value: string;
  /** Where the scan goes on. */
  readonly next: number;
}

/** Reads the parameter after the semicolon before `from`. A parameter without a value has the value ''. */
function readParameter(text: string, from: number): Parameter {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  const nameAt = at;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === code.equals || c === code.semicolon || c === code.comma || isBlank(c)) break;
  }
  const name = text.slice(nameAt, at).toLowerCase();
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  if (text.charCodeAt(at) !== code.equals) return { name, value: '', next: at };
  at++;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  if (text.charCodeAt(at) === code.quote) {
    const end = endOfQuoted(text, at);
    return { name, value: unquote(text.slice(at + 1, end)), next: end + 1 };
  }
  const valueAt = at;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === code.semicolon || c === code.comma || isBlank(c)) break;
  }
  return { name, value: text.slice(valueAt, at), next: at };
}

/** Calls `visit` for each `;name=value` from `from` up to a comma; stops early when it returns false. */
function scanParameters(text: string, from: number, visit: (name: string, value: string) => boolean): void {
  let at = from;
  for (let count = 0; at < text.length && count < limits.parameters; ) {
    const c = text.charCodeAt(at);
    if (c === code.comma) return;
    if (c === code.quote) {
      at = endOfQuoted(text, at) + 1;
    } else if (c !== code.semicolon) {
      at++;
    } else {
      const parameter = readParameter(text, at + 1);
      at = parameter.next;
      if (parameter.name === '') continue;
      count++;
      if (!visit(parameter.name, parameter.value)) return;
    }
  }
}

/** One parameter of a value by its lower-case name: '' when it has no value, undefined when it is absent. */
export function parameterOf(text: string, name: string, from = 0): string | undefined {
  if (text.indexOf(';', from) < 0) return undefined;
  let found: string | undefined;
  scanParameters(text, from, (candidate, value) => {
    if (candidate !== name) return true;
    found = value;
    return false;
  });
  return found;
}

const none: ReadonlyMap<string, string> = new Map();

/** All parameters from `from` on; of a repeated name the first counts. */
export function parametersOf(text: string, from = 0): ReadonlyMap<string, string> {
  if (text.indexOf(';', from) < 0) return none;
  const parameters = new Map<string, string>();
  scanParameters(text, from, (name, value) => {
    if (!parameters.has(name)) parameters.set(name, value);
    return true;
  });
  return parameters;
}
