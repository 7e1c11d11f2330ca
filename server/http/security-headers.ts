import { randomBytes } from 'node:crypto';

/** What the UI's index.html says where the nonce of the answer goes; the build (`html.cspNonce`) writes it there. */
export const noncePlaceholder = '__CSP_NONCE__';

export const newNonce = (): string => randomBytes(16).toString('base64');

/** On every answer. */
export const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'microphone=(self), camera=(self), display-capture=(self), geolocation=(), payment=()',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** Two years; only when the public address is https, because a lab over plain http must go on working. */
export const strictTransport = 'max-age=63072000; includeSubDomains';

/**
 * The policy of the UI's page: own files, and inline scripts and styles with this answer's nonce.
 * @param host as the browser asked for it: some browsers do not count ws: as 'self'
 */
export function pagePolicy(nonce: string, host: string): string {
  const sockets = /^[\w.\-[\]:]{1,255}$/.test(host) ? ` ws://${host} wss://${host}` : '';
  return [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    // mails as they were laid out, in a frame without scripts
    "frame-src 'self'",
    "font-src 'self'",
    `connect-src 'self'${sockets}`,
    "media-src 'self' blob: data:",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
  ].join('; ');
}

/** The API's documentation page: its scripts are files, its styles are partly inline. */
export const docsPolicy = [
  "default-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
].join('; ');
