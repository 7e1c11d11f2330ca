import { parseArgs } from 'node:util';
import { killWhileMessagesFlow } from '../support/killed-server.ts';
import { printFigure } from './support/figure.ts';

/**
 * What is lost or doubled when the server is killed (SIGKILL) at random points while messages go out over an SMSC and come in by
 * it, on the embedded database, or on the server of TEST_DATABASE_URL.
 *
 * Options: `--kills 200`, `--messages 5000` (out, and as many in), `--seed 1`; `--minutes 60` after which nothing more is killed.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '200' },
      messages: { type: 'string', default: '5000' },
      minutes: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [kills, messages, seed, minutes] = [values.kills, values.messages, values.seed, values.minutes].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const database = process.env['TEST_DATABASE_URL'] ? 'postgres' : 'embedded';
  const onStep = (step: string): void =>
    void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${step}\n`);
  const counts = await killWhileMessagesFlow({ kills, messages, seed, minutes, onStep });
  for (const [figure, value] of Object.entries(counts))
    printFigure({
      bench: 'messages-kill',
      figure,
      value,
      unit: figure === 'seconds' ? 's' : '',
      database,
      kills,
      messages,
    });
}
