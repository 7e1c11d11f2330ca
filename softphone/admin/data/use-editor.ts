import { useEffect, useRef, useState } from 'react';
import { failureCode } from '../../net/problem.ts';
import { useWords } from '../words/use-words.ts';
import { dropDraft, keepDraft, useDrafts } from './drafts.ts';
import { changedFields, type Edit, type FieldConflict, isSame, rebase } from './edits.ts';
import { errorAt, type FieldErrors, failureText, fieldErrorsOf } from './problems.ts';
import { refreshSetup } from './queries.ts';

export interface EditorOptions<T extends object> {
  /** Names the draft: `queue:3`, `queue:new`. */
  readonly subject: string;
  readonly title: string;
  readonly path: string;
  /** The fields as the server has them now; of a new thing, how the form begins. */
  readonly current: T;
  readonly version: number;
  /** Sends the changed fields (of a new thing: all are in `values`). A throw keeps the edit. */
  readonly save: (edit: { readonly change: Partial<T>; readonly values: T; readonly version: number }) => Promise<void>;
  /** Fields that must not be empty. */
  readonly required?: readonly (keyof T & string)[];
}

/** One field, as the input components take it. */
export interface Binding<V> {
  readonly value: V;
  readonly onChange: (value: V) => void;
  readonly error: string | undefined;
}

export interface Editor<T extends object> {
  readonly values: T;
  readonly isDirty: boolean;
  readonly isBusy: boolean;
  readonly failure: string | undefined;
  readonly conflicts: readonly FieldConflict<T>[];
  set(change: Partial<T>): void;
  bind<K extends keyof T & string>(field: K): Binding<T[K]>;
  /** A field holds text that is no value yet; nothing is saved until it is mended. */
  block(field: string, message: string | undefined): void;
  errorAt(field: string): string | undefined;
  resolve(field: keyof T & string, keep: 'mine' | 'theirs'): void;
  submit(): Promise<void>;
  discard(): void;
}

/**
 * Editing one thing: a draft that outlives the screen, conflicts with colleagues, errors at their fields. The component
 * that calls it needs the subject for its key.
 */
export function useEditor<T extends object>(options: EditorOptions<T>): Editor<T> {
  const { subject, title, path, current, version } = options;
  const words = useWords();
  const edit = useDrafts((store) => store.drafts.get(subject)) as Edit<T> | undefined;
  const { values, conflicts } = edit === undefined ? { values: current, conflicts: [] } : rebase(edit, current);
  const state = useSaveState();

  const keep = (base: T, draft: T): void => {
    if (isSame(base, draft)) dropDraft(subject);
    else keepDraft(subject, { base, draft, title, path });
  };
  function set(change: Partial<T>): void {
    state.clear(Object.keys(change));
    keep(edit?.base ?? current, { ...(edit?.draft ?? current), ...change });
  }
  function resolve(field: keyof T & string, whose: 'mine' | 'theirs'): void {
    if (edit === undefined) return;
    const base = { ...edit.base, [field]: current[field] };
    keep(base, whose === 'mine' ? edit.draft : { ...edit.draft, [field]: current[field] });
  }
  async function submit(): Promise<void> {
    const missing = (options.required ?? []).filter((field) => values[field] === '' || values[field] === null);
    const wrong = new Map(missing.map((field) => [field, words.say('problem.field.required')]));
    if (wrong.size > 0) return state.fail(wrong, undefined);
    if (state.blocked.size > 0 || conflicts.length > 0 || state.isBusy) return;
    state.begin();
    try {
      await options.save({ change: changedFields(current, values), values, version });
      dropDraft(subject);
      state.end();
      await refreshSetup();
    } catch (error) {
      state.fail(fieldErrorsOf(error, words.say), failureText(error, words));
      if (failureCode(error) === 'stale_version') state.retryAfter(version);
      await refreshSetup();
    }
  }
  useRetry({
    version,
    staleVersion: state.staleVersion,
    isClear: conflicts.length === 0,
    submit,
    forget: state.forgetRetry,
  });

  return {
    values,
    isDirty: edit !== undefined,
    isBusy: state.isBusy,
    failure: state.failure,
    conflicts,
    set,
    bind: (field) => ({
      value: values[field],
      onChange: (value) => set({ [field]: value } as unknown as Partial<T>),
      error: errorAt(state.errors, field),
    }),
    block: state.block,
    errorAt: (field) => errorAt(state.errors, field),
    resolve,
    submit,
    discard() {
      dropDraft(subject);
      state.end();
    },
  };
}

/** A colleague changed other fields only: the edit is saved on top of his, once. */
function useRetry({
  version,
  staleVersion,
  isClear,
  submit,
  forget,
}: {
  readonly version: number;
  readonly staleVersion: number | null;
  readonly isClear: boolean;
  readonly submit: () => Promise<void>;
  readonly forget: () => void;
}): void {
  const again = useRef(submit);
  again.current = submit;
  useEffect(() => {
    if (staleVersion === null || version === staleVersion) return;
    forget();
    if (isClear) void again.current();
  }, [version, staleVersion, isClear, forget]);
}

const noErrors: FieldErrors = new Map();

/** What is known of the last attempt to save. */
function useSaveState() {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [errors, setErrors] = useState<FieldErrors>(noErrors);
  const [staleVersion, setStaleVersion] = useState<number | null>(null);
  const blocked = useRef(new Map<string, string>());
  const [forgetRetry] = useState(() => () => setStaleVersion(null));
  return {
    isBusy,
    failure,
    errors,
    staleVersion,
    blocked: blocked.current,
    forgetRetry,
    retryAfter: setStaleVersion,
    block(field: string, message: string | undefined): void {
      if (message === undefined) blocked.current.delete(field);
      else blocked.current.set(field, message);
    },
    begin(): void {
      setBusy(true);
      setFailure(undefined);
      setErrors(noErrors);
    },
    end(): void {
      setBusy(false);
      setFailure(undefined);
      setErrors(noErrors);
    },
    fail(wrong: FieldErrors, text: string | undefined): void {
      setBusy(false);
      setErrors(wrong);
      setFailure(text);
    },
    /** A field that was touched is no longer known to be wrong. */
    clear(fields: readonly string[]): void {
      if (errors.size === 0) return;
      setErrors(
        new Map(
          [...errors].filter(([path]) => !fields.some((field) => path === field || path.startsWith(`${field}/`))),
        ),
      );
    },
  };
}
