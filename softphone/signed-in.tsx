import { useQuery } from '@tanstack/react-query';
import { type ComponentType, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Me, QueueView } from '../server/contract/schemas.ts';
import classes from './app.module.css';
import { DeskContext, type DeskTools } from './desk-context.ts';
import { useLanguage } from './i18n/use-language.ts';
import { LoginPage } from './login/login-page.tsx';
import { call, onSignedOut } from './net/api.ts';
import { failureCode } from './net/problem.ts';
import { callPath } from './routes.ts';
import { queryClient } from './state/cards.ts';
import { createCommands } from './state/commands.ts';
import { openDesk } from './state/desk.ts';
import { applySettings } from './state/settings.ts';

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
}

/** Shows the sign-in form, or the page with a live desk behind it. */
export function SignedIn({ page }: SignedInProps) {
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
  return <DeskOwner key={session.data.id} me={session.data} page={page} />;
}

/** Opens the desk for as long as this person is signed in, whatever page he looks at. */
function DeskOwner({ me, page: Page }: { readonly me: Me } & SignedInProps) {
  const tools = useDesk(me);
  if (tools === undefined) return null;
  return (
    <DeskContext value={tools}>
      <Page />
    </DeskContext>
  );
}

function useDesk(me: Me): DeskTools | undefined {
  const [, navigate] = useLocation();
  const [tools, setTools] = useState<DeskTools>();
  // the desk outlives many renders: it must always reach the newest navigate, and must not be opened twice for it
  const go = useRef(navigate);
  go.current = navigate;
  const person = useRef(me);

  useEffect(() => {
    applySettings(person.current);
    const leave = (): void => {
      queryClient.setQueryData(SESSION_KEY, null);
      go.current('/');
    };
    const opened = openTools(person.current, leave, (id) => go.current(callPath(id)));
    onSignedOut(leave);
    setTools(opened);
    return () => {
      setTools(undefined);
      opened.desk.close().catch(() => undefined);
    };
  }, []);
  return tools;
}

function openTools(me: Me, leave: () => void, onOffer: (interactionId: string) => void): DeskTools {
  const queueListeners = new Set<(queues: readonly QueueView[]) => void>();
  const desk = openDesk({
    me,
    onSignedOut: leave,
    onOffer,
    onQueues: (queues) => {
      for (const listener of queueListeners) listener(queues);
    },
  });
  return {
    desk,
    commands: createCommands(desk),
    watchQueues(listener) {
      queueListeners.add(listener);
      desk.socket.watchQueues(true);
      return () => {
        queueListeners.delete(listener);
        if (queueListeners.size === 0) desk.socket.watchQueues(false);
      };
    },
    async signOut() {
      await call('DELETE /api/v1/session').catch(() => undefined);
      leave();
    },
  };
}
