import { setTimeout as sleep } from 'node:timers/promises';
import { bulkNumber } from '../../../db/seed/bulk.ts';
import { type Generator, startGenerator } from '../load/generator-process.ts';
import type { AgentPlan, CallReport, Observations } from '../load/protocol.ts';
import { type Company, createCompany, mainLine } from '../support/company.ts';
import { printFigure } from '../support/figure.ts';
import { type Usage, watchUsage } from '../support/machine.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

/** What the whole run of the benchmark was asked for. */
export interface RingOptions {
  readonly agents: readonly number[];
  readonly clients: readonly number[];
  readonly waiting: readonly number[];
  /** Calls a second of each step. */
  readonly rates: readonly number[];
  /** Seconds of each measurement. */
  readonly seconds: number;
  /** Calls before the first measurement, `warmUpRate` a second. */
  readonly warmUpCalls: number;
  readonly postgres: string | undefined;
  readonly profileDir: string | undefined;
}

/** A running contact center with its agents at their phones. */
export interface Stand {
  readonly agents: number;
  readonly clients: number;
  readonly server: ServerProcess;
  readonly generator: Generator;
  /** Processor time that the server uses without calls, milliseconds a second. */
  readonly idleCpuMs: number;
  /** The agents go on with other habits. */
  behave(habits: Habits): Promise<void>;
  /** Calls until code and database are warm: the first seconds after a start cost several times as much. */
  warmUp(): Promise<void>;
  /** Calls to the main line and everything that was seen meanwhile. */
  measure(calls: { rate: number; count: number }): Promise<Measured>;
  /** Fresh callers' numbers: four of five have a card. */
  numbers(count: number): string[];
}

export type Habits = Pick<AgentPlan, 'answerMs' | 'talkMs' | 'hangsUp'>;

export interface Measured {
  readonly report: CallReport;
  readonly observed: Observations;
  readonly usage: Usage;
  /** Processor time of the server for each call that was completed, milliseconds. */
  readonly cpuPerCall: number;
}

export interface StandOptions extends Habits {
  readonly agents: number;
  readonly clients: number;
  readonly options: RingOptions;
}

/** Agents with an open workspace; more would measure the generator. */
const maxBrowsers = 40;
const unknownFrom = 9_000_000;
const settleMs = 1_000;
const idleMs = 2_000;
const limitMs = 40_000;
const warmUpRate = 40;

/** Builds a stand, runs `work` on it and takes everything down again. */
export async function withStand(wanted: StandOptions, work: (stand: Stand) => Promise<void>): Promise<void> {
  const { agents, clients, options } = wanted;
  const company = await createCompany({ agents, clients, postgres: options.postgres });
  try {
    const { dataDir, databaseUrl } = company;
    const server = await startServer({ dataDir, databaseUrl, profileDir: options.profileDir });
    try {
      const generator = await startGenerator(server.sipPort);
      try {
        await work(await openStand(wanted, company, server, generator));
        await generator.ask('unregister', null);
      } finally {
        await generator.close();
      }
    } finally {
      await server.close();
    }
  } finally {
    await company.remove();
  }
}

async function openStand(
  { agents, clients, options, answerMs, talkMs, hangsUp }: StandOptions,
  company: Company,
  server: ServerProcess,
  generator: Generator,
): Promise<Stand> {
  const behave = async (habits: Habits): Promise<void> => {
    await generator.ask('register', { accounts: company.accounts, ...habits });
  };
  await behave({ answerMs, talkMs, hangsUp });
  await generator.ask('browse', { url: server.url, browsers: everyNth(company.browsers, maxBrowsers) });
  await sleep(settleMs);
  const idle = watchUsage([server.pid]);
  await sleep(idleMs);
  const { cpuMs, seconds } = idle();
  const idleCpuMs = (cpuMs[0] ?? 0) / seconds;
  let called = 0;
  let batches = 0;
  const numbers = (count: number): string[] =>
    Array.from({ length: count }, () => {
      const index = called++;
      return index % 5 === 4 ? bulkNumber(unknownFrom + index) : bulkNumber((index * 7919) % clients);
    });
  return {
    agents,
    clients,
    server,
    generator,
    idleCpuMs,
    behave,
    numbers,
    async warmUp() {
      const plan = { line: mainLine, numbers: numbers(options.warmUpCalls), rate: warmUpRate, limitMs };
      await generator.ask('call', { batch: 'warm-up', plan });
    },
    async measure({ rate, count }) {
      await generator.ask('take', null);
      const usageSoFar = watchUsage([server.pid, generator.pid]);
      const plan = { line: mainLine, numbers: numbers(count), rate, limitMs };
      const report = await generator.ask('call', { batch: `calls-${++batches}`, plan });
      const usage = usageSoFar();
      const observed = await generator.ask('take', null);
      const cpuPerCall = ((usage.cpuMs[0] ?? 0) - idleCpuMs * usage.seconds) / report.completed;
      return { report, observed, usage, cpuPerCall };
    },
  };
}

function everyNth<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.ceil(items.length / count));
  return items.filter((_, index) => index % step === 0);
}

export type Dimensions = Readonly<Record<string, string | number>>;

/** Prints figures of one measurement, each with its dimensions and how quiet the machine was. */
export function printFigures(
  figures: Readonly<Record<string, readonly [value: number, unit: string]>>,
  dimensions: Dimensions,
  usage: Pick<Usage, 'idle' | 'otherCores'>,
): void {
  const quiet = { machine_idle: Number(usage.idle.toFixed(2)), other_cores: Number(usage.otherCores.toFixed(2)) };
  for (const [figure, [value, unit]] of Object.entries(figures))
    printFigure({ bench: 'ring', figure, value, unit, ...dimensions, ...quiet });
}
