import { type ComponentType, useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { UserMenu } from '../workspace/user-menu.tsx';
import { AccountsScreen } from './accounts/accounts-screen.tsx';
import classes from './admin-page.module.css';
import { AuditScreen } from './audit/audit-screen.tsx';
import { CompanyScreen } from './company/company-screen.tsx';
import { useRights } from './data/use-rights.ts';
import { FailedCount, FailedScreen } from './failed/failed-screen.tsx';
import { HistoryScreen } from './history/history-screen.tsx';
import { ImportScreen } from './import/import-screen.tsx';
import { LastChangeBar } from './last-change-bar.tsx';
import { LinesScreen } from './lines/lines-screen.tsx';
import { MessagingScreen } from './messaging/messaging-screen.tsx';
import { OutcomesScreen } from './outcomes/outcomes-screen.tsx';
import { PeopleScreen } from './people/people-screen.tsx';
import { adminPath, adminPlaceOf, type Screen, type ScreenProps, screens } from './place.ts';
import { QueuesScreen } from './queues/queues-screen.tsx';
import { RulesScreen } from './rules/rules-screen.tsx';
import { ShiftsScreen } from './shifts/shifts-screen.tsx';
import { SoundsScreen } from './sounds/sounds-screen.tsx';
import { StartScreen } from './start/start-screen.tsx';
import { TemplatesScreen } from './templates/templates-screen.tsx';
import { UnsavedList } from './unsaved-list.tsx';
import { useWords } from './words/use-words.ts';

const components: Record<Screen, ComponentType<ScreenProps>> = {
  start: StartScreen,
  people: PeopleScreen,
  shifts: ShiftsScreen,
  lines: LinesScreen,
  queues: QueuesScreen,
  sounds: SoundsScreen,
  outcomes: OutcomesScreen,
  accounts: AccountsScreen,
  templates: TemplatesScreen,
  rules: RulesScreen,
  messaging: MessagingScreen,
  failed: FailedScreen,
  import: ImportScreen,
  history: HistoryScreen,
  audit: AuditScreen,
  company: CompanyScreen,
};

/** What a company sets up by hand, in the order in which a new owner needs it. */
export default function AdminPage() {
  const { say, t } = useWords();
  const { mayRead } = useRights();
  const [path] = useLocation();
  const place = adminPlaceOf(path);
  const title = place === undefined ? say('admin.title') : say(`screen.${place.screen}`);
  useEffect(() => {
    document.title = `${title} · Switchroom`;
    return () => {
      document.title = 'Switchroom';
    };
  }, [title]);
  const Current = place === undefined ? undefined : components[place.screen];
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <b>{say('admin.title')}</b>
        <Link href="/">{t('menu.workspace')}</Link>
        <UserMenu />
      </header>
      <div className={classes.side}>
        <Sections current={place?.screen} />
        <UnsavedList />
      </div>
      <main className={classes.main} id="admin-main">
        {!mayRead ? (
          <p className={classes.refused}>{say('admin.notForYou')}</p>
        ) : Current === undefined ? (
          <p className={classes.refused}>{t('app.notFound')}</p>
        ) : (
          <Current item={place?.item} />
        )}
      </main>
      <LastChangeBar />
    </div>
  );
}

function Sections({ current }: { readonly current: Screen | undefined }) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  return (
    <nav className={classes.nav} aria-label={say('admin.nav')}>
      <ol>
        {screens
          .filter((screen) => isAdmin || screen !== 'audit')
          .map((screen) => (
            <li key={screen}>
              <Link
                href={adminPath(screen)}
                aria-current={screen === current ? 'page' : undefined}
                data-testid={`nav-${screen}`}
              >
                <span>
                  {say(`screen.${screen}`)}
                  {screen === 'failed' ? <FailedCount /> : null}
                </span>
              </Link>
            </li>
          ))}
      </ol>
    </nav>
  );
}
