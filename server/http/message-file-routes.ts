import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Access } from '../access/index.ts';
import { Uuid } from '../contract/schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { AttachmentId, MessageId } from '../kernel/ids.ts';
import type { Guarded, MessageFiles, ServedFile } from '../messages/index.ts';
import { limits } from './limits.ts';
import { requireUser } from './operations.ts';
import { compileValidator } from './validation.ts';

export interface MessageFileRoutesOptions {
  readonly access: Pick<Access, 'audit'>;
  readonly files: MessageFiles;
}

const agents = ['agent', 'supervisor', 'admin'] as const;
const IdParams = Type.Object({ id: Uuid });
type WithId = { Params: { id: string } };

/** Nothing that a file holds may run, wherever it is opened. */
const filePolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** A letter in a frame of ours: its own styles and pictures, links in new tabs, nothing that runs or asks elsewhere. */
const pagePolicy = (pictures: boolean): string =>
  [
    "default-src 'none'",
    `img-src 'self' data:${pictures ? ' https:' : ''}`,
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-popups allow-popups-to-escape-sandbox',
  ].join('; ');

/** A name for saving, in the form that every browser reads (RFC 6266 section 4.3, RFC 8187). */
function saveAs(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/**
 * Files of messages in and out, letters as they were laid out, and as they came: their bodies are no JSON. Whoever looks is
 * in the audit log before anything is sent, and so is who must not.
 */
export function mountMessageFileRoutes(app: FastifyInstance, { access, files }: MessageFileRoutesOptions): void {
  /** @throws AppError `not_found`, for what is not there and what must not be seen alike */
  async function opened<T>(request: FastifyRequest, subject: string, found: Guarded<T> | null): Promise<T> {
    if (!found) throw noFile();
    const { clientId, isHidden } = found;
    const line = { userId: requireUser(request).id, action: 'message.opened', subject, allowed: !isHidden };
    if (clientId !== null || isHidden) await access.audit(clientId === null ? line : { ...line, clientId });
    if (isHidden) throw noFile();
    return found.open();
  }

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limits.attachmentBytes }, (_request, body, done) =>
      done(null, body),
    );
    scope.route<{ Querystring: { name: string } }>({
      method: 'POST',
      url: '/api/v1/attachments',
      bodyLimit: limits.attachmentBytes,
      schema: { querystring: Type.Object({ name: Type.String({ maxLength: 1000, default: '' }) }) },
      validatorCompiler: compileValidator,
      // before the body is read: who may not send it, need not
      preParsing: async (request) => void requireUser(request, agents),
      async handler(request) {
        const { body, headers, query } = request;
        if (!Buffer.isBuffer(body)) throw new AppError('bad_request', 'the file is empty');
        const type = headers['content-type'] ?? '';
        return files.upload({ name: query.name, type, bytes: body, user: requireUser(request) });
      },
    });
  });

  app.get<WithId>('/api/v1/attachments/:id', {
    schema: { params: IdParams },
    validatorCompiler: compileValidator,
    async handler(request, reply) {
      const { id } = request.params;
      const found = await files.attachment(id as AttachmentId, requireUser(request));
      return sendFile(reply, await opened(request, `attachment:${id}`, found));
    },
  });

  app.get<WithId & { Querystring: { pictures: number } }>('/api/v1/messages/:id/html', {
    schema: {
      params: IdParams,
      querystring: Type.Object({ pictures: Type.Integer({ minimum: 0, maximum: 1, default: 0 }) }),
    },
    validatorCompiler: compileValidator,
    async handler(request, reply) {
      const { id } = request.params;
      const pictures = request.query.pictures === 1;
      const found = await files.page(id as MessageId, requireUser(request), { pictures });
      const page = await opened(request, `message:${id}`, found);
      reply.header('content-security-policy', pagePolicy(pictures)).header('referrer-policy', 'no-referrer');
      return reply.type('text/html; charset=utf-8').send(page);
    },
  });

  app.get<WithId>('/api/v1/messages/:id/raw', {
    schema: { params: IdParams },
    validatorCompiler: compileValidator,
    async handler(request, reply) {
      const { id } = request.params;
      const bytes = await opened(request, `message:${id}`, await files.raw(id as MessageId, requireUser(request)));
      return sendFile(reply, { name: `${id}.eml`, type: 'message/rfc822', bytes, isPicture: false });
    },
  });
}

function sendFile(reply: FastifyReply, { name, type, bytes, isPicture }: ServedFile): FastifyReply {
  reply.header('content-security-policy', filePolicy);
  if (!isPicture) reply.header('content-disposition', saveAs(name));
  // nosniff stands on every answer: a browser believes this and does not look inside
  return reply.type(type).send(bytes);
}

const noFile = (): AppError => new AppError('not_found', 'there is no such file');
