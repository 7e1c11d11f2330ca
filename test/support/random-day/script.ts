import fc from 'fast-check';
import type { TestDatabase } from '../database.ts';
import type { QueueRules } from './company.ts';
import { type Day, openDay } from './day.ts';
import { brokenRules, leftOver } from './rules.ts';
import { type ActName, acts } from './steps.ts';

/** One thing that happens. */
export interface Step {
  readonly act: ActName;
  /** To whom, and how; 0 unless said otherwise. */
  readonly n?: number;
  readonly m?: number;
  /** How far the database comes before the next thing happens. Default: until nothing moves. */
  readonly stored?: 'all' | 'one' | 'none';
}

/** A whole day. */
export interface Script {
  readonly rules?: readonly [QueueRules, QueueRules];
  readonly steps: readonly Step[];
}

/**
 * Plays a day and checks the rules whenever nothing moves, and once more when everybody has hung up and gone home.
 * @throws Error with the day's script and the rules that it broke
 */
export async function playDay(db: TestDatabase, { rules = [{}, {}], steps }: Script): Promise<void> {
  const day = await openDay(db, rules);
  const lines: string[] = [];
  const check = (broken: readonly string[]): void => {
    if (broken.length > 0) throw new Error(`${lines.join('\n')}\n  BROKEN:\n    ${broken.join('\n    ')}`);
  };
  try {
    for (const step of steps) {
      await play(day, step, lines);
      if ((step.stored ?? 'all') === 'all') check(await brokenRules(day));
    }
    await goHome(day);
    lines.push('  everybody goes home');
    check(await leftOver(day));
  } finally {
    await day.house.kill();
  }
}

async function play(day: Day, { act, n = 0, m = 0, stored = 'all' }: Step, lines: string[]): Promise<void> {
  const { house } = day;
  if (stored !== 'all') house.gate.shut();
  const said = await acts[act](day, n, m);
  if (said !== null) lines.push(`  ${said}${stored === 'all' ? '' : `  [stored: ${stored}]`}`);
  if (stored === 'all') return day.settle();
  await day.breathe();
  if (stored === 'one') await day.house.gate.letOneThrough();
  await day.breathe();
}

/** Clients and agents hang up, phones are taken off, and a long time passes. */
async function goHome(day: Day): Promise<void> {
  const { wire, gate } = day.house;
  gate.failNext(0, 'before');
  await day.settle();
  for (const leg of wire.legs()) {
    if (leg.state === 'cancelling') wire.confirmCancels();
    else wire.end(leg, 'hung_up');
  }
  await day.settle();
  for (const aor of [...wire.phones.keys()]) {
    wire.phones.delete(aor);
    wire.voice.onRegistration?.(aor, false);
  }
  // longer than every timer of a call
  await day.pass(15 * 60_000);
  wire.confirmCancels();
  await finishAll(day);
  await day.pass(1_000);
}

/** A wrap-up without a limit is ended by its agent. */
async function finishAll(day: Day): Promise<void> {
  const { olga } = day.company;
  for (const call of [...day.house.context.live.all()])
    if (call.state === 'wrap_up')
      await day.house.ask('POST /api/v1/interactions/:id/finish', olga, { params: { id: call.id }, body: {} });
  await day.settle();
}

/** How often each thing happens. */
const weights: Readonly<Record<ActName, number>> = {
  'a caller arrives': 12,
  'the same caller twice': 2,
  'an arrival is repeated': 1,
  'time passes': 12,
  'time is lost': 2,
  'hours pass': 1,
  'a phone is picked up': 14,
  'a phone refuses': 3,
  'a ring is proved': 6,
  'an agent declines': 3,
  'a client hangs up': 6,
  'a caller hangs up at once': 1,
  "an agent's line ends": 4,
  'hang up by click': 4,
  'a supervisor ends it': 2,
  hold: 3,
  resume: 2,
  'a key is pressed': 5,
  'a sound ends': 6,
  'a message ends': 3,
  'a phone goes': 4,
  'a phone comes': 4,
  'an agent takes a break': 2,
  'an agent is ready': 3,
  'a supervisor sets a status': 1,
  'a wrap-up is finished': 4,
  'a wrap-up is finished twice': 1,
  'a call is edited': 3,
  'an agent calls out': 5,
  'a client picks up': 5,
  'a client rings': 2,
  'a client is not reached': 2,
  'a supervisor listens': 2,
  'a supervisor leaves': 1,
  'a queue is changed': 2,
  'a queue has other members': 2,
  'somebody is disabled': 2,
  'the database fails': 2,
  'an answer is lost': 2,
  'the wire repeats itself': 3,
  'the far ends confirm': 2,
  'the server is stopped': 1,
  'the server is killed': 1,
};

const stepsOf = (act: ActName): fc.Arbitrary<Step> =>
  fc.record({
    act: fc.constant(act),
    n: fc.nat(29),
    m: fc.nat(29),
    stored: fc.oneof(
      { weight: 8, arbitrary: fc.constant('all' as const) },
      { weight: 1, arbitrary: fc.constant('none' as const) },
      { weight: 1, arbitrary: fc.constant('one' as const) },
    ),
  });

const exits = ['voicemail', 'callback', 'hang_up'] as const;
const queueRules: fc.Arbitrary<QueueRules> = fc.record({
  ringSeconds: fc.constantFrom(15, 5),
  responsibleSeconds: fc.constantFrom(15, 0, 60),
  wrapUpSeconds: fc.constantFrom(60, 0, 10),
  wrapUpMode: fc.constantFrom(
    'mandatory_timeboxed',
    'optional',
    'mandatory_discretionary',
    'mandatory_timeboxed_no_early_exit',
  ),
  maxWaitSeconds: fc.constantFrom(null, 20, 60),
  afterMaxWait: fc.constantFrom(...exits),
  outOfHours: fc.constantFrom(...exits),
});

/** Random days. */
export const scripts: fc.Arbitrary<Script> = fc.record({
  rules: fc.tuple(queueRules, queueRules),
  steps: fc.array(
    fc.oneof(...(Object.keys(weights) as ActName[]).map((act) => ({ weight: weights[act], arbitrary: stepsOf(act) }))),
    { minLength: 1, maxLength: 40, size: 'max' },
  ),
});
