import { Link } from 'wouter';
import classes from './app.module.css';
import { useLanguage } from './i18n/use-language.ts';
import { UserMenu } from './workspace/user-menu.tsx';

/** Instead of a page that this person may not see: the way to his own, and the way out. */
export default function NotForYou() {
  const { t } = useLanguage();
  return (
    <main className={classes.notFound}>
      <h1>{t('app.notForYou')}</h1>
      <Link href="/">{t('app.toWorkspace')}</Link>
      <UserMenu />
    </main>
  );
}
