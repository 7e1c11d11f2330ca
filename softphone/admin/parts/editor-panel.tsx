import { Button } from '@mantine/core';
import { X } from 'lucide-react';
import { type FormEvent, type ReactNode, useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import type { Editor } from '../data/use-editor.ts';
import { useWords } from '../words/use-words.ts';
import { Conflicts } from './conflicts.tsx';
import form from './form.module.css';
import classes from './panel.module.css';

interface SidePanelProps {
  readonly title: string;
  /** Where it closes to. */
  readonly back: string;
  readonly children: ReactNode;
  readonly wide?: boolean;
}

/** A thing beside its list. It takes the focus when it opens; Escape closes it and no edit is lost by that. */
export function SidePanel({ title, back, wide = false, children }: SidePanelProps) {
  const { say } = useWords();
  const [, navigate] = useLocation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    heading.current?.focus();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <aside
      className={classes.panel}
      data-wide={wide}
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) navigate(back);
      }}
      data-testid="panel"
    >
      <header className={classes.head}>
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button type="button" className={form.icon} aria-label={say('act.close')} onClick={() => navigate(back)}>
          <X size={18} aria-hidden="true" />
        </button>
      </header>
      {children}
    </aside>
  );
}

interface EditorFormProps<T extends object> {
  readonly editor: Editor<T>;
  readonly isNew?: boolean;
  readonly readOnly?: boolean;
  /** What a field is called, for conflicts. */
  readonly labelOf: (field: keyof T & string) => string;
  readonly wordsOf?: (field: keyof T & string, value: unknown) => string;
  readonly children: ReactNode;
  /** Above the fields: what must not be overlooked. */
  readonly before?: ReactNode;
  /** Under the fields: things that are done at once. */
  readonly after?: ReactNode;
}

/** A form over an editor: fields, conflicts, what went wrong, and Save, which is always in sight. */
export function EditorForm<T extends object>(props: EditorFormProps<T>) {
  const { editor, isNew = false, readOnly = false, labelOf, wordsOf, children, before, after } = props;
  const { say } = useWords();
  function submit(event: FormEvent): void {
    event.preventDefault();
    void editor.submit();
  }
  return (
    <form className={classes.body} onSubmit={submit} noValidate>
      <div className={classes.scroll}>
        {readOnly ? <p className={classes.readOnly}>{say('admin.readOnly')}</p> : null}
        {before}
        <fieldset className={form.form} disabled={readOnly}>
          {children}
        </fieldset>
        {after}
      </div>
      <Conflicts editor={editor} labelOf={labelOf} wordsOf={wordsOf} />
      {readOnly ? null : (
        <footer className={classes.foot}>
          <span role="alert" className={form.error}>
            {editor.failure}
          </span>
          {editor.isDirty ? (
            <Button variant="default" size="xs" onClick={editor.discard} data-testid="discard">
              {say('act.discard')}
            </Button>
          ) : null}
          <Button
            type="submit"
            size="xs"
            loading={editor.isBusy}
            disabled={(!editor.isDirty && !isNew) || editor.conflicts.length > 0}
            data-testid="save"
          >
            {isNew ? say('act.add') : say('act.save')}
          </Button>
        </footer>
      )}
    </form>
  );
}
