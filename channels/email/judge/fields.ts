import { limits } from '../limits.ts';
import { decodeBytes } from '../mime/charset.ts';
import { manyLines, oneLine } from '../mime/clean.ts';
import { readHead } from '../mime/header-fields.ts';
import type { ReadMail } from '../mime/mail.ts';
import { readMessageIds } from '../mime/message-ids.ts';

/** One group of fields of a report, by lower-case name; the first of a name counts. */
export type FieldGroup = ReadonlyMap<string, string>;

/** Groups of fields with empty lines between them (RFC 3464 section 2.1). Continued lines are joined. */
export function fieldGroups(bytes: Buffer): FieldGroup[] {
  const text = manyLines(decodeBytes(bytes));
  const groups: Map<string, string>[] = [];
  let group = new Map<string, string>();
  let last = '';
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      if (group.size > 0) groups.push(group);
      if (groups.length > limits.reportRecipients) return groups;
      group = new Map();
      last = '';
    } else if (/^[ \t]/.test(line)) {
      const before = group.get(last);
      if (before !== undefined && before.length < limits.parameterFieldLength)
        group.set(last, `${before} ${line.trim()}`);
    } else {
      const [, name, value = ''] = /^([\w-]{1,100})[ \t]*:[ \t]*(.*)$/.exec(line) ?? [];
      last = name && !group.has(name.toLowerCase()) ? name.toLowerCase() : '';
      if (last) group.set(last, value.trim());
    }
  }
  if (group.size > 0) groups.push(group);
  return groups;
}

/** `rfc822; anna@shop` -> `anna@shop` (RFC 3464 section 2.1.2: type, semicolon, value). */
export function afterType(value: string | undefined): string {
  const text = oneLine(value ?? '');
  return text.slice(text.indexOf(';') + 1).trim();
}

const originals = new Set(['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers']);

/** The Message-ID of the original that a report gives back, in whole or its header alone (RFC 6522 section 3). */
export function originalMessageId(mail: ReadMail): string | null {
  const part = mail.reports.find(({ type }) => originals.has(type));
  if (!part) return null;
  const { fields } = readHead(part.bytes, { truncated: new Set(), defects: new Set() });
  const field = fields.find(({ name }) => name === 'message-id');
  return readMessageIds(field?.value ?? null)[0] ?? null;
}
