import { limits } from '../limits.ts';

/** For parts without a name. */
const extensions: Readonly<Record<string, string>> = {
  'application/ms-tnef': 'dat',
  'application/pdf': 'pdf',
  'image/gif': 'gif',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'message/rfc822': 'eml',
  'text/calendar': 'ics',
  'text/html': 'html',
  'text/plain': 'txt',
};
/** Longer ones are no extensions. */
const extensionLength = 12;

/** `text` cut to so many bytes of UTF-8, at a character. */
function cutToBytes(text: string, most: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/**
 * A file name that is safe to store and to show: no folders, no control, direction or zero-width characters, no leading dots, at
 * most limits.fileNameBytes of UTF-8 with the extension kept. Without anything left: `attachment-N` and what the type suggests.
 */
export function safeFileName(raw: string, number: number, type: string): string {
  const name = (raw.split(/[/\\]/).pop() ?? '')
    .replace(/[\p{Cc}\p{Bidi_Control}\u200b-\u200d\u2060\ufeff]/gu, '')
    .replace(/^[.\s]+/, '')
    .toWellFormed()
    .trim();
  if (name === '') return `attachment-${number}.${extensions[type] ?? 'bin'}`;
  if (Buffer.byteLength(name) <= limits.fileNameBytes) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= extensionLength ? name.slice(dot) : '';
  const stem = extension ? name.slice(0, dot) : name;
  return cutToBytes(stem, limits.fileNameBytes - Buffer.byteLength(extension)) + extension;
}
