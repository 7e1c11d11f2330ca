import { Compile } from 'typebox/compile';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { Problem } from '../../../server/contract/schemas.ts';
import { type ProblemCode, problemCodes } from '../../../server/contract/words.ts';
import { statusOf, toProblem } from '../../../server/http/problem.ts';
import { AppError, type ErrorCode } from '../../../server/kernel/errors.ts';

const contract = Compile(Problem);

describe('problems', () => {
  it('have the same codes in the house, in the contract and in the table', () => {
    expectTypeOf<ErrorCode>().toEqualTypeOf<ProblemCode>();
    expect(Object.keys(statusOf).sort()).toEqual([...problemCodes].sort());
  });

  it.each(problemCodes)('%s is an answer of the contract', (code) => {
    const { status, body } = toProblem(new AppError(code, 'why'), 'request-1');
    expect(contract.Check(body)).toBe(true);
    expect(body).toMatchObject({ type: 'about:blank', code, status, requestId: 'request-1' });
    expect(status).toBe(statusOf[code]);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.title).not.toBe('');
  });

  it('carry the details of the error, which cannot replace the standard members', () => {
    const details = { clientId: 7, code: 'internal', status: 200 };
    const { body } = toProblem(new AppError('already_taken', 'card 7 has it', { details }), 'r');
    expect(body).toMatchObject({ clientId: 7, code: 'already_taken', status: 409, detail: 'card 7 has it' });
  });

  it('say when to come back', () => {
    const error = new AppError('too_many_requests', 'slow down', { details: { retryAfterSeconds: 12.2 } });
    expect(toProblem(error, 'r').headers).toEqual({ 'retry-after': '13' });
  });

  it.each([
    new Error('password of the database'),
    new AppError('internal', 'password of the database', { details: { secret: 'password of the database' } }),
    'password of the database',
    undefined,
    Object.assign(new Error('password of the database'), { statusCode: 500 }),
  ])('tell nothing about our own faults: %s', (error) => {
    const answer = toProblem(error, 'r');
    expect(answer).toMatchObject({ status: 500, isOurs: true, body: { code: 'internal', detail: '' } });
    expect(JSON.stringify(answer)).not.toContain('database');
  });

  it.each([
    [400, 'bad_request'],
    [404, 'not_found'],
    [413, 'too_large'],
    [415, 'bad_request'],
    [429, 'too_many_requests'],
  ])('translate what the web framework says with %i', (statusCode, code) => {
    const answer = toProblem(Object.assign(new Error('said so'), { statusCode }), 'r');
    expect(answer).toMatchObject({ isOurs: false, body: { code, detail: 'said so' } });
  });
});
