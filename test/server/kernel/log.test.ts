import { DrizzleQueryError } from 'drizzle-orm/errors';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { AppError } from '../../../server/kernel/errors.ts';
import { errorWithoutData } from '../../../server/kernel/log.ts';

const logged = (error: unknown): string => {
  const lines: string[] = [];
  const log = pino(
    { serializers: { err: (one: unknown) => pino.stdSerializers.err(errorWithoutData(one) as Error) } },
    { write: (line) => void lines.push(line) },
  );
  log.error({ err: error }, 'it failed');
  return lines.join();
};

test('an error of the database is logged with its statement and its code, without what was to be stored', () => {
  const driver = Object.assign(new Error('duplicate key value violates unique constraint "uq"'), {
    code: '23505',
    detail: 'Key (value)=(ivan@client.example) already exists.',
    where: 'unportable ivan@client.example',
    constraint: 'uq',
  });
  const failed = new DrizzleQueryError('insert into "messages" values ($1)', ['Dear ivan, my secret'], driver);
  const line = logged(new AppError('unavailable', 'not stored', { cause: failed }));
  for (const word of ['insert into', '23505', 'duplicate key', 'not stored', 'unavailable'])
    expect(line).toContain(word);
  for (const word of ['ivan', 'secret']) expect(line).not.toContain(word);
});

test('other errors are logged as they are', () => {
  const error = Object.assign(new TypeError('x is not a function'), { port: 5060 });
  const line = logged(error);
  expect(JSON.parse(line)).toMatchObject({ err: { type: 'TypeError', message: 'x is not a function', port: 5060 } });
  expect(JSON.parse(line).err.stack).toContain('log.test.ts');
  expect(errorWithoutData('no error')).toBe('no error');
});

test('a chain of causes without an end is logged', () => {
  const error: Error & { cause?: unknown } = new Error('round');
  error.cause = error;
  expect(logged(error)).toContain('round');
});
