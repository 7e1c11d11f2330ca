import { lazy, Suspense } from 'react';
import { Link, useLocation } from 'wouter';
import classes from './app.module.css';
import { useLanguage } from './i18n/use-language.ts';
import { placeOf } from './routes.ts';
import { SignedIn } from './signed-in.tsx';

// the demo page must not wait for the workspace's code, nor the other way round
const DemoPage = lazy(() => import('./demo/demo-page.tsx'));
const VisitorPage = lazy(() => import('./visitor/visitor-page.tsx'));
const WorkspacePage = lazy(() => import('./workspace/workspace-page.tsx'));
const SupervisorPage = lazy(() => import('./supervisor/supervisor-page.tsx'));
const AdminPage = lazy(() => import('./admin/admin-page.tsx'));
const NotForYou = lazy(() => import('./not-for-you.tsx'));

const pages = { admin: AdminPage, supervisor: SupervisorPage, workspace: WorkspacePage } as const;

function Loading() {
  const { t } = useLanguage();
  return <div className={classes.loading}>{t('app.loading')}</div>;
}

function NotFound() {
  const { t } = useLanguage();
  return (
    <main className={classes.notFound}>
      <h1>{t('app.notFound')}</h1>
      <Link href="/">{t('app.toWorkspace')}</Link>
    </main>
  );
}

function CurrentPage() {
  const [path] = useLocation();
  const place = placeOf(path);
  switch (place.page) {
    case 'demo':
      return <DemoPage />;
    case 'visitor':
      return <VisitorPage />;
    case 'unknown':
      return <NotFound />;
    // one element for all of them, so that going from one to another keeps the phone and the calls
    case 'admin':
    case 'supervisor':
    case 'workspace':
      return <SignedIn page={pages[place.page]} forAgents={place.page === 'workspace'} refusal={NotForYou} />;
  }
}

/** The pages of the app. The address says what is open, so a reload or a link brings back the same card or call. */
export function App() {
  return (
    <Suspense fallback={<Loading />}>
      <CurrentPage />
    </Suspense>
  );
}
