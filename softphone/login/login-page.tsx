import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import type { Me } from '../../server/contract/schemas.ts';
import { useDemo } from '../demo/use-demo.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { type FailureCode, failureCode } from '../net/problem.ts';
import { showLanguage } from '../state/settings.ts';
import classes from './login-page.module.css';

interface LoginPageProps {
  readonly onSignedIn: (me: Me) => void;
}

/** The sign-in form: the first thing that anybody sees. */
export function LoginPage({ onSignedIn }: LoginPageProps) {
  const { t, language } = useLanguage();
  const hasDemo = useDemo().isSuccess;
  const [failure, setFailure] = useState<FailureCode>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailure(undefined);
    try {
      const body = { login: String(form.get('login')), password: String(form.get('password')) };
      onSignedIn(await call('POST /api/v1/session', { body }));
    } catch (error) {
      setFailure(failureCode(error));
      setBusy(false);
    }
  }

  return (
    <main className={classes.page}>
      <form className={classes.form} onSubmit={submit}>
        <div className={classes.brand}>
          <img src="/icon.svg" alt="" width={36} height={36} />
          <h1>{t('app.name')}</h1>
        </div>
        <TextInput
          name="login"
          label={t('login.login')}
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          maxLength={128}
          data-testid="login"
        />
        <PasswordInput
          name="password"
          label={t('login.password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          maxLength={1024}
          data-testid="password"
        />
        <div role="alert" className={classes.failure}>
          {failure === undefined ? null : t(`failure.${failure}`)}
        </div>
        <Button type="submit" loading={busy} fullWidth size="md" data-testid="sign-in">
          {t('login.submit')}
        </Button>
        <div className={classes.foot}>
          {hasDemo ? <Link href="/demo">{t('login.demo')}</Link> : <span />}
          <button type="button" onClick={() => showLanguage(language === 'ru' ? 'en' : 'ru')}>
            {language === 'ru' ? 'English' : 'Русский'}
          </button>
        </div>
      </form>
    </main>
  );
}
