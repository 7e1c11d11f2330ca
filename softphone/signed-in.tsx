import { useQuery } from '@tanstack/react-query';
import { type ComponentType, lazy } from 'react';
import type { Me } from '../server/contract/schemas.ts';
import classes from './app.module.css';
import { useLanguage } from './i18n/use-language.ts';
import { LoginPage } from './login/login-page.tsx';
import { call } from './net/api.ts';
import { failureCode } from './net/problem.ts';
import { queryClient } from './state/cards.ts';
import { applySettings } from './state/settings.ts';

// the phone and the sockets are not needed for the sign-in form
const DeskOwner = lazy(() => import('./desk-owner.tsx'));

const SESSION_KEY = ['session'];

/** `undefined` while asking, null = nobody is signed in. */
function useSession() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: async (): Promise<Me | null> => {
      try {
        return await call('GET /api/v1/session');
      } catch (error) {
        if (failureCode(error) === 'not_signed_in') return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: 5,
  });
}

interface SignedInProps {
  readonly page: ComponentType;
  /** Others than supervisors and administrators see it too. */
  readonly forAgents: boolean;
  /** What they see instead. */
  readonly refusal: ComponentType;
}

/** Shows the sign-in form, or the page with a live desk behind it. */
export function SignedIn({ page, forAgents, refusal }: SignedInProps) {
  const session = useSession();
  const { t } = useLanguage();
  if (session.isPending) return <div className={classes.loading}>{t('app.loading')}</div>;
  if (session.isError) return <div className={classes.loading}>{t(`failure.${failureCode(session.error)}`)}</div>;
  if (session.data === null) {
    return (
      <LoginPage
        onSignedIn={(me) => {
          applySettings(me);
          queryClient.setQueryData(SESSION_KEY, me);
        }}
      />
    );
  }
  return (
    <DeskOwner
      key={session.data.id}
      me={session.data}
      page={forAgents || session.data.role !== 'agent' ? page : refusal}
      onLeave={() => queryClient.setQueryData(SESSION_KEY, null)}
    />
  );
}
