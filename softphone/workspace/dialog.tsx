import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './dialog.module.css';

interface DialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly size: number;
  readonly onClose: () => void;
  /** Without it there is no closing cross; Escape closes all the same. */
  readonly closeLabel?: string;
  readonly children: ReactNode;
}

/** A modal window with a name. Put together by hand: the ready-made one has a `header`, which would be a second banner. */
export function Dialog({ opened, title, size, onClose, closeLabel, children }: DialogProps) {
  return (
    <Modal.Root opened={opened} onClose={onClose} size={size} centered closeOnClickOutside={closeLabel !== undefined}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body p={24}>
          <div className={classes.head}>
            <Modal.Title className={classes.title ?? ''}>{title}</Modal.Title>
            {closeLabel === undefined ? null : <Modal.CloseButton aria-label={closeLabel} />}
          </div>
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
