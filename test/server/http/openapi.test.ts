import { describe, expect, it } from 'vitest';
import { api } from '../../../server/contract/api.ts';
import { openApiDocument } from '../../../server/http/openapi.ts';

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: unknown;
  security?: unknown[];
  responses: Record<string, unknown>;
}
/** As a reader gets it. */
const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ key: `${method.toUpperCase()} ${path}`, path, operation })),
);

describe('OpenAPI document', () => {
  it('is of version 3.1 and names the release', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
  });

  it('has every operation of the contract, and those that send or take files', () => {
    const expected = Object.keys(api).map((key) => key.replace(/:(\w+)/g, '{$1}'));
    const files = [
      'GET /api/v1/clients/export',
      'GET /api/v1/recordings/{id}',
      'GET /api/v1/setup/sounds/{id}/audio',
      'POST /api/v1/setup/sounds',
    ];
    expect(operations.map(({ key }) => key).sort()).toEqual([...expected, ...files].sort());
  });

  it('gives every operation an id of its own', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z_]+$/);
  });

  it.each(operations)('$key declares its path parameters and answers', ({ path, operation }) => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(declared.map((parameter) => parameter.name).sort()).toEqual(inPath.sort());
    expect(declared.every((parameter) => parameter.required)).toBe(true);
    expect(operation.responses).toHaveProperty('200');
    expect(operation.responses).toHaveProperty('default');
  });

  it('asks for no session where none is needed, and for optional query fields not at all', () => {
    expect(document.paths['/api/v1/session']?.['post']?.security).toEqual([]);
    expect(document.paths['/api/v1/session']?.['get']?.security).toBeUndefined();
    const query = document.paths['/api/v1/clients']?.['get']?.parameters;
    expect(query).toMatchObject([
      { name: 'q', in: 'query', required: false },
      { name: 'limit', in: 'query', required: false },
    ]);
  });

  it('resolves all its references', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target ?? '');
    expect(references.length).toBeGreaterThan(0);
    for (const target of references) {
      expect(document.components.schemas).toHaveProperty(target.replace('#/components/schemas/', ''));
    }
  });
});
