import { Button } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import { useLocation } from 'wouter';
import type { Sound } from '../../../server/contract/setup-schemas.ts';
import { sendFile } from '../../net/send-file.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { failureText } from '../data/problems.ts';
import { refreshSetup } from '../data/queries.ts';
import { SidePanel } from '../parts/editor-panel.tsx';
import { TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import panel from '../parts/panel.module.css';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { RecordPart } from './record-part.tsx';
import { looksLikeWav } from './wav.ts';

const HEAD_BYTES = 64;

/** Sound that is not saved yet, wherever it is from. */
interface Draft {
  readonly wav: Blob;
  readonly url: string;
}

/** A sound from the microphone or from a file: heard first, then named and saved. */
export function NewSoundPanel({ how }: { readonly how: 'record' | 'upload' }) {
  const words = useWords();
  const { say } = words;
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [draft, setDraft] = useDraft();
  async function save(): Promise<void> {
    if (draft === undefined || name.trim() === '') return;
    setBusy(true);
    setFailure(undefined);
    try {
      const path = `/api/v1/setup/sounds?name=${encodeURIComponent(name.trim())}`;
      const sound = await sendFile<Sound>({ method: 'POST', path, body: draft.wav, type: 'audio/wav' });
      recordChange({ did: 'created', name: sound.name, kind: 'sound', id: sound.id });
      await refreshSetup();
      openMade(navigate, adminPath('sounds', how), adminPath('sounds', sound.id));
    } catch (error) {
      setFailure(failureText(error, words));
      setBusy(false);
    }
  }
  return (
    <SidePanel title={say('sounds.new')} back={adminPath('sounds')}>
      <form
        className={panel.body}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div className={panel.scroll}>
          {how === 'record' ? (
            <RecordPart hasDraft={draft !== undefined} onRecorded={setDraft} />
          ) : (
            <FilePart onFile={setDraft} onName={(file) => setName((held) => (held === '' ? file : held))} />
          )}
          {draft === undefined ? null : (
            <>
              <h3 className={form.text}>{say('sounds.listen')}</h3>
              {/* biome-ignore lint/a11y/useMediaCaption: what callers hear has no captions */}
              <audio controls src={draft.url} aria-label={say('sounds.listen')} data-testid="draft-audio" />
            </>
          )}
          <TextField label={say('sounds.name')} value={name} maxLength={100} onChange={setName} testId="sound-name" />
        </div>
        <footer className={panel.foot}>
          <span role="alert" className={form.error}>
            {failure}
          </span>
          <Button
            type="submit"
            size="xs"
            loading={isBusy}
            disabled={draft === undefined || name.trim() === ''}
            data-testid="save"
          >
            {say('act.save')}
          </Button>
        </footer>
      </form>
    </SidePanel>
  );
}

function useDraft(): [Draft | undefined, (wav: Blob | undefined) => void] {
  const [draft, setDraft] = useState<Draft>();
  useEffect(
    () => () => {
      if (draft !== undefined) URL.revokeObjectURL(draft.url);
    },
    [draft],
  );
  return [draft, (wav) => setDraft(wav === undefined ? undefined : { wav, url: URL.createObjectURL(wav) })];
}

interface FilePartProps {
  readonly onFile: (wav: Blob | undefined) => void;
  readonly onName: (name: string) => void;
}

function FilePart({ onFile, onName }: FilePartProps) {
  const { say } = useWords();
  const id = useId();
  const [fault, setFault] = useState<string>();
  async function take(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    const isWav = looksLikeWav(await file.slice(0, HEAD_BYTES).arrayBuffer());
    setFault(isWav ? undefined : say('sounds.notWav'));
    onFile(isWav ? file : undefined);
    if (isWav) onName(file.name.replace(/\.wav$/i, ''));
  }
  return (
    <div className={form.field}>
      <label htmlFor={id}>{say('sounds.chooseFile')}</label>
      <input
        id={id}
        type="file"
        accept=".wav,audio/wav,audio/x-wav"
        className={form.input}
        onChange={(event) => void take(event.currentTarget.files?.[0])}
        data-testid="sound-file"
      />
      {fault === undefined ? null : (
        <span role="alert" className={form.error}>
          {fault}
        </span>
      )}
    </div>
  );
}
