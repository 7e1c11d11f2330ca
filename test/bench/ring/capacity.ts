import { setTimeout as sleep } from 'node:timers/promises';
import { delayFigures } from './delay.ts';
import { printFigures, type RingOptions, withStand } from './stand.ts';

const agents = 400;
const habits = { answerMs: 50, talkMs: 500, hangsUp: 'agent' } as const;
const restMs = 1_000;
const calmRate = 20;
const calmSeconds = 3;

/** Calls a second in growing steps: up to where every call is taken, and what happens beyond. */
export async function measureCapacity(options: RingOptions): Promise<void> {
  const clients = options.clients[0] ?? 3_000;
  await withStand({ agents, clients, options, ...habits }, async (stand) => {
    await stand.warmUp();
    let best = 0;
    let isWhole = true;
    for (const rate of options.rates) {
      const measured = await stand.measure({ rate, count: Math.round((rate * options.seconds) / 2) });
      const { failed, shed, failures } = measured.report;
      isWhole &&= failed === 0 && shed === 0;
      if (isWhole) best = rate;
      if (failed > 0) process.stderr.write(`${rate} calls/s: ${JSON.stringify(failures)}\n`);
      printFigures(delayFigures(measured), { agents, clients, rate, step: 'load' }, measured.usage);
      await sleep(restMs);
    }
    const after = await stand.measure({ rate: calmRate, count: calmRate * calmSeconds });
    printFigures(delayFigures(after), { agents, clients, rate: calmRate, step: 'after' }, after.usage);
    printFigures({ rate: [best, 'calls/s'] }, { agents, clients }, after.usage);
  });
}
