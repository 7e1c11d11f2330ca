import { parseArgs } from 'node:util';
import { killWhileMessagesFlow } from '../support/killed-server/index.ts';
import { printFigure } from './support/figure.ts';

/**
 * What is lost or doubled when the server is killed (SIGKILL) at random points, while it starts, works and settles, and messages
 * go out to an SMSC and a mail server and come in from them; on the embedded database, or on the server of TEST_DATABASE_URL.
 *
 * Options: `--kills 200`, `--messages 5000` (out, and as many in, half of them SMS), `--seed 1`; `--minutes 120` after which nothing more is killed.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '200' },
      messages: { type: 'string', default: '5000' },
      minutes: { type: 'string', default: '120' },
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
  const { kills: killed, sms, email, faults, ...run } = counts;
  for (const fault of faults) onStep(fault);
  const under = { bench: 'messages-kill', database, kills, messages, seed };
  for (const [moment, value] of Object.entries(killed))
    printFigure({ ...under, figure: 'killed', moment, value, unit: '' });
  for (const [channel, channelCounts] of Object.entries({ sms, email }))
    for (const [figure, value] of Object.entries(channelCounts))
      printFigure({ ...under, figure, channel, value, unit: '' });
  for (const [figure, value] of Object.entries(run))
    printFigure({ ...under, figure, value, unit: figure.toLowerCase().endsWith('seconds') ? 's' : '' });
}
