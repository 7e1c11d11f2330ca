import { setTimeout as sleep } from 'node:timers/promises';
import type { CallReport } from '../load/protocol.ts';
import { mainLine, otherLine } from '../support/company.ts';
import { percentile } from '../support/figure.ts';
import { residentKb, watchUsage } from '../support/machine.ts';
import { delayFigures } from './delay.ts';
import { printFigures, type RingOptions, type Stand, withStand } from './stand.ts';

const agents = 10;
const rate = 20;
/** Calls a second while the queue fills. */
const arrivalRate = 50;
const settleMs = 2_000;
const fillMs = 60_000;
/** Nobody gives up while we measure. */
const patienceMs = 600_000;
const quickTalk = { answerMs: 20, talkMs: 100, hangsUp: 'agent' } as const;
const ordinaryTalk = { answerMs: 20, talkMs: 1_000, hangsUp: 'agent' } as const;

/** What callers who wait cost, and what they make others wait. */
export async function measureWaiting(options: RingOptions): Promise<void> {
  const clients = options.clients[0] ?? 3_000;
  for (const waiting of options.waiting)
    await withStand({ agents, clients, options, ...quickTalk }, async (stand) => {
      await waitElsewhere(stand, waiting, options.seconds);
      await waitInLine(stand, waiting, options.seconds);
    });
}

/** They wait in a queue that nobody serves; new calls come for agents who are free. */
async function waitElsewhere(stand: Stand, waiting: number, seconds: number): Promise<void> {
  const { server, generator, agents, clients } = stand;
  await stand.warmUp();
  const kbBefore = residentKb(server.pid);
  const plan = { line: otherLine, numbers: stand.numbers(waiting), rate: arrivalRate, limitMs: patienceMs };
  const over = generator.ask('call', { batch: 'elsewhere', plan });
  await until(stand, 'elsewhere', (report) => report.answered + report.failed + report.shed >= waiting);
  await sleep(settleMs);
  const kbAfter = residentKb(server.pid);
  const usageSoFar = watchUsage([server.pid, generator.pid]);
  await sleep(seconds * 500);
  const alone = usageSoFar();
  const dimensions = { agents, clients, waiting, where: 'elsewhere' };
  const cpuMs = (alone.cpuMs[0] ?? 0) / alone.seconds - stand.idleCpuMs;
  printFigures(
    {
      cpu_per_waiting_call: [cpuMs / waiting, 'ms/s'],
      memory_per_waiting_call: [(kbAfter - kbBefore) / waiting, 'kB'],
      resident: [kbAfter / 1024, 'MB'],
    },
    dimensions,
    alone,
  );
  const measured = await stand.measure({ rate, count: rate * seconds });
  printFigures(delayFigures(measured), { ...dimensions, rate }, measured.usage);
  await generator.ask('stop', { batch: 'elsewhere' });
  const { failed, shed } = await over;
  printFigures({ failed_waiting_calls: [failed + shed, 'calls'] }, dimensions, measured.usage);
}

/** They wait for the same agents; whoever is served is replaced. */
async function waitInLine(stand: Stand, waiting: number, seconds: number): Promise<void> {
  const { server, generator, agents, clients } = stand;
  await stand.behave(ordinaryTalk);
  const numbers = stand.numbers(waiting + agents);
  const plan = { line: mainLine, numbers, rate: arrivalRate, keep: true, limitMs: patienceMs };
  const over = generator.ask('call', { batch: 'in line', plan });
  await until(stand, 'in line', (report) => report.sent >= waiting + agents);
  await sleep(settleMs);
  await generator.ask('take', null);
  const usageSoFar = watchUsage([server.pid, generator.pid]);
  await sleep(seconds * 1000);
  const usage = usageSoFar();
  const { refillMs, retransmissions, repeats } = await generator.ask('take', null);
  await generator.ask('stop', { batch: 'in line' });
  const { failed, shed } = await over;
  printFigures(
    {
      free_to_ring_p50: [percentile(refillMs, 0.5), 'ms'],
      free_to_ring_p99: [percentile(refillMs, 0.99), 'ms'],
      refills: [refillMs.length, 'calls'],
      retransmissions: [retransmissions + repeats, 'messages'],
      failed_waiting_calls: [failed + shed, 'calls'],
    },
    { agents, clients, waiting, where: 'in line' },
    usage,
  );
}

async function until({ generator }: Stand, batch: string, isThere: (report: CallReport) => boolean): Promise<void> {
  for (const giveUpAt = performance.now() + fillMs; performance.now() < giveUpAt; await sleep(100))
    if (isThere(await generator.ask('progress', { batch }))) return;
  throw new Error(`the queue did not fill: ${JSON.stringify(await generator.ask('progress', { batch }))}`);
}
