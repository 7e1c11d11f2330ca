import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import { MessageAnnouncer, OfferAnnouncer, TroubleAnnouncer } from './announcer.tsx';
import { Bar } from './bar.tsx';
import { Card } from './card.tsx';
import { Composer } from './composer.tsx';
import { ContactStrip } from './contact-strip.tsx';
import { Idle } from './idle.tsx';
import { KeyHelp } from './key-help.tsx';
import { SentBar } from './messages/sent-bar.tsx';
import { CardPop, InteractionPop } from './pop.tsx';
import { Reminders } from './reminders.tsx';
import { StartShift } from './start-shift.tsx';
import { TaskForm } from './task-form.tsx';
import { Timeline } from './timeline.tsx';
import { useAlerts, useFlash } from './use-alerts.ts';
import { useKeys } from './use-keys.ts';
import { useLeaveClosedCall, useOpen } from './use-open.ts';
import { WorkList } from './work-list.tsx';
import classes from './workspace-page.module.css';

/** The agent's screen: one window, nothing moves away during a call. */
export default function WorkspacePage() {
  const ready = useWorkspaceStore((store) => store.state !== null);
  const failure = useWorkspaceStore((store) => store.failure);
  const { desk } = useDeskTools();
  const { t } = useLanguage();
  if (ready) return <Workspace />;
  if (failure === null) return <div className={classes.message}>{t('app.loading')}</div>;
  return (
    <main className={classes.message}>
      <p>
        {t('app.failed')}. {t(`failure.${failure}`)}.
      </p>
      <Button onClick={desk.refresh}>{t('app.retry')}</Button>
    </main>
  );
}

function Workspace() {
  const open = useOpen();
  const { desk } = useDeskTools();
  const { t } = useLanguage();
  const failure = useScreenStore((screen) => screen.commandFailure);
  useLeaveClosedCall();
  useAlerts();
  useKeys(open);
  useEffect(() => {
    desk.socket.watchCard(open.clientId ?? null);
  }, [desk, open.clientId]);
  useCloseWarning(open.inStrip !== undefined && open.inStrip.state !== 'wrap_up');

  return (
    <div className={classes.page} data-flash={useFlash()}>
      <Bar open={open} />
      <div className={classes.columns}>
        <WorkList open={open} />
        <main className={classes.center}>
          <ContactStrip interaction={open.inStrip} />
          {failure === null ? null : (
            <div role="alert" className={classes.failure}>
              {t(`failure.${failure}`)}
            </div>
          )}
          <TaskForm />
          <Reminders />
          <Center open={open} />
          <SentBar />
        </main>
        <Card key={open.clientId ?? 0} clientId={open.clientId} />
      </div>
      <OfferAnnouncer />
      <TroubleAnnouncer />
      <MessageAnnouncer />
      <StartShift />
      <KeyHelp />
    </div>
  );
}

function Center({ open }: { readonly open: ReturnType<typeof useOpen> }) {
  if (open.clientId === undefined) return <Idle />;
  return (
    <>
      {open.interaction === undefined ? (
        <CardPop clientId={open.clientId} />
      ) : (
        <InteractionPop key={open.interaction.id} interaction={open.interaction} />
      )}
      <Timeline key={open.clientId} clientId={open.clientId} conversationId={open.conversationId} />
      <Composer interaction={open.interaction} clientId={open.clientId} conversationId={open.conversationId} />
    </>
  );
}

/** Closing the tab during a call leaves the client with music: the browser asks first. */
function useCloseWarning(inCall: boolean): void {
  useEffect(() => {
    if (!inCall) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    globalThis.addEventListener('beforeunload', ask);
    return () => globalThis.removeEventListener('beforeunload', ask);
  }, [inCall]);
}
