import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startChild } from './media/child.ts';
import { run as ring } from './ring.ts';
import { type Figure, printFigure } from './support/figure.ts';
import { residentKb, watchUsage } from './support/machine.ts';
import type { CallerCommands, EngineCommands } from './waiting/protocol.ts';

const settleMs = 3_000;

/**
 * What callers who wait cost the media engine (one worker), and how punctual their music is: first with music alone, then
 * with a prompt every 30 s in between. The callers send RTP all the while. Then the running server with as many callers in
 * its queues: what they cost it, and how soon an agent who becomes free is rung for the next one (figures of `ring`).
 *
 * Options: `--callers 10,100,1000` numbers to measure; `--seconds 10` for each; `--parts media,queue`. `control` beside the late packets are those
 * that the callers' own process was late for: on a machine that does other work, read it first. `callers_process` beside
 * the processor time is what the same number of packets costs a process that does nothing else.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      callers: { type: 'string', default: '10,100,1000' },
      seconds: { type: 'string', default: '10' },
      parts: { type: 'string', default: 'media,queue' },
    },
  });
  const { callers, seconds } = values;
  const parts = values.parts.split(',');
  if (parts.includes('media'))
    for (const count of callers.split(',').map(Number)) await measure(count, Number(seconds));
  if (parts.includes('queue'))
    await ring(['--parts', 'waiting', '--clients', '3000', '--waiting', callers, '--seconds', seconds]);
}

async function measure(callers: number, seconds: number): Promise<void> {
  const engine = startChild<EngineCommands>(new URL('./waiting/engine-process.ts', import.meta.url));
  const waiters = startChild<CallerCommands>(new URL('./waiting/callers-process.ts', import.meta.url));
  try {
    const ports = await waiters.ask('open', callers);
    // The first answer comes when the engine has started.
    await engine.ask('lateTicks', null);
    const emptyKb = residentKb(engine.pid);
    await waiters.ask('speak', await engine.ask('wait', ports));
    for (const treatment of ['music', 'prompts'] as const) {
      if (treatment === 'prompts') await engine.ask('interrupt', null);
      await sleep(settleMs);
      const usageSoFar = watchUsage([engine.pid, waiters.pid]);
      const heard = await waiters.ask('measure', { seconds });
      const usage = usageSoFar();
      const lateTicks = await engine.ask('lateTicks', null);
      const print = (figure: string, value: number, unit: string, more: Partial<Figure> = {}): void =>
        printFigure({ bench: 'waiting', figure, value, unit, callers, treatment, ...more });
      const perCaller = (process: number): number => (usage.cpuMs[process] ?? Number.NaN) / usage.seconds / callers;
      print('cpu_per_caller', perCaller(0), 'ms/s', {
        callers_process: perCaller(1),
        machine_idle: usage.idle,
        other_cores: usage.otherCores,
      });
      print('memory_per_caller', (residentKb(engine.pid) - emptyKb) / callers, 'kB');
      print('late_packets', heard.late * 100, '%', {
        control: heard.controlLate * 100,
        lost_percent: (heard.lost / (heard.received + heard.lost)) * 100,
        late_ticks: lateTicks * 100,
      });
    }
  } finally {
    await Promise.all([engine.close(), waiters.close()]);
  }
}
