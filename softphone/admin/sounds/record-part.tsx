import { Button } from '@mantine/core';
import { Mic, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { duration } from '../../i18n/format.ts';
import form from '../parts/form.module.css';
import { useWords } from '../words/use-words.ts';
import { loudnessOf } from './loudness.ts';
import { type Recorder, startRecorder } from './recorder.ts';
import classes from './sounds.module.css';

const TICK_MS = 100;
const LONGEST_MS = 10 * 60_000;

interface RecordPartProps {
  readonly hasDraft: boolean;
  readonly onRecorded: (wav: Blob | undefined) => void;
}

/** The microphone with its level; what was recorded is handed over when it stops. */
export function RecordPart({ hasDraft, onRecorded }: RecordPartProps) {
  const { say } = useWords();
  const { state, start, stop } = useRecorder(onRecorded);
  const isRecording = state.startedAt !== null;
  const fault = { microphone: say('sounds.noMicrophone'), quiet: say('sounds.tooQuiet'), none: undefined }[state.fault];
  return (
    <div className={form.form}>
      <p className={form.text}>
        {say('sounds.how')} {say('sounds.longest')}.
      </p>
      <div className={classes.recorder} data-recording={isRecording}>
        <meter className={classes.meter} min={0} max={1} value={state.level} aria-label={say('sounds.level')} />
        <span role="timer" className="num">
          {isRecording ? say('sounds.isRecording', { time: duration(state.now - (state.startedAt ?? 0)) }) : ''}
        </span>
        {isRecording ? (
          <Button
            size="sm"
            color="var(--danger-fill)"
            leftSection={<Square size={15} aria-hidden="true" />}
            onClick={() => void stop()}
            data-testid="stop-recording"
          >
            {say('sounds.stop')}
          </Button>
        ) : (
          <Button
            size="sm"
            variant={hasDraft ? 'default' : 'filled'}
            leftSection={<Mic size={16} aria-hidden="true" />}
            onClick={() => void start()}
            data-testid="start-recording"
          >
            {say(hasDraft ? 'sounds.again' : 'sounds.start')}
          </Button>
        )}
      </div>
      {fault === undefined ? null : (
        <p role="alert" className={form.error}>
          {fault}
        </p>
      )}
    </div>
  );
}

interface RecorderState {
  readonly startedAt: number | null;
  readonly now: number;
  readonly level: number;
  readonly fault: 'none' | 'microphone' | 'quiet';
}

const idle: RecorderState = { startedAt: null, now: 0, level: 0, fault: 'none' };

function useRecorder(onRecorded: (wav: Blob | undefined) => void) {
  const recorder = useRef<Recorder>(undefined);
  const [state, setState] = useState<RecorderState>(idle);
  async function start(): Promise<void> {
    onRecorded(undefined);
    try {
      recorder.current = await startRecorder();
      const now = Date.now();
      setState({ ...idle, startedAt: now, now });
    } catch {
      // whatever the browser calls it, the person can do one thing: allow or plug in a microphone
      setState({ ...idle, fault: 'microphone' });
    }
  }
  async function stop(): Promise<void> {
    const recording = await recorder.current?.stop();
    recorder.current = undefined;
    if (recording === undefined) return;
    setState({ ...idle, fault: loudnessOf(recording.peakDb) === 'silent' ? 'quiet' : 'none' });
    onRecorded(recording.wav);
  }
  const newest = useRef(stop);
  newest.current = stop;
  const { startedAt } = state;
  useEffect(() => {
    if (startedAt === null) return undefined;
    const timer = setInterval(() => {
      const now = Date.now();
      setState((held) => ({ ...held, now, level: recorder.current?.level() ?? 0 }));
      if (now - startedAt > LONGEST_MS) void newest.current();
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [startedAt]);
  useEffect(() => () => recorder.current?.close(), []);
  return { state, start, stop };
}
