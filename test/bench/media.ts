import { parseArgs } from 'node:util';
import { startChild } from './media/child.ts';
import type { EngineCommands, GeneratorCommands } from './media/protocol.ts';
import { type Figure, printFigure } from './support/figure.ts';
import { watchUsage } from './support/machine.ts';

/** The engine is said to carry a number of calls when fewer packets than this are late, and fewer than that are lost. */
const mostLate = 0.01;
const mostLost = 0.001;
const settleMs = 2_000;

/**
 * How many recorded calls between a browser (SRTP) and a carrier (RTP) one media worker carries, what a call costs, and
 * how late its packets are.
 *
 * Options: `--calls 50,100,150` numbers to try, rising; `--seconds 10` for each. Ends early at the first number that is
 * too much. Every figure has the generator's own delay beside it: on a machine that does other work, read it first.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { calls: { type: 'string', default: '50,100,150,200' }, seconds: { type: 'string', default: '10' } },
  });
  const seconds = Number(values.seconds);
  let carried = 0;
  for (const calls of values.calls.split(',').map(Number)) {
    if (!(await measure(calls, seconds))) break;
    carried = calls;
  }
  printFigure({ bench: 'media', figure: 'recorded_calls', value: carried, unit: 'calls', per: 'worker' });
}

/** Prints the figures for a number of calls; whether they were carried well. */
async function measure(calls: number, seconds: number): Promise<boolean> {
  const engine = startChild<EngineCommands>(new URL('./media/engine-process.ts', import.meta.url));
  const generator = startChild<GeneratorCommands>(new URL('./media/generator-process.ts', import.meta.url));
  try {
    await generator.ask('start', await engine.ask('open', await generator.ask('open', calls)));
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const usage = watchUsage([engine.pid, generator.pid]);
    const delays = await generator.ask('measure', { seconds });
    const used = usage();
    const lateTicks = await engine.ask('lateTicks', null);
    const print = (figure: string, value: number, unit: string, more: Partial<Figure> = {}): void =>
      printFigure({ bench: 'media', figure, value, unit, calls, ...more });
    const lost = Math.max(0, 1 - delays.received / delays.sent);
    print('late_packets', delays.late * 100, '%', { control: delays.controlLate * 100, lost_percent: lost * 100 });
    print('added_latency_p50', delays.p50 - delays.controlP50, 'ms', { control: delays.controlP50, p99: delays.p99 });
    print('cpu_per_call', (used.cpuMs[0] ?? Number.NaN) / used.seconds / calls, 'ms/s', {
      generator: (used.cpuMs[1] ?? 0) / used.seconds / calls,
      machine_idle: used.idle,
      late_ticks: lateTicks,
    });
    // The generator's own stalls make packets late that the engine has sent in time.
    return delays.late - delays.controlLate < mostLate && lost < mostLost;
  } finally {
    await Promise.all([engine.close(), generator.close()]);
  }
}
