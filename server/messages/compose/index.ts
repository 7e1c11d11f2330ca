import { and, asc, eq, isNull } from 'drizzle-orm';
import { messageTemplates } from '../../../db/schema/index.ts';
import type { Routes, SignedInUser } from '../../access/route.ts';
import { AppError } from '../../kernel/errors.ts';
import type { AttachmentId, ClientId, TemplateId } from '../../kernel/ids.ts';
import type { MessagesContext } from '../context.ts';
import type { RenderTemplate } from '../rooms.ts';
import { fillIn, languageOf } from './fields.ts';
import { createPeopleActs } from './people.ts';
import { deleteDraft, readAddresses, readDraftFiles, readDrafts, saveDraft } from './store.ts';
import { type ComposeParts, createWriting } from './write.ts';

/** Longest draft kept, characters of JSON. */
const draftText = 400_000;

export interface Compose {
  readonly renderTemplate: RenderTemplate;
  readonly routes: Routes;
}

/** Writing: messages, drafts, templates, and what did not get there. */
export function createCompose(context: MessagesContext, parts: ComposeParts): Compose {
  const { db, clock, clients, channels, setup } = context;
  const writing = createWriting(context, parts);
  const acts = createPeopleActs(context, parts);

  const renderTemplate: RenderTemplate = async ({ subject, body }, clientId, user) => {
    const card = await clients.card(clientId);
    const { company } = setup;
    const sources = {
      client: card,
      agent: user,
      company,
      now: clock.now(),
      timeZone: card.timeZone || company.timeZone,
      language: languageOf(card.language, company.language),
    };
    const [head, text] = [fillIn(subject, sources), fillIn(body, sources)];
    return { subject: head.text, text: text.text, missing: [...new Set([...head.missing, ...text.missing])] };
  };

  /** The card that answers for this one. */
  const visible = async (id: number, user: SignedInUser): Promise<ClientId> =>
    (await clients.requireVisible(id as ClientId, user)).id;

  const routes: Routes = (mount) => {
    mount('POST /api/v1/messages', ({ body, user }) => writing.write(body, user));
    mount('POST /api/v1/messages/:id/undo', ({ params, user }) => acts.undo(params.id, user));
    mount('POST /api/v1/messages/:id/send-again', ({ params, user }) => acts.sendAgain(params.id, user));
    mount('POST /api/v1/messages/:id/resolve', ({ params, user }) => acts.resolve(params.id, user));
    mount('GET /api/v1/failed-messages', ({ query, user }) => acts.failed(user, query.limit));

    mount('GET /api/v1/clients/:id/drafts', async ({ params, user }) => {
      const items = await readDrafts(db, user.id, await visible(params.id, user));
      const files = items.flatMap(({ draft }) => draft.attachmentIds ?? []) as AttachmentId[];
      return { items, attachments: await readDraftFiles(db, user.id, files) };
    });
    mount('PUT /api/v1/clients/:id/drafts/:channel', async ({ params, body, user }) => {
      const clientId = await visible(params.id, user);
      if (JSON.stringify(body).length > draftText) throw new AppError('too_large', 'a draft of that size is not kept');
      const { channel } = params;
      await saveDraft(db, { userId: user.id, clientId, channel }, body, new Date(clock.now()));
      if (channel !== 'note') parts.conversations.noteWriting(user.id, clientId, channel);
      return { ok: true as const };
    });
    mount('DELETE /api/v1/clients/:id/drafts/:channel', async ({ params, user }) => {
      const clientId = await visible(params.id, user);
      await deleteDraft(db, { userId: user.id, clientId, channel: params.channel });
      if (params.channel !== 'note') parts.conversations.noteWriting(user.id, clientId, null);
      return { ok: true as const };
    });

    mount('GET /api/v1/templates', async () => {
      const { id, channel, name, shortcut, language, subject, body } = messageTemplates;
      const items = await db.orm
        .select({ id, channel, name, shortcut, language, subject, body })
        .from(messageTemplates)
        .where(isNull(messageTemplates.archivedAt))
        .orderBy(asc(name), asc(id));
      return { items };
    });
    mount('POST /api/v1/templates/:id/render', async ({ params, body, user }) => {
      const clientId = await visible(body.clientId, user);
      const isIt = eq(messageTemplates.id, params.id as TemplateId);
      const [template] = await db.orm
        .select()
        .from(messageTemplates)
        .where(and(isIt, isNull(messageTemplates.archivedAt)));
      if (!template) throw new AppError('not_found', `there is no template ${params.id}`);
      const { subject, text, missing } = await renderTemplate(template, clientId, user);
      return { subject, text, missing: [...missing] };
    });
    mount('GET /api/v1/addresses', async () => ({
      items: (await readAddresses(db)).map(({ accountId, ...address }) => {
        const state = channels.get(accountId)?.health().state;
        return { ...address, up: state === 'up' || state === 'degraded' };
      }),
    }));
  };

  return { renderTemplate, routes };
}
