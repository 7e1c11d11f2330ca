import { percentile } from '../support/figure.ts';
import { type Measured, printFigures, type RingOptions, withStand } from './stand.ts';

/** Few enough calls at once that ten agents are never all busy: nobody waits, the delay is the house's own. */
const habits = { answerMs: 20, talkMs: 100, hangsUp: 'agent' } as const;
const rate = 20;

/** From the caller's INVITE to the agent's telephone and to the pop on his screen, by agents and by clients in the base. */
export async function measureDelay(options: RingOptions): Promise<void> {
  for (const clients of options.clients)
    for (const agents of options.agents)
      await withStand({ agents, clients, options, ...habits }, async (stand) => {
        await stand.warmUp();
        const measured = await stand.measure({ rate, count: rate * options.seconds });
        printFigures(delayFigures(measured), { agents, clients, rate, waiting: 0 }, measured.usage);
      });
}

/** What every run of calls to free agents is judged by. */
export function delayFigures({ report, observed, usage, cpuPerCall }: Measured) {
  return {
    invite_to_offer_p50: [percentile(report.ringMs, 0.5), 'ms'],
    invite_to_offer_p99: [percentile(report.ringMs, 0.99), 'ms'],
    invite_to_pop_p50: [percentile(observed.popMs, 0.5), 'ms'],
    invite_to_pop_p99: [percentile(observed.popMs, 0.99), 'ms'],
    cpu_per_call: [cpuPerCall, 'ms'],
    server_cores: [(usage.cpuMs[0] ?? 0) / usage.seconds / 1000, 'cores'],
    completed_calls: [report.completed, 'calls'],
    failed_calls: [report.failed, 'calls'],
    shed_calls: [report.shed, 'calls'],
    retransmissions: [observed.retransmissions + observed.repeats, 'messages'],
    generator_lag_p99: [observed.lagMs, 'ms'],
  } as const;
}
