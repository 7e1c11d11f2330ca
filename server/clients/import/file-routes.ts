import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { Id } from '../../contract/schemas.ts';
import { requireUser } from '../../http/operations.ts';
import { compileValidator } from '../../http/validation.ts';
import type { ClientImports } from './index.ts';
import { importLimits } from './limits.ts';

const supervisors = ['supervisor', 'admin'] as const;
const Size = Type.Integer({ minimum: 1, maximum: importLimits.fileBytes });

/**
 * The file of an import, in and out, as bytes. `POST /api/v1/client-imports?name=clients.csv` takes a whole file, or
 * with `size` (bytes of the whole) its first piece; `PUT /api/v1/client-imports/:id/content?offset=N` the next ones, so
 * that a slow line needs no request longer than the server allows. `GET /api/v1/client-imports/:id/problems.csv`.
 */
export function mountImportFileRoutes(app: FastifyInstance, imports: ClientImports): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(['text/csv', 'application/octet-stream'], (_request, payload, done) =>
      done(null, payload),
    );

    scope.route<{ Querystring: { name: string; size?: number }; Body: Readable }>({
      method: 'POST',
      url: '/api/v1/client-imports',
      bodyLimit: importLimits.fileBytes,
      schema: {
        querystring: Type.Object({ name: Type.String({ maxLength: 1000, default: '' }), size: Type.Optional(Size) }),
      },
      validatorCompiler: compileValidator,
      preParsing: async (request) => void requireUser(request, supervisors),
      handler: async (request) => {
        const { query, body } = request;
        const user = requireUser(request);
        return imports.receive({ name: query.name, size: query.size ?? null, stream: body, user });
      },
    });

    scope.route<{ Params: { id: number }; Querystring: { offset: number }; Body: Readable }>({
      method: 'PUT',
      url: '/api/v1/client-imports/:id/content',
      bodyLimit: importLimits.fileBytes,
      schema: {
        params: Type.Object({ id: Id }),
        querystring: Type.Object({ offset: Type.Integer({ minimum: 0, maximum: importLimits.fileBytes }) }),
      },
      validatorCompiler: compileValidator,
      preParsing: async (request) => void requireUser(request, supervisors),
      handler: ({ params, query, body }) => imports.append(params.id, query.offset, body),
    });

    scope.route<{ Params: { id: number } }>({
      method: 'GET',
      url: '/api/v1/client-imports/:id/problems.csv',
      schema: { params: Type.Object({ id: Id }) },
      validatorCompiler: compileValidator,
      preParsing: async (request) => void requireUser(request, supervisors),
      handler: async (request, reply) => {
        const { fileName, text } = await imports.problems(request.params.id, requireUser(request).language);
        reply.header('content-type', 'text/csv; charset=utf-8');
        reply.header('content-disposition', `attachment; filename="${fileName}"`);
        return reply.send(text);
      },
    });
  });
}
