import { type TSchema, Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { compileValidator } from '../../../server/http/validation.ts';

const validator = (schema: TSchema, httpPart: string) =>
  compileValidator({ schema, httpPart, method: 'GET', url: '/' }) as (value: unknown) => {
    value?: unknown;
    error?: { instancePath: string; message: string }[];
  };

describe('validation', () => {
  const query = Type.Object({
    q: Type.String({ default: '' }),
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  });

  it('fills in the defaults of a query and converts its text', () => {
    const check = validator(query, 'querystring');
    expect(check({}).value).toEqual({ q: '', limit: 20 });
    expect(check(Object.assign(Object.create(null), { limit: '5', q: '7' })).value).toEqual({ q: '7', limit: 5 });
    expect(check({ limit: '101' }).error).toMatchObject([{ instancePath: '/limit' }]);
    expect(check({ limit: 'x' }).error).toMatchObject([{ instancePath: '/limit' }]);
  });

  it('reads yes and no', () => {
    const check = validator(Type.Object({ on: Type.Boolean() }), 'querystring');
    expect(check({ on: 'true' }).value).toEqual({ on: true });
    expect(check({ on: 'false' }).value).toEqual({ on: false });
    expect(check({ on: 'maybe' }).error).toMatchObject([{ instancePath: '/on' }]);
  });

  it('converts path parameters', () => {
    const check = validator(Type.Object({ id: Type.Integer({ minimum: 1 }) }), 'params');
    expect(check({ id: '12' }).value).toEqual({ id: 12 });
    for (const id of ['0', '1.5', '1e400', 'abc', '']) expect(check({ id }).error, id).toBeDefined();
  });

  it('takes bodies as they are, and names the fields that are missing or unknown', () => {
    const body = Type.Object(
      { name: Type.String(), age: Type.Optional(Type.Integer()) },
      { additionalProperties: false },
    );
    const check = validator(body, 'body');
    expect(check({ name: 'x', age: 5 }).value).toEqual({ name: 'x', age: 5 });
    expect(check({ name: 'x', age: '5' }).error).toMatchObject([{ instancePath: '/age' }]);
    expect(check({ age: 5 }).error).toMatchObject([{ instancePath: '/name', message: 'must be given' }]);
    expect(check({ name: 'x', role: 'admin' }).error).toMatchObject([
      { instancePath: '/role', message: 'is not known here' },
    ]);
    expect(check(null).error).toBeDefined();
    expect(check([]).error).toBeDefined();
  });

  it('lists a bounded number of faults', () => {
    const check = validator(Type.Array(Type.Integer()), 'body');
    expect(check(Array.from({ length: 1000 }, () => 'x')).error?.length).toBeLessThanOrEqual(20);
  });
});
