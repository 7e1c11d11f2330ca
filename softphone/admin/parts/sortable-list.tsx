import { VisuallyHidden } from '@mantine/core';
import { ArrowDown, ArrowUp, GripVertical, X } from 'lucide-react';
import { type DragEvent, type KeyboardEvent, type ReactNode, useState } from 'react';
import { useWords } from '../words/use-words.ts';
import form from './form.module.css';
import { moved } from './moved.ts';
import classes from './sortable-list.module.css';

interface SortableListProps {
  readonly label: string;
  readonly ids: readonly number[];
  readonly nameOf: (id: number) => string;
  /** What a row shows besides its place; the name by default. */
  readonly row?: (id: number) => ReactNode;
  readonly onChange: (ids: readonly number[]) => void;
  readonly onRemove?: (id: number) => void;
  readonly disabled?: boolean;
}

/** An order that is changed by buttons, by Alt with an arrow key, or by dragging; each move is said aloud. */
export function SortableList({ label, ids, nameOf, row, onChange, onRemove, disabled = false }: SortableListProps) {
  const { say } = useWords();
  const [said, setSaid] = useState('');
  const [dragged, setDragged] = useState<number>();

  function move(id: number, to: number): void {
    const next = moved(ids, id, to);
    if (next === ids) return;
    onChange(next);
    setSaid(say('move.done', { name: nameOf(id), place: next.indexOf(id) + 1, count: ids.length }));
  }
  function onKeyDown(event: KeyboardEvent, id: number, index: number): void {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(id, index + (event.key === 'ArrowUp' ? -1 : 1));
  }
  function onDragOver(event: DragEvent, index: number): void {
    if (dragged === undefined) return;
    event.preventDefault();
    move(dragged, index);
  }
  return (
    <>
      <ol className={classes.list} aria-label={label}>
        {ids.map((id, index) => (
          <li
            key={id}
            className={classes.item}
            draggable={!disabled}
            data-dragged={dragged === id}
            onDragStart={() => setDragged(id)}
            onDragEnd={() => setDragged(undefined)}
            onDragOver={(event) => onDragOver(event, index)}
            onKeyDown={(event) => onKeyDown(event, id, index)}
            data-testid={`sortable-${id}`}
          >
            <GripVertical size={14} aria-hidden="true" className={classes.grip ?? ''} />
            <span className={classes.place} aria-hidden="true">
              {index + 1}
            </span>
            <span className={classes.name}>{row?.(id) ?? nameOf(id)}</span>
            <button
              type="button"
              className={form.icon}
              aria-label={say('act.up', { name: nameOf(id) })}
              title="Alt+↑"
              disabled={disabled || index === 0}
              onClick={() => move(id, index - 1)}
            >
              <ArrowUp size={15} aria-hidden="true" />
            </button>
            <button
              type="button"
              className={form.icon}
              aria-label={say('act.down', { name: nameOf(id) })}
              title="Alt+↓"
              disabled={disabled || index === ids.length - 1}
              onClick={() => move(id, index + 1)}
            >
              <ArrowDown size={15} aria-hidden="true" />
            </button>
            {onRemove === undefined ? null : (
              <button
                type="button"
                className={form.icon}
                aria-label={say('act.takeOut', { name: nameOf(id) })}
                disabled={disabled}
                onClick={() => onRemove(id)}
              >
                <X size={15} aria-hidden="true" />
              </button>
            )}
          </li>
        ))}
      </ol>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </>
  );
}
