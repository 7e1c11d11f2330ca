/**
 * What a failed recipient means for his address. `gone`: permanent, suppress it. `later`: temporary or the mailbox is full, suppress
 * only after several. `refused`: our reputation or content, the address is fine. `delivered`: nothing failed.
 */
export type Verdict = 'gone' | 'later' | 'refused' | 'delivered';

/** The last enhanced status code (RFC 3463) of a text. Bounded repeats: the text is a stranger's. */
export const enhancedCode = (text: string): string | null => /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null;

const refusal = /\b(?:spam|blocked|blacklist|blocklist|reputation|policy|dmarc|dkim|spf)\b/i;
const full = /quota|mailbox (?:is )?full|over ?quota|переполнен/i;

/** RFC 3463 section 3, first line that fits. */
const verdicts: readonly { readonly code: RegExp; readonly text?: RegExp; readonly verdict: Verdict }[] = [
  { code: /^2\./, verdict: 'delivered' },
  { code: /^4\./, verdict: 'later' },
  // security or policy, message content
  { code: /^5\.[67]\./, verdict: 'refused' },
  // bad destination: the words beside it are about the address, whatever they mention
  { code: /^5\.1\./, verdict: 'gone' },
  { code: /^5\./, text: refusal, verdict: 'refused' },
  // mailbox disabled, full, too long a message; the receiving system; the network; the protocol
  { code: /^5\.[2345]\./, verdict: 'later' },
  { code: /^5\./, text: full, verdict: 'later' },
];

/** `action` of RFC 3464 section 2.3.3, the best status code known, and the words beside it. */
export function verdictOf(action: string, status: string, words: string): Verdict {
  if (/^(?:delivered|relayed|expanded)$/.test(action)) return 'delivered';
  if (action === 'delayed') return 'later';
  return verdicts.find(({ code, text }) => code.test(status) && (text?.test(words) ?? true))?.verdict ?? 'gone';
}
