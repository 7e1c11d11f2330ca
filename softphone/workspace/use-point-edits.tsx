import { Link } from 'wouter';
import type { ClientCard, ContactPoint } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode, RequestFailure } from '../net/problem.ts';
import { clientPath } from '../routes.ts';
import { storeCard } from '../state/cards.ts';
import { setCommandFailure } from '../state/stores.ts';
import classes from './card.module.css';

/** The card that has this number or address already; null when it could not be found, or must not be seen. */
export interface PointTaken {
  readonly owner: { readonly id: number; readonly name: string } | null;
  /** Whom to ask about a card that must not be seen. */
  readonly responsible?: string;
}

interface PointEdits {
  /** What people type: an e-mail address has an @, everything else is a number. */
  add(value: string): Promise<'added' | 'failed' | PointTaken>;
  change(point: ContactPoint, change: { readonly label?: string; readonly isPrimary?: boolean }): Promise<boolean>;
  remove(point: ContactPoint): Promise<boolean>;
}

/** The refusal names the card that has the number; an older server's does not, then it is looked for. */
async function findOwner(error: unknown, value: string): Promise<PointTaken> {
  const problem = error instanceof RequestFailure ? (error.problem as Partial<Record<string, unknown>>) : undefined;
  const { clientId, name, responsible } = problem ?? {};
  if (typeof responsible === 'string') return { owner: null, responsible };
  if (typeof clientId === 'number') return { owner: { id: clientId, name: typeof name === 'string' ? name : '' } };
  const found = await call('GET /api/v1/clients', { querystring: { q: value, limit: 1 } }).catch(() => undefined);
  const [owner] = found?.items ?? [];
  return { owner: owner === undefined ? null : { id: owner.id, name: owner.name } };
}

async function attempt(command: () => Promise<ClientCard>): Promise<boolean> {
  setCommandFailure(null);
  try {
    storeCard(await command());
    return true;
  } catch (error) {
    setCommandFailure(failureCode(error));
    return false;
  }
}

export function usePointEdits(card: ClientCard): PointEdits {
  return {
    async add(value) {
      const kind = value.includes('@') ? 'email' : 'phone';
      setCommandFailure(null);
      try {
        const params = { id: card.id };
        storeCard(await call('POST /api/v1/clients/:id/contact-points', { params, body: { kind, value } }));
        return 'added';
      } catch (error) {
        const code = failureCode(error);
        if (code === 'already_taken') return findOwner(error, value);
        setCommandFailure(code);
        return 'failed';
      }
    },
    change: (point, body) =>
      attempt(() => {
        const params = { id: card.id, contactPointId: point.id };
        return call('PATCH /api/v1/clients/:id/contact-points/:contactPointId', { params, body });
      }),
    remove: (point) =>
      attempt(() => {
        const params = { id: card.id, contactPointId: point.id };
        return call('DELETE /api/v1/clients/:id/contact-points/:contactPointId', { params });
      }),
  };
}

/** Says whose it is, with the way there. */
export function PointConflict({ taken }: { readonly taken: PointTaken }) {
  const { t } = useLanguage();
  return (
    <p className={classes.conflict} role="alert" data-testid="point-conflict">
      {taken.owner === null ? (
        taken.responsible === undefined ? (
          t('failure.already_taken')
        ) : (
          t('card.takenUnseen', { name: taken.responsible })
        )
      ) : (
        <>
          {t('card.takenBy')} <Link href={clientPath(taken.owner.id)}>{taken.owner.name || t('pop.noName')}</Link>
        </>
      )}
    </p>
  );
}
