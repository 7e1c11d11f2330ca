import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../../demo/actors/within.ts';
import { type Maildir, openMaildir } from './maildir.ts';

/** Domain of the mailboxes, and of those who write to them. */
export const shop = 'shop.test';
export const customers = 'customer.test';
export const mailPassword = 'secret';
const users = ['support', 'sales', 'billing', 'anna', 'boris', 'bulk'] as const;
export type MailUser = (typeof users)[number];

/** dovecot and OpenSMTPD, with all they have in a folder of their own, on free ports of 127.0.0.1. */
export interface MailPeer {
  readonly ports: {
    readonly imap: number;
    readonly imaps: number;
    /** Submission with AUTH: STARTTLS, and TLS from the first byte. */
    readonly submission: number;
    readonly submissions: number;
    /** For mail from outside: no AUTH, no TLS. */
    readonly mx: number;
  };
  /** Certificate to trust, PEM; it names `localhost`. */
  readonly ca: string;
  mailbox(user: MailUser): Maildir;
  /** Everything that came to the customers' domain. */
  readonly sink: Maildir;
  /** An access token that dovecot accepts for that long. */
  token(user: MailUser, seconds?: number): string;
  stopImap(): Promise<void>;
  startImap(): Promise<void>;
  /** Cuts all connections; the server goes on listening. */
  killSessions(): void;
  /** Connections stay open and answer nothing, until they are thawed or killed. */
  freezeSessions(): void;
  thawSessions(): void;
  /** Idempotent. */
  close(): Promise<void>;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const oauthKey = '0123456789abcdef0123456789abcdef';
const waitMs = 15_000;

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const idOf = (flag: '-u' | '-g'): number => Number(execFileSync('id', [flag, 'mail'], { encoding: 'utf8' }));

function writeFolder(folder: string, values: Readonly<Record<string, string>>, owner: readonly [number, number]): void {
  // users of the mail servers have to reach what is inside
  chmodSync(folder, 0o755);
  for (const name of ['run', 'mail', 'spool/smtpd', 'vrun', 'keys/default/HS256'])
    mkdirSync(join(folder, name), { recursive: true });
  chmodSync(join(folder, 'spool/smtpd'), 0o711);
  for (const name of ['dovecot.conf', 'oauth2.conf', 'smtpd.conf']) {
    const text = readFileSync(join(here, name), 'utf8');
    writeFileSync(
      join(folder, name),
      text.replace(/\{\{([A-Z_]+)\}\}/g, (_whole, key: string) => values[key] ?? ''),
    );
  }
  const [uid, gid] = owner;
  const homes = [...users.map((user) => [`${user}@${shop}`, user]), [`sink@${customers}`, 'sink']] as const;
  const lines = homes.map(([login, home]) => `${login}:{PLAIN}${mailPassword}:${uid}:${gid}::${folder}/mail/${home}::`);
  writeFileSync(join(folder, 'users'), `${lines.join('\n')}\n`);
  for (const [, home] of homes) {
    for (const made of [join(folder, 'mail', home ?? ''), join(folder, 'mail', home ?? '', 'Maildir')]) {
      mkdirSync(made);
      chownSync(made, uid, gid);
    }
  }
  writeFileSync(join(folder, 'smtp-users'), `mailpeer\t${uid}:${gid}:${folder}/mail\n`);
  writeFileSync(join(folder, 'keys/default/HS256/default'), Buffer.from(oauthKey).toString('base64'));
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', ...key, '-days', '2', '-subj', '/CN=localhost', '-addext', names], {
    stdio: 'ignore',
  });
}

/** A signed token (RFC 7519) as the server's provider of identities would give. */
function signToken(email: string, seconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: email, email, iat: now - 10, nbf: now - 10, exp: now + seconds };
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', oauthKey).update(text).digest('base64url')}`;
}

/** Its spool and socket have fixed paths: it gets a view of the disk of its own. */
function startSmtp(folder: string): ChildProcess {
  const script = [
    `mount --bind '${folder}/spool' /var/spool`,
    `mount --bind '${folder}/vrun' /run`,
    `exec smtpd -d -f '${folder}/smtpd.conf'`,
  ].join(' && ');
  return spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', script], { stdio: 'ignore' });
}

const signalTo = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended by itself
  }
};

/** Starts both servers. Ends what it started when that fails. */
export async function startMailPeer(): Promise<MailPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'mail-peer-'));
  const owner = [idOf('-u'), idOf('-g')] as const;
  const [imap = 0, imaps = 0, submission = 0, submissions = 0, mx = 0, far = 0] = await freePorts(6);
  const values = {
    FOLDER: folder,
    DOMAIN: shop,
    CUSTOMERS: customers,
    IMAP_PORT: String(imap),
    IMAPS_PORT: String(imaps),
    SUBMISSION_PORT: String(submission),
    SUBMISSIONS_PORT: String(submissions),
    MX_PORT: String(mx),
    FAR_PORT: String(far),
  };
  writeFolder(folder, values, owner);
  const smtp = startSmtp(folder);
  let dovecot: ChildProcess | undefined;

  /** Processes of dovecot that serve a connection. */
  function sessions(): number[] {
    const list = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' }).split('\n');
    return list.flatMap((line) => {
      const [pid, parent, name] = line.trim().split(/\s+/);
      return name === 'imap' && Number(parent) === dovecot?.pid ? [Number(pid)] : [];
    });
  }

  const peer: MailPeer = {
    ports: { imap, imaps, submission, submissions, mx },
    ca: readFileSync(join(folder, 'cert.pem'), 'utf8'),
    mailbox: (user) => openMaildir(join(folder, 'mail', user, 'Maildir'), owner),
    sink: openMaildir(join(folder, 'mail', 'sink', 'Maildir'), owner),
    token: (user, seconds = 3_600) => signToken(`${user}@${shop}`, seconds),
    async startImap() {
      dovecot = spawn('dovecot', ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: 'ignore' });
      await until(() => isOpen(imap), waitMs, 'dovecot');
    },
    async stopImap() {
      const stopped = dovecot;
      if (!stopped?.pid || stopped.exitCode !== null) return;
      // sessions outlive their master, mute: real servers do the same when they are upgraded
      const open = sessions();
      stopped.kill('SIGTERM');
      for (const pid of open) signalTo(pid, 'SIGKILL');
      if (stopped.exitCode === null) await once(stopped, 'exit');
      dovecot = undefined;
    },
    killSessions() {
      for (const pid of sessions()) signalTo(pid, 'SIGKILL');
    },
    freezeSessions() {
      for (const pid of sessions()) signalTo(pid, 'SIGSTOP');
    },
    thawSessions() {
      for (const pid of sessions()) signalTo(pid, 'SIGCONT');
    },
    async close() {
      await peer.stopImap();
      if (smtp.exitCode === null && smtp.signalCode === null) {
        smtp.kill('SIGTERM');
        await once(smtp, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await peer.startImap();
    await until(() => isOpen(mx), waitMs, 'OpenSMTPD');
  } catch (error) {
    await peer.close();
    throw error;
  }
  return peer;
}
