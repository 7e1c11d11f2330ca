import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { requireUser } from '../../http/operations.ts';
import { compileValidator } from '../../http/validation.ts';
import type { ClientExport } from './index.ts';

export const exportPath = '/api/v1/clients/export';

/** `GET /api/v1/clients/export?q=`: what a search finds, as a CSV file. For those who have the right to export. */
export function mountClientExportRoute(app: FastifyInstance, { open }: ClientExport): void {
  app.route<{ Querystring: { q: string } }>({
    method: 'GET',
    url: exportPath,
    schema: { querystring: Type.Object({ q: Type.String({ maxLength: 100, default: '' }) }) },
    validatorCompiler: compileValidator,
    preParsing: async (request) => void requireUser(request),
    handler: async (request, reply) => {
      const stream = await open(requireUser(request), request.query.q);
      reply.header('content-type', 'text/csv; charset=utf-8');
      reply.header('content-disposition', 'attachment; filename="clients.csv"');
      return reply.send(stream);
    },
  });
}
