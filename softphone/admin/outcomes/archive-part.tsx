import { Button } from '@mantine/core';
import { ConfirmButton } from '../parts/confirm.tsx';
import form from '../parts/form.module.css';
import { useWords } from '../words/use-words.ts';

interface ArchivePartProps {
  readonly isArchived: boolean;
  readonly text: string;
  readonly onSet: (archived: boolean) => Promise<void>;
}

/** Out of the list that agents choose from, and back. */
export function ArchivePart({ isArchived, text, onSet }: ArchivePartProps) {
  const { say } = useWords();
  return (
    <section className={form.part}>
      <div>
        {isArchived ? (
          <Button size="xs" variant="default" onClick={() => void onSet(false)} data-testid="bring-back">
            {say('act.bringBack')}
          </Button>
        ) : (
          <ConfirmButton label={say('act.archive')} text={text} onConfirm={() => onSet(true)} testId="archive" />
        )}
      </div>
    </section>
  );
}
