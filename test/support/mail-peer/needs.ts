import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const programs = ['/usr/sbin/dovecot', '/usr/lib/dovecot/submission', '/usr/lib/dovecot/lmtp', '/usr/sbin/smtpd'];

/** Why the mail servers cannot run here; null when they can. They change users and mount, so they need root on Linux. */
export function whyNoMailPeer(): string | null {
  if (process.platform !== 'linux') return 'mail servers as peers need Linux';
  if (process.getuid?.() !== 0) return 'mail servers as peers need root';
  const missing = programs.filter((program) => !existsSync(program));
  if (missing.length > 0) return `mail servers as peers need ${missing.join(', ')}`;
  // containers may take this from root
  const isRefused = spawnSync('unshare', ['-m', '--propagation', 'private', 'true']).status !== 0;
  return isRefused ? 'mail servers as peers need the right to mount' : null;
}
