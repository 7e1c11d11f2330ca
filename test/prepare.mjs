// Sees to it that the programs of the tests are there. Plain JavaScript: npm runs it before anything else, possibly on
// the system's own Node (18 or newer). As root on Debian or Ubuntu it installs what is missing, otherwise it says how.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/usr/sbin');
const hasProgram = (name) => folders.some((folder) => existsSync(join(folder, name)));
const hasPostgres = () =>
  existsSync('/usr/lib/postgresql') &&
  readdirSync('/usr/lib/postgresql').some((version) => existsSync(`/usr/lib/postgresql/${version}/bin/initdb`));

const isRoot = process.getuid?.() === 0;

/** They change users: without root their tests say that they are skipped. */
const mailServers = {
  'dovecot-imapd': () => existsSync('/usr/lib/dovecot/imap'),
  'dovecot-lmtpd': () => existsSync('/usr/lib/dovecot/lmtp'),
  'dovecot-submissiond': () => existsSync('/usr/lib/dovecot/submission'),
  // it would remove another mail server
  opensmtpd: () => hasProgram('smtpctl') || hasProgram('sendmail'),
};

/** Debian package -> whether what the tests need of it is there. */
const needs = {
  chromium: () => hasProgram('chromium'),
  // Cyrillic letters have to have a width in the browser
  'fonts-dejavu-core': () => existsSync('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'),
  'sip-tester': () => hasProgram('sipp'),
  'baresip-core': () => hasProgram('baresip'),
  'linphone-cli': () => hasProgram('linphonec'),
  openssl: () => hasProgram('openssl'),
  postgresql: hasPostgres,
  ...(isRoot ? mailServers : {}),
};

const missing = () => Object.keys(needs).filter((name) => !needs[name]());

/** @returns whether it went well; its output is shown only when it did not */
function aptGet(...args) {
  const options = {
    encoding: 'utf8',
    timeout: 20 * 60_000,
    maxBuffer: 64 * 1024 * 1024,
    // RUNLEVEL=1: the packages' own services are not started
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  };
  const { status, stdout, stderr } = spawnSync('apt-get', ['-q', ...args], options);
  if (status !== 0) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  return status === 0;
}

function install(packages) {
  process.stdout.write(`The tests need ${packages.join(', ')}: installing with apt-get\n`);
  aptGet('update');
  return aptGet('install', '-y', '--no-install-recommends', ...packages);
}

const wanted = missing();
if (wanted.length > 0 && isRoot && hasProgram('apt-get')) install(wanted);
const left = missing();
if (left.length > 0) {
  const command = `apt-get install -y --no-install-recommends ${left.join(' ')}`;
  process.stderr.write(`The tests need programs that are not installed. As root on Debian or Ubuntu: ${command}\n`);
  process.exit(1);
}
