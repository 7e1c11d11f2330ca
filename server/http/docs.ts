import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { openApiDocument } from './openapi.ts';
import { docsPolicy } from './security-headers.ts';

/** `/api/v1/openapi.json` and, for people, `/api/docs`. */
export async function mountDocs(app: FastifyInstance, version: string): Promise<void> {
  const document = openApiDocument(version);
  app.get('/api/v1/openapi.json', async () => document);
  await app.register(fastifySwagger, {
    mode: 'static',
    specification: { document: document as unknown as OpenApiDocument },
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: docsPolicy,
    // nothing leaves for a validator on the internet
    uiConfig: { validatorUrl: null, docExpansion: 'list', tryItOutEnabled: true },
  });
}

type StaticOptions = Extract<Parameters<typeof fastifySwagger>[1], { mode: 'static' }>;
type OpenApiDocument = Extract<StaticOptions['specification'], { document: unknown }>['document'];
