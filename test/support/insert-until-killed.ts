import * as fs from 'node:fs';
import { openDatabase } from '../../db/open.ts';
import { silentLog } from '../../server/kernel/log.ts';

/**
 * A program to be killed: writes teams, two of a pair in one transaction, and tells each pair on stdout once the
 * database has said that it is there.
 */
const [dataDir = '', prefix = ''] = process.argv.slice(2);
const database = await openDatabase({ url: undefined, dataDir, log: silentLog });
const insert = (name: string) => ({
  name: 'insert_team',
  text: 'insert into teams (name) values ($1)',
  values: [name],
});
for (let pair = 0; ; pair++) {
  await database.transaction(async (tx) => {
    await tx.run(insert(`${prefix}-${pair}-a`));
    await tx.run(insert(`${prefix}-${pair}-b`));
  });
  // Not by the stream: it may still hold the line when the process dies.
  fs.writeSync(1, `${prefix}-${pair}\n`);
}
