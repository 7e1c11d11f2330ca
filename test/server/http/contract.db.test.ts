import type { FastifyInstance } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Create } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { users } from '../../../db/schema/access.ts';
import type { Routes } from '../../../server/access/route.ts';
import { api, type Operation, type OperationKey } from '../../../server/contract/api.ts';
import { Id } from '../../../server/contract/schemas.ts';
import { operationKeys, partsOf } from '../../../server/http/operations.ts';
import { buildTestApp, openTestHouse, signIn, type TestHouse } from './app-support.ts';

/** Session operations are the server's own. */
const keys = operationKeys.filter((key) => !key.includes('/session'));
const operation = (key: OperationKey): Operation => api[key];
const uuid = '0191d8a0-0000-7000-8000-000000000001';
const instant = '2026-01-12T09:00:00.000Z';

/** Any value of a schema, with every optional field and one item in each array. */
function sample(schema: TSchema): unknown {
  const { type, properties, items, anyOf, format, pattern, patternProperties, examples } = schema as {
    type?: string;
    examples?: unknown[];
    properties?: Record<string, TSchema>;
    items?: TSchema;
    anyOf?: TSchema[];
    format?: string;
    pattern?: string;
    patternProperties?: Record<string, TSchema>;
  };
  if ('const' in schema) return schema.const;
  if (examples) return examples[0];
  if (anyOf?.[0]) return sample(anyOf[0]);
  if (items) return [sample(items)];
  if (patternProperties) {
    const isText = Object.values(patternProperties).some((value) => (value as { type?: string }).type === 'string');
    return { scheme: 'dark', keys: isText ? '[1, null]' : [1, null, { deep: true }] };
  }
  if (type === 'object') {
    return Object.fromEntries(Object.entries(properties ?? {}).map(([name, field]) => [name, sample(field)]));
  }
  if (format === 'date-time') return instant;
  if (pattern !== undefined) return pattern.includes('A-D') ? '1' : uuid;
  if (type === 'string') return 'Анна "\\\u2028';
  return Create(schema);
}
/** The same, with null wherever the schema allows it. */
function sparse(schema: TSchema): unknown {
  const { type, properties, anyOf } = schema as {
    type?: string;
    properties?: Record<string, TSchema>;
    anyOf?: { type?: string }[];
  };
  if (anyOf?.some((one) => one.type === 'null')) return null;
  if (type === 'array') return [];
  if (type !== 'object' || !properties) return sample(schema);
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, sparse(field)]));
}

/** Values of the query fields that have neither a default nor may be left out. */
function required(schema: TSchema): Record<string, string> {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, TSchema>; required?: string[] };
  const needed = required.filter((name) => !('default' in (properties[name] ?? {})));
  return Object.fromEntries(needed.map((name) => [name, String(sample(properties[name] ?? {}))]));
}

describe('every operation of the contract', () => {
  let house: TestHouse;
  let app: FastifyInstance;
  let cookie: string;
  let answer: (schema: TSchema) => unknown = sample;
  let given: unknown;
  beforeAll(async () => {
    house = await openTestHouse();
    await house.db.orm.update(users).set({ role: 'admin' });
    const routes: Routes = (mount) => {
      for (const key of keys) {
        mount(key, async ({ body, params, query }) => {
          given = { body, params, query };
          return answer(operation(key).response) as never;
        });
      }
    };
    app = await buildTestApp(house, { routes: [routes] });
    cookie = await signIn(app, 'anna');
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });

  function call(key: OperationKey) {
    const { method, url } = partsOf(key);
    const { params, body, querystring } = operation(key);
    const { properties = {} } = (params ?? Type.Object({})) as { properties?: Record<string, TSchema> };
    const path = url.replace(/:(\w+)/g, (_all, name: string) => {
      const schema = properties[name];
      return schema === undefined || schema === Id ? '12' : encodeURIComponent(String(sample(schema)));
    });
    const payload = body === undefined ? {} : { payload: sample(body) as object };
    const query = querystring && 'required' in querystring ? { query: required(querystring) } : {};
    return app.inject({ method: method as 'GET', url: path, headers: { cookie }, ...payload, ...query });
  }

  it.each(keys)('%s takes its input and answers in its shape', async (key) => {
    const { response, body, querystring } = operation(key);
    for (answer of [sample, sparse]) {
      const value = answer(response);
      expect(Compile(response).Errors(value)).toEqual([]);
      const reply = await call(key);
      expect(reply.json()).toEqual(value);
      expect(reply.statusCode).toBe(200);
    }
    if (body) expect(given).toMatchObject({ body: sample(body) });
    if (querystring) expect(Compile(querystring).Check((given as { query: unknown }).query)).toBe(true);
  });

  it.each(keys)('%s is refused to strangers, unless it is public', async (key) => {
    const { method, url } = partsOf(key);
    const path = url.replace(/:\w+/g, '1');
    const reply = await app.inject({ method: method as 'GET', url: path });
    const { access, body, querystring = {} } = operation(key);
    // without the input that it needs it gets as far as the check of it
    const asksMore = body !== undefined || Object.keys(required(querystring as TSchema)).length > 0;
    expect(reply.statusCode).toBe(access !== 'public' ? 401 : asksMore ? 400 : 200);
  });
});
