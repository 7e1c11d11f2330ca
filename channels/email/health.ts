import type { AccountHealth } from '../message-channel.ts';

type State = AccountHealth['state'];
/** Worst first. */
const order: readonly State[] = ['down', 'degraded', 'connecting', 'up', 'off'];

/** How an account is, made of how its two halves are: reading and sending. */
export interface HealthKeeper {
  set(half: 'in' | 'out', state: State, problem: string): void;
  catchUp(progress: AccountHealth['catchUp']): void;
  now(): AccountHealth;
}

/** @param now milliseconds since the epoch */
export function createHealth(now: () => number): HealthKeeper {
  const halves: Record<'in' | 'out', { state: State; problem: string }> = {
    in: { state: 'off', problem: '' },
    out: { state: 'off', problem: '' },
  };
  let progress: AccountHealth['catchUp'] = null;
  let told: State = 'off';
  let since = now();

  const worst = () => (order.indexOf(halves.in.state) <= order.indexOf(halves.out.state) ? halves.in : halves.out);

  return {
    set(half, state, problem) {
      halves[half] = { state, problem };
      const { state: current } = worst();
      if (current !== told) since = now();
      told = current;
    },
    catchUp(value) {
      progress = value;
    },
    now: () => ({ state: told, since, problem: worst().problem, catchUp: progress }),
  };
}
