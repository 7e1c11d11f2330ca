/** `npm run bench -- NAME [options]`: runs the benchmark of that name in this folder; without a name, lists them. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the file of a benchmark exports. */
interface Benchmark {
  /** Prints its figures, one JSON object a line (see support/figure.ts); everything else goes to stderr. */
  run(args: string[]): Promise<void>;
}

const folder = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))
  .sort();

const [name = '', ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  process.stderr.write(`npm run bench -- NAME [options]\n\nBenchmarks: ${names.join(', ')}\n`);
  process.exitCode = name === '' ? 0 : 1;
} else {
  const benchmark = (await import(new URL(`./${name}.ts`, import.meta.url).href)) as Benchmark;
  await benchmark.run(args);
}
