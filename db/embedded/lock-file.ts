import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { AppError } from '../../server/kernel/errors.ts';

/** Who holds a data directory. */
interface Holder {
  readonly pid: number;
  /** When the process was started, as `processStart` writes it; empty where the system does not tell. */
  readonly start: string;
  readonly host: string;
  /** Tells two locks of one process apart. */
  readonly token: string;
}

export interface LockFile {
  /** Gives the directory free. Idempotent; does nothing to a lock that is no longer ours. */
  release(): void;
}

/** While another process is taking over the same stale lock: its outcome is there after some milliseconds. */
const attempts = 100;
const pauseMs = 10;
/** A takeover takes microseconds; one that is older was killed in the middle. */
const takeoverMs = 10_000;

/**
 * Takes the lock of a data directory: the engine has none of its own, and two processes on one directory lose
 * committed rows in silence. A lock whose process is gone (killed, power lost, its number now somebody else's) is taken over.
 * @throws AppError `unavailable` naming the holder
 */
export function takeLock(path: string): LockFile {
  const mine: Holder = { pid: process.pid, start: processStart(process.pid), host: hostname(), token: randomUUID() };
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (write(path, mine)) return { release: () => release(path, mine) };
    const holder = read(path);
    if (holder === undefined) continue;
    if (isAlive(holder)) throw inUse(path, holder);
    removeStale(path, holder);
  }
  throw new AppError('unavailable', `the lock ${path} could not be taken`, { retryable: true });
}

/** False when somebody has it. The content is there as soon as the name is: it is linked into place. */
function write(path: string, holder: Holder): boolean {
  const draft = `${path}.${holder.token}`;
  fs.writeFileSync(draft, JSON.stringify(holder));
  try {
    fs.linkSync(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    fs.unlinkSync(draft);
  }
}

/** Undefined when there is no lock (any more). A file that nobody can read as a lock belongs to nobody. */
function read(path: string): Holder | undefined {
  let text: string;
  try {
    text = fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const { pid, start, host, token } = JSON.parse(text) as Partial<Holder>;
    return { pid: Number(pid), start: String(start), host: String(host), token: String(token) };
  } catch {
    return { pid: Number.NaN, start: '', host: '', token: '' };
  }
}

/**
 * Removes a lock that was found stale, under a lock of its own: of two processes that both found it stale, the slower
 * one would remove the fresh lock of the faster.
 */
function removeStale(path: string, stale: Holder): void {
  const guard = `${path}.takeover`;
  try {
    fs.writeFileSync(guard, '', { flag: 'wx' });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    const since = fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > takeoverMs) fs.rmSync(guard, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    return;
  }
  try {
    if (read(path)?.token === stale.token) fs.rmSync(path);
  } finally {
    fs.rmSync(guard, { force: true });
  }
}

function release(path: string, mine: Holder): void {
  if (read(path)?.token === mine.token) fs.rmSync(path, { force: true });
}

/** A process with that number that was also started then. In a container every start has the same small number. */
function isAlive(holder: Holder): boolean {
  if (!Number.isInteger(holder.pid) || holder.pid <= 0) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (!isCode(error, 'EPERM')) return false;
  }
  const start = processStart(holder.pid);
  return start === '' || holder.start === '' || start === holder.start;
}

/** Boot id and start time in ticks since the boot: never the same for two processes. Linux only, otherwise empty. */
export function processStart(pid: number): string {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the second field is the program's name in brackets and may hold anything, spaces too.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot} ${ticks}`;
  } catch {
    return '';
  }
}

function inUse(path: string, { pid, host }: Holder): AppError {
  return new AppError('unavailable', `the data directory is in use by process ${pid} on ${host} (lock file ${path})`);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
