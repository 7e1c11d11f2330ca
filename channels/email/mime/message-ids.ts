import { limits } from '../limits.ts';
import { oneLine } from './clean.ts';

/**
 * The ids of a Message-ID, In-Reply-To or References field (RFC 5322 section 3.6.4) in order, each once, with brackets. Prose and
 * commas between them are skipped, blanks inside dropped; without any bracket, words that look like ids are taken.
 */
export function readMessageIds(raw: string | null): string[] {
  const text = raw ?? '';
  const inBrackets = [...text.matchAll(/<([^<>]*)>/g)].map((match) => (match[1] ?? '').replace(/\s+/g, ''));
  const bare = () => text.split(/[\s,;]+/).filter((word) => /^[^\s@"<>]+@[^\s@"<>]+$/.test(word));
  const found = inBrackets.some((id) => id !== '') ? inBrackets : bare();
  const ids = found.filter((id) => id !== '' && id.length <= limits.messageIdLength).map((id) => `<${oneLine(id)}>`);
  return [...new Set(ids)];
}
