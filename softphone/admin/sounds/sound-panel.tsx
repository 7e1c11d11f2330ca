import { Play, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Sound } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { refreshSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';

const audioUrl = ({ id }: Sound): string => `/api/v1/setup/sounds/${id}/audio`;

/** Plays a sound in its row. */
export function SoundPlayer({ sound }: { readonly sound: Sound }) {
  const { say } = useWords();
  const audio = useRef<HTMLAudioElement>(undefined);
  const [isPlaying, setPlaying] = useState(false);
  useEffect(() => () => audio.current?.pause(), []);
  function toggle(): void {
    audio.current?.pause();
    setPlaying(!isPlaying);
    if (isPlaying) return;
    audio.current = new Audio(audioUrl(sound));
    audio.current.onended = () => setPlaying(false);
    audio.current.onerror = () => setPlaying(false);
    audio.current.play().catch(() => setPlaying(false));
  }
  return (
    <button
      type="button"
      className={form.icon}
      aria-label={say('sounds.play', { name: sound.name })}
      aria-pressed={isPlaying}
      onClick={toggle}
    >
      {isPlaying ? <Square size={16} aria-hidden="true" /> : <Play size={16} aria-hidden="true" />}
    </button>
  );
}

/** One sound: its name, and listening to it. */
export function SoundPanel({ sound }: { readonly sound: Sound }) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const { id, name, version } = sound;
  const back = adminPath('sounds');
  const editor = useEditor<{ readonly name: string }>({
    subject: `sound:${id}`,
    title: name,
    path: adminPath('sounds', id),
    current: { name },
    version,
    required: ['name'],
    async save({ values, version: base }) {
      await call('PATCH /api/v1/setup/sounds/:id', { params: { id }, body: { version: base, name: values.name } });
      recordChange({ did: 'changed', name: values.name, kind: 'sound', id });
    },
  });
  async function remove(): Promise<void> {
    await call('DELETE /api/v1/setup/sounds/:id', { params: { id }, querystring: { version } });
    recordChange({ did: 'removed', name, kind: 'sound', id });
    navigate(back);
    await refreshSetup();
  }
  return (
    <SidePanel title={name} back={back}>
      <EditorForm
        editor={editor}
        readOnly={!isAdmin}
        labelOf={() => say('sounds.name')}
        after={
          <>
            {/* biome-ignore lint/a11y/useMediaCaption: what callers hear has no captions */}
            <audio controls preload="none" src={audioUrl(sound)} aria-label={say('sounds.play', { name })} />
            {isAdmin ? (
              <section className={form.part}>
                <div>
                  <ConfirmButton
                    label={say('sounds.remove')}
                    text={say('sounds.removeText', { name })}
                    onConfirm={remove}
                    testId="remove"
                  />
                </div>
              </section>
            ) : null}
          </>
        }
      >
        <TextField label={say('sounds.name')} maxLength={100} testId="sound-name" {...editor.bind('name')} />
      </EditorForm>
    </SidePanel>
  );
}
