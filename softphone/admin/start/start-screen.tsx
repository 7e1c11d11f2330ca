import { ArrowRight, Circle, CircleAlert, CircleCheck, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Checklist } from '../../../server/contract/setup-schemas.ts';
import type { ChecklistState } from '../../../server/contract/setup-words.ts';
import { dayAndTime } from '../../i18n/format.ts';
import { useSetup } from '../data/queries.ts';
import { spanText } from '../parts/hours-text.ts';
import list from '../parts/list.module.css';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, type Screen } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import classes from './start-screen.module.css';
import { TestCall } from './test-call.tsx';

/** Phones and calls of others turn steps by themselves. */
const REFETCH_MS = 4000;
const HOLES_SHOWN = 5;

type Step = keyof Checklist;
const steps: readonly Step[] = ['adminPassword', 'people', 'coverage', 'lines', 'greeting', 'browserPhone', 'testCall'];
/** For those who want it: calls work without. */
const optionalSteps: readonly Step[] = ['mailbox', 'sms'];

interface Door {
  readonly screen: Screen;
  readonly item?: string | number | undefined;
}

const accountOf = ({ state, accounts }: Checklist['mailbox']): string | number | undefined =>
  state === 'open' ? 'new' : accounts[0]?.id;

/** Where the next thing of a step is done; undefined: right here. */
function doorOf(step: Step, checklist: Checklist): Door | undefined {
  const { adminPassword, people, coverage, lines, greeting } = checklist;
  switch (step) {
    case 'adminPassword':
      return { screen: 'people', item: adminPassword.withFirstPassword[0]?.id };
    case 'people':
      return { screen: people.withoutQueue.length + people.queuesWithoutMembers.length > 0 ? 'queues' : 'people' };
    case 'coverage':
      return coverage.state === 'open' ? { screen: 'shifts' } : { screen: 'shifts', item: 'coverage' };
    case 'lines':
      return { screen: 'lines', item: lines.trunksNotReady.map(({ id }) => `trunk-${id}`)[0] };
    case 'greeting':
      return { screen: greeting.state === 'done' ? 'queues' : 'sounds' };
    case 'browserPhone':
      return { screen: 'people' };
    case 'mailbox':
    case 'sms':
      return { screen: 'accounts', item: accountOf(checklist[step]) };
    case 'testCall':
      return undefined;
  }
}

const icons: Record<ChecklistState, LucideIcon> = { done: CircleCheck, open: Circle, warning: CircleAlert };

/** What is still missing before the first call, and where it is mended. */
export function StartScreen() {
  const { say } = useWords();
  const checklist = useSetup('GET /api/v1/setup/checklist', undefined, REFETCH_MS);
  return (
    <div className={list.main}>
      <header className={list.head}>
        <h1>{say('screen.start')}</h1>
      </header>
      <WhenLoaded queries={{ checklist }}>{(data) => <Steps checklist={data.checklist} />}</WhenLoaded>
    </div>
  );
}

function Steps({ checklist }: { readonly checklist: Checklist }) {
  const { say } = useWords();
  const done = steps.filter((step) => checklist[step].state === 'done').length;
  return (
    <>
      <p className={list.text}>
        {say('start.title')}.{' '}
        {done === steps.length ? say('start.ready') : say('start.progress', { done, count: steps.length })}
      </p>
      <StepList steps={steps} checklist={checklist} />
      <h2 className={classes.optional}>{say('start.optional')}</h2>
      <StepList steps={optionalSteps} checklist={checklist} />
    </>
  );
}

interface StepListProps {
  readonly steps: readonly Step[];
  readonly checklist: Checklist;
}

function StepList({ steps, checklist }: StepListProps) {
  const { say } = useWords();
  return (
    <ol className={classes.steps}>
      {steps.map((step) => {
        const { state } = checklist[step];
        const door = doorOf(step, checklist);
        const Icon = icons[state];
        return (
          <li key={step} className={classes.step} data-state={state} data-testid={`step-${step}`}>
            <Icon size={22} aria-hidden="true" className={classes.icon ?? ''} />
            <div>
              <h2>{say(`step.${step}`)}</h2>
              <StepText step={step} checklist={checklist} />
            </div>
            <span className={classes.state}>{say(`step.${state}`)}</span>
            {door === undefined ? (
              <TestCall />
            ) : (
              <Link className={classes.go ?? ''} href={adminPath(door.screen, door.item)}>
                {say('step.go', { screen: say(`screen.${door.screen}`) })}
                <ArrowRight size={15} aria-hidden="true" />
              </Link>
            )}
          </li>
        );
      })}
    </ol>
  );
}

