import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { TaskCheck } from '../../server/contract/tasks-schemas.ts';
import { dayAndTime } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import classes from './task-form.module.css';

interface ShiftCheckProps {
  readonly check: TaskCheck | undefined;
  readonly onTime: (at: string) => void;
  readonly onAssignee: (userId: number) => void;
}

const SHOWN_COLLEAGUES = 4;

/** Whether the time can be kept, and if not, which could be, or by whom. */
export function ShiftCheck({ check, onTime, onAssignee }: ShiftCheckProps) {
  const { t, language } = useLanguage();
  const userId = useWorkspaceStore((store) => store.state?.me.id);
  if (check === undefined) return <p className={classes.check} />;
  const mine = check.assignee.id === userId;
  const { name } = check.assignee;
  const clientTime = check.client?.localTime.slice(-5);
  const ownTime = dayAndTime(check.dueAt, Date.now(), language);
  return (
    <div className={classes.check} data-on-shift={check.onShift} data-testid="task-check">
      {check.onShift ? <CircleCheck size={15} aria-hidden="true" /> : <TriangleAlert size={15} aria-hidden="true" />}
      {check.onShift
        ? mine
          ? t('task.onShift')
          : t('task.onShift.other', { name })
        : mine
          ? t('task.offShift')
          : t('task.offShift.other', { name })}
      {clientTime === undefined || ownTime.endsWith(clientTime) ? null : (
        <span>{t('task.clientTime', { time: clientTime })}</span>
      )}
      {check.onShift ? null : (
        <>
          {check.nearest.length === 0 ? null : <span>{t('task.nearest')}</span>}
          {check.nearest.map((at) => (
            <button key={at} type="button" onClick={() => onTime(at)} data-testid="task-nearest">
              {dayAndTime(at, Date.now(), language)}
            </button>
          ))}
          {check.colleagues.length === 0 ? null : <span>{t('task.colleagues')}</span>}
          {check.colleagues.slice(0, SHOWN_COLLEAGUES).map(({ user }) => (
            <button key={user.id} type="button" onClick={() => onAssignee(user.id)}>
              {user.name}
            </button>
          ))}
        </>
      )}
    </div>
  );
}
