import { useEffect, useState } from 'react';
import frame from '../demo/demo-page.module.css';
import { phoneNumber } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { showLanguage } from '../state/settings.ts';
import { Handset, useClientPhone } from './handset.tsx';
import { type Invitation, readInvitation } from './invitation.ts';

/** The telephone of a visitor of a site: its chat opened this window, and it calls at once. */
export default function VisitorPage() {
  const { t, language } = useLanguage();
  const [invitation] = useState(() => readInvitation(location));
  const asked = invitation?.language ?? null;
  useEffect(() => {
    // the ticket is used now: it need not stay in the history
    history.replaceState(null, '', location.pathname + location.search);
    if (asked !== null) showLanguage(asked);
  }, [asked]);
  return (
    <main className={frame.page}>
      <div className={frame.phone}>
        <h1>{t('visitor.title')}</h1>
        {invitation === null ? (
          <p className={frame.problem} data-testid="visitor-problem">
            {t('visitor.again')}
          </p>
        ) : (
          <Calling invitation={invitation} />
        )}
        <div className={frame.foot}>
          <span />
          <button type="button" onClick={() => showLanguage(language === 'ru' ? 'en' : 'ru')}>
            {language === 'ru' ? 'English' : 'Русский'}
          </button>
        </div>
      </div>
    </main>
  );
}

function Calling({ invitation }: { readonly invitation: Invitation }) {
  const { t } = useLanguage();
  const { path, line } = invitation;
  const { audio, phone, view } = useClientPhone(path);
  useEffect(() => {
    // a moment later: an effect that is undone at once must not have used the ticket
    const timer = setTimeout(
      () => void phone.current?.call({ caller: 'visitor', number: line, realm: location.hostname }),
    );
    return () => clearTimeout(timer);
  }, [phone, line]);
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: a telephone call has no captions */}
      <audio ref={audio} autoPlay hidden />
      <p className={frame.text}>{t(view.state === 'ended' ? 'visitor.again' : 'visitor.text')}</p>
      <Handset name="visitor" phone={phone} view={view} to={t('demo.to', { line: phoneNumber(line) })} />
    </>
  );
}
