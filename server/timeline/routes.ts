import type { Routes, SignedInUser } from '../access/route.ts';
import type { TimelineEntry } from '../contract/schemas.ts';
import type { ClientId, EntryId } from '../kernel/ids.ts';
import type { Comment } from './entry.ts';

export interface TimelineRoutesOptions {
  readonly clients: { requireVisible(id: ClientId, user: SignedInUser): Promise<unknown> };
  readonly listTimeline: (
    clientId: ClientId,
    page: { before?: string | undefined; limit: number; kind?: string | undefined },
  ) => Promise<{ items: TimelineEntry[]; before: string | null }>;
  readonly writeNote: (clientId: ClientId, note: string, user: SignedInUser) => Promise<TimelineEntry>;
  readonly writeComment: (entryId: EntryId, body: string, user: SignedInUser) => Promise<Comment>;
}

/** The contract's operations on timelines. */
export function timelineRoutes({ clients, listTimeline, writeNote, writeComment }: TimelineRoutesOptions): Routes {
  return (mount) => {
    mount('GET /api/v1/clients/:id/timeline', async ({ params, query, user }) => {
      const clientId = params.id as ClientId;
      await clients.requireVisible(clientId, user);
      return listTimeline(clientId, query);
    });

    mount('POST /api/v1/clients/:id/notes', ({ params, body, user }) =>
      writeNote(params.id as ClientId, body.body, user),
    );

    mount('POST /api/v1/timeline-entries/:id/comments', ({ params, body, user }) =>
      writeComment(params.id as EntryId, body.body, user),
    );
  };
}
