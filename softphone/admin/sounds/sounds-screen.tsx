import { Button } from '@mantine/core';
import { Mic, Upload } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { Sound } from '../../../server/contract/setup-schemas.ts';
import { dayMonth, duration } from '../../i18n/format.ts';
import { useSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import list from '../parts/list.module.css';
import { Mark } from '../parts/mark.tsx';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, idOf, type ScreenProps } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { loudnessOf, loudnessTones } from './loudness.ts';
import { NewSoundPanel } from './new-sound-panel.tsx';
import { SoundPanel, SoundPlayer } from './sound-panel.tsx';

/** What callers hear. */
export function SoundsScreen({ item }: ScreenProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const sounds = useSetup('GET /api/v1/setup/sounds');
  const openId = idOf(item);
  const sound = sounds.data?.items.find(({ id }) => id === openId);
  return (
    <div className={list.screen}>
      <div className={list.main}>
        <header className={list.head}>
          <h1>{say('screen.sounds')}</h1>
          {isAdmin ? (
            <>
              <Button
                size="xs"
                leftSection={<Mic size={15} aria-hidden="true" />}
                onClick={() => navigate(adminPath('sounds', 'record'))}
                data-testid="record"
              >
                {say('sounds.record')}
              </Button>
              <Button
                size="xs"
                variant="default"
                leftSection={<Upload size={15} aria-hidden="true" />}
                onClick={() => navigate(adminPath('sounds', 'upload'))}
                data-testid="upload"
              >
                {say('sounds.upload')}
              </Button>
            </>
          ) : null}
        </header>
        <p className={list.text}>{say('sounds.text')}</p>
        <WhenLoaded queries={{ sounds }}>
          {(data) => <SoundTable sounds={data.sounds.items} openId={openId} />}
        </WhenLoaded>
      </div>
      {sound === undefined ? null : <SoundPanel key={sound.id} sound={sound} />}
      {isAdmin && (item === 'record' || item === 'upload') ? <NewSoundPanel key={item} how={item} /> : null}
    </div>
  );
}

function SoundTable({ sounds, openId }: { readonly sounds: readonly Sound[]; readonly openId: unknown }) {
  const { say, language } = useWords();
  if (sounds.length === 0) return <p className={list.empty}>{say('sounds.none')}</p>;
  return (
    <table className={list.table}>
      <thead>
        <tr>
          <th scope="col">{say('sounds.name')}</th>
          <th scope="col">{say('sounds.length')}</th>
          <th scope="col" className={list.minor}>
            {say('sounds.loudness')}
          </th>
          <th scope="col">{say('sounds.usedBy')}</th>
          <th scope="col" aria-label={say('sounds.listen')} />
        </tr>
      </thead>
      <tbody>
        {sounds.map((sound) => {
          const loudness = loudnessOf(sound.peakDb);
          return (
            <tr key={sound.id} data-open={sound.id === openId}>
              <th scope="row">
                <Link href={adminPath('sounds', sound.id)}>{sound.name}</Link>
                <br />
                <small>
                  {say('sounds.madeBy', {
                    name: sound.createdBy?.name ?? '',
                    date: dayMonth(sound.createdAt, Date.now(), language),
                  })}
                </small>
              </th>
              <td className="num">{duration(sound.durationMs)}</td>
              <td className={list.minor}>
                <Mark tone={loudnessTones[loudness]}>{say(`sounds.${loudness}`)}</Mark>
              </td>
              <td>
                {sound.usedBy.length === 0
                  ? say('sounds.unused')
                  : sound.usedBy.map(({ queue, as }) => say(`sounds.as.${as}`, { queue: queue.name })).join('; ')}
              </td>
              <td style={{ position: 'relative', zIndex: 1 }}>
                <SoundPlayer sound={sound} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
