import type { Routes } from '../../access/route.ts';
import type { ConsentView } from '../../contract/messages-schemas.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ClientId } from '../../kernel/ids.ts';
import { canonicalAddress } from '../addressing.ts';
import type { MessagesContext } from '../context.ts';
import type { ConsentNote, Gate } from '../rooms.ts';
import { softFailures } from './judge.ts';
import { deleteSuppression, readConsentViews, readSuppressionViews } from './store.ts';

export interface GateRoutesOptions {
  readonly context: Pick<MessagesContext, 'db' | 'clients' | 'setup' | 'journal' | 'clock'>;
  readonly ask: Gate['ask'];
  readonly noteConsent: Gate['noteConsent'];
}

/** The contract's operations on what may be sent. */
export function gateRoutes({ context, ask, noteConsent }: GateRoutesOptions): Routes {
  const { db, clients, journal, setup } = context;

  /** Of an address as written; whatever the address when there is none. */
  function subjectOf(value: string | undefined, clientId: ClientId): Pick<ConsentNote, 'kind' | 'value'> {
    if (value === undefined) return { kind: 'client', value: String(clientId) };
    const channel = value.includes('@') ? 'email' : 'sms';
    const kind = channel === 'email' ? 'email' : 'phone';
    return { kind, value: canonicalAddress(channel, value, setup.company.region) };
  }

  /** Nothing is noted of an address that is not his. @throws AppError `not_found` */
  async function note(given: ConsentNote, clientId: ClientId): Promise<ConsentView> {
    const { view, entries } = await db.transaction(async (tx) => {
      const events = await noteConsent(tx, given);
      const views = await readConsentViews(tx, clientId);
      const view = views.find(({ kind, value }) => kind === given.kind && value === given.value);
      if (!view) throw new AppError('not_found', `card ${clientId} has no address ${given.value}`);
      return { view, entries: await journal.append(tx, events) };
    });
    journal.published(entries);
    return view;
  }

  return (mount) => {
    mount('POST /api/v1/messages/check', async ({ body, user }) => {
      const { clientId, channel } = body;
      if (clientId === undefined || channel === undefined)
        throw new AppError('bad_request', 'whom it goes to, and by which channel, must be known');
      const { id } = await clients.requireVisible(clientId as ClientId, user);
      return ask({ ...body, clientId: id, channel }, user);
    });
    mount('GET /api/v1/clients/:id/consents', async ({ params, user }) => {
      const { id } = await clients.requireVisible(params.id as ClientId, user);
      return { items: await readConsentViews(db, id), suppressions: await readSuppressionViews(db, id, softFailures) };
    });
    mount('POST /api/v1/clients/:id/consents', async ({ params, body, user }) => {
      const { id } = await clients.requireVisible(params.id as ClientId, user);
      const { channel = null, purpose = null, state, evidence } = body;
      const subject = subjectOf(body.value, id);
      const said = { channel, purpose, state, evidence: evidence.trim() };
      return note({ ...subject, ...said, source: 'agent', messageId: null, userId: user.id, clientId: id }, id);
    });
    mount('DELETE /api/v1/suppressions/:channel/:value', async ({ params, user }) => {
      const { channel, value } = params;
      const entries = await db.transaction(async (tx) => {
        if (!(await deleteSuppression(tx, channel, value))) throw new AppError('not_found', `${value} is not closed`);
        return journal.append(tx, [{ type: 'address.opened', userId: user.id, data: { channel, value } }]);
      });
      journal.published(entries);
      return { ok: true as const };
    });
  };
}
