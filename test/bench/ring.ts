/**
 * How fast the right telephone rings, what a call costs, how many fit: the running server against a carrier and agents
 * with desk phones and browsers, all on this machine (Linux).
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCapacity } from './ring/capacity.ts';
import { measureDelay } from './ring/delay.ts';
import type { RingOptions } from './ring/stand.ts';
import { measureWaiting } from './ring/waiting.ts';

const parts = { delay: measureDelay, waiting: measureWaiting, capacity: measureCapacity } as const;

const full = {
  agents: '10,100,400',
  clients: '3000,300000',
  waiting: '10,100,1000',
  rates: '20,40,60,80,100,120,140,160,180,200,240,280,320',
  seconds: '16',
  warmUp: '600',
};
/** Under a minute: enough to see that nothing has gone badly wrong. */
const quick = { agents: '100', clients: '3000', waiting: '50', rates: '80', seconds: '4', warmUp: '80' };

/**
 * Options: --quick; --parts delay,waiting,capacity; --agents, --clients, --waiting, --rates with lists of numbers;
 * --seconds of a measurement; --warmUp calls before it; --postgres URL; --profile FOLDER for CPU profiles of the server.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      parts: { type: 'string', default: Object.keys(parts).join() },
      agents: { type: 'string' },
      clients: { type: 'string' },
      waiting: { type: 'string' },
      rates: { type: 'string' },
      seconds: { type: 'string' },
      warmUp: { type: 'string' },
      postgres: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const wanted = { ...(values.quick ? quick : full), ...values };
  const profileDir = values.profile === undefined ? undefined : resolve(values.profile);
  if (profileDir !== undefined) mkdirSync(profileDir, { recursive: true });
  const options: RingOptions = {
    agents: numbers(wanted.agents),
    clients: numbers(wanted.clients),
    waiting: numbers(wanted.waiting),
    rates: numbers(wanted.rates),
    seconds: Number(wanted.seconds),
    warmUpCalls: Number(wanted.warmUp),
    postgres: values.postgres,
    profileDir,
  };
  for (const part of values.parts.split(',')) {
    const measure = parts[part as keyof typeof parts];
    if (!measure) throw new Error(`no part "${part}": choose from ${Object.keys(parts).join(', ')}`);
    await measure(options);
  }
}

const numbers = (list: string): number[] => list.split(',').map(Number);
