import { readFileSync } from 'node:fs';

/** What a process has used and the machine has had left, at one moment. */
interface Reading {
  readonly at: number;
  /** User and system time of all threads, milliseconds. */
  readonly cpuMs: readonly number[];
  readonly idleTicks: number;
  readonly allTicks: number;
}

/** Linux counts processor time in hundredths of a second (USER_HZ). */
const tickMs = 10;

function processCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function read(pids: readonly number[]): Reading {
  const line = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '';
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return {
    at: performance.now(),
    cpuMs: pids.map(processCpuMs),
    idleTicks: (ticks[3] ?? 0) + (ticks[4] ?? 0),
    allTicks: ticks.reduce((sum, value) => sum + value, 0),
  };
}

export interface Usage {
  readonly seconds: number;
  /** Milliseconds of processor time of each process. */
  readonly cpuMs: readonly number[];
  /** Share of the machine that nobody used, 0-1. */
  readonly idle: number;
  /** Cores that other programs used: above some tenths the run is noisy. */
  readonly otherCores: number;
}

/** Begins to measure these processes (Linux); each call of the result tells the usage so far. */
export function watchUsage(pids: readonly number[]): () => Usage {
  const before = read(pids);
  return () => {
    const now = read(pids);
    const cpuMs = now.cpuMs.map((value, index) => value - (before.cpuMs[index] ?? 0));
    const seconds = (now.at - before.at) / 1000;
    const idleTicks = now.idleTicks - before.idleTicks;
    const allTicks = now.allTicks - before.allTicks;
    const ownMs = cpuMs.reduce((sum, value) => sum + value, 0);
    return {
      seconds,
      cpuMs,
      idle: allTicks === 0 ? 1 : idleTicks / allTicks,
      otherCores: Math.max(0, ((allTicks - idleTicks) * tickMs - ownMs) / (seconds * 1000)),
    };
  };
}

/** Memory that the process has in use, kB. */
export function residentKb(pid: number): number {
  const found = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(found?.[1] ?? Number.NaN);
}
