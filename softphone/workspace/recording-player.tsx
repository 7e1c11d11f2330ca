import { Pause, Play } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { duration } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { recordingUrl } from '../net/api.ts';
import classes from './timeline.module.css';

const SPEEDS = [1, 1.25, 1.5, 2] as const;

interface RecordingPlayerProps {
  readonly recording: NonNullable<TimelineEntry['recording']>;
}

/** Plays the recording of a call in place; faster speech keeps its pitch. */
export function RecordingPlayer({ recording }: RecordingPlayerProps) {
  const { t } = useLanguage();
  if (recording.state === 'failed') {
    return <p className={classes.recordingNote}>{t('timeline.recording.failed')}</p>;
  }
  if (recording.state === 'recording') {
    return <p className={classes.recordingNote}>{t('timeline.recording.pending')}</p>;
  }
  return <Player recording={recording} />;
}

function Player({ recording }: RecordingPlayerProps) {
  const { t } = useLanguage();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [position, setPosition] = useState(0);
  const [length, setLength] = useState((recording.durationMs ?? 0) / 1000);
  const [speed, setSpeed] = useState<number>(1);
  useEffect(() => {
    if (audio.current !== null) audio.current.playbackRate = speed;
  }, [speed]);
  function toggle(): void {
    const element = audio.current;
    if (element === null) return;
    // refused when the file is gone: the button stays on "play"
    if (element.paused) element.play().catch(() => setPlaying(false));
    else element.pause();
  }
  return (
    <div className={classes.player} data-testid="recording">
      {/* biome-ignore lint/a11y/useMediaCaption: a telephone call has no captions */}
      <audio
        ref={audio}
        src={recordingUrl(recording.id)}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={(event) => setPosition(event.currentTarget.currentTime)}
        onDurationChange={(event) => {
          if (Number.isFinite(event.currentTarget.duration)) setLength(event.currentTarget.duration);
        }}
      />
      <button type="button" onClick={toggle} aria-label={playing ? t('timeline.pause') : t('timeline.play')}>
        {playing ? <Pause size={16} aria-hidden="true" /> : <Play size={16} aria-hidden="true" />}
      </button>
      <input
        type="range"
        min={0}
        max={Math.max(1, length)}
        step={0.1}
        value={position}
        aria-label={t('timeline.position')}
        onChange={(event) => {
          const next = Number(event.currentTarget.value);
          setPosition(next);
          if (audio.current !== null) audio.current.currentTime = next;
        }}
      />
      <span className="num">
        {duration(position * 1000)} / {duration(length * 1000)}
      </span>
      <select
        value={speed}
        aria-label={t('timeline.speed')}
        onChange={(event) => setSpeed(Number(event.currentTarget.value))}
      >
        {SPEEDS.map((value) => (
          <option key={value} value={value}>
            {value}×
          </option>
        ))}
      </select>
    </div>
  );
}