const namesOf = (things: readonly { readonly name: string }[]): string => things.map(({ name }) => name).join(', ');

function StepText({ step, checklist }: { readonly step: Step; readonly checklist: Checklist }): ReactNode {
  const { say, language } = useWords();
  const at = (instant: string): string => dayAndTime(instant, Date.now(), language);
  switch (step) {
    case 'adminPassword': {
      const { withFirstPassword } = checklist.adminPassword;
      if (withFirstPassword.length === 0) return <p>{say('step.adminPassword.done')}</p>;
      return <p>{say('step.adminPassword.missing', { names: namesOf(withFirstPassword) })}</p>;
    }
    case 'people':
      return <PeopleText people={checklist.people} />;
    case 'coverage':
      return <CoverageText coverage={checklist.coverage} />;
    case 'lines': {
      const { lines, trunksNotReady } = checklist.lines;
      return (
        <>
          <p>{lines === 0 ? say('step.lines.none') : say('step.lines.count', { count: lines })}</p>
          {trunksNotReady.length === 0 ? null : <p>{say('step.lines.trunks', { names: namesOf(trunksNotReady) })}</p>}
        </>
      );
    }
    case 'greeting': {
      const { queuesWithout, state } = checklist.greeting;
      if (queuesWithout.length === 0 && state !== 'done') return <p>{say('step.greeting.none')}</p>;
      if (queuesWithout.length === 0) return <p>{say('step.greeting.done')}</p>;
      return <p>{say('step.greeting.missing', { names: namesOf(queuesWithout) })}</p>;
    }
    case 'browserPhone': {
      const { firstAt, user } = checklist.browserPhone;
      if (firstAt === null) return <p>{say('step.browserPhone.missing')}</p>;
      return <p>{say('step.browserPhone.done', { at: at(firstAt), name: user?.name ?? '' })}</p>;
    }
    case 'mailbox':
    case 'sms': {
      const { accounts, state } = checklist[step];
      if (state === 'open') return <p>{say(`step.${step}.none`)}</p>;
      return <p>{say(state === 'done' ? 'step.account.up' : 'step.account.down', { names: namesOf(accounts) })}</p>;
    }
    case 'testCall': {
      const { passedAt, user } = checklist.testCall;
      if (passedAt === null) return <p>{say('step.testCall.missing')}</p>;
      return <p>{say('step.testCall.done', { at: at(passedAt), name: user?.name ?? '' })}</p>;
    }
  }
}

function PeopleText({ people }: { readonly people: Checklist['people'] }) {
  const { say } = useWords();
  const { agents, onQueues, withoutQueue, withoutSchedule, queuesWithoutMembers } = people;
  return (
    <>
      <p>{agents === 0 ? say('step.people.none') : say('step.people.done', { count: agents, onQueues })}</p>
      {withoutQueue.length === 0 ? null : <p>{say('step.people.withoutQueue', { names: namesOf(withoutQueue) })}</p>}
      {withoutSchedule.length === 0 ? null : (
        <p>{say('step.people.withoutSchedule', { names: namesOf(withoutSchedule) })}</p>
      )}
      {queuesWithoutMembers.length === 0 ? null : (
        <p>{say('step.people.queues', { names: namesOf(queuesWithoutMembers) })}</p>
      )}
    </>
  );
}

function CoverageText({ coverage }: { readonly coverage: Checklist['coverage'] }) {
  const { say, language } = useWords();
  const { onShiftNow, holes, state } = coverage;
  const zone = useSetup('GET /api/v1/setup/company').data?.timeZone ?? 'UTC';
  if (state === 'open') return <p>{say('step.coverage.noShifts')}</p>;
  return (
    <>
      <p>
        {onShiftNow.length === 0
          ? say('step.coverage.nobody')
          : say('step.coverage.now', { names: namesOf(onShiftNow) })}{' '}
        {holes.length === 0 ? say('step.coverage.none') : say('step.coverage.holes', { count: holes.length })}
      </p>
      {holes.length === 0 ? null : (
        <ul>
          {holes.slice(0, HOLES_SHOWN).map(({ queue, startsAt, endsAt }) => (
            <li key={`${queue.id} ${startsAt}`}>
              {say('step.coverage.hole', {
                queue: queue.name,
                span: spanText(Date.parse(startsAt), Date.parse(endsAt), zone, language),
              })}
            </li>
          ))}
          {holes.length > HOLES_SHOWN ? (
            <li>{say('step.coverage.moreHoles', { count: holes.length - HOLES_SHOWN })}</li>
          ) : null}
        </ul>
      )}
    </>
  );
}
