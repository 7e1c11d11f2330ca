import { existsSync } from 'node:fs';

const programs = ['/usr/sbin/dovecot', '/usr/lib/dovecot/submission', '/usr/lib/dovecot/lmtp', '/usr/sbin/smtpd'];

/** Why the mail servers cannot run here; null when they can. They change users and mount, so they need root on Linux. */
export function whyNoMailPeer(): string | null {
  if (process.platform !== 'linux') return 'mail servers as peers need Linux';
  if (process.getuid?.() !== 0) return 'mail servers as peers need root';
  const missing = programs.filter((program) => !existsSync(program));
  return missing.length === 0 ? null : `mail servers as peers need ${missing.join(', ')}`;
}
