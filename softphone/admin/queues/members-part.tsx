import type { SetupUser } from '../../../server/contract/setup-schemas.ts';
import type { Editor } from '../data/use-editor.ts';
import { SelectField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { SortableList } from '../parts/sortable-list.tsx';
import { useWords } from '../words/use-words.ts';
import type { QueueFields } from './queue-fields.ts';

interface MembersPartProps {
  readonly editor: Editor<QueueFields>;
  readonly users: readonly SetupUser[];
}

/** Who serves the queue, in the order of the turn. */
export function MembersPart({ editor, users }: MembersPartProps) {
  const { say } = useWords();
  const { value, onChange, error } = editor.bind('memberIds');
  const nameOf = (id: number): string => {
    const user = users.find((one) => one.id === id);
    if (user === undefined) return String(id);
    return user.disabledAt === null ? user.name : `${user.name} (${say('people.disabled')})`;
  };
  const others = users.filter(({ id, disabledAt }) => disabledAt === null && !value.includes(id));
  return (
    <section className={form.part}>
      <h3>{say('queue.members')}</h3>
      {value.length === 0 ? (
        <p className={form.text}>{say('queue.noMembers')}</p>
      ) : (
        <SortableList
          label={say('queue.members')}
          ids={value}
          nameOf={nameOf}
          onChange={onChange}
          onRemove={(id) => onChange(value.filter((one) => one !== id))}
        />
      )}
      <p className={form.text}>{say('queue.membersHint')}</p>
      {others.length === 0 ? null : (
        <SelectField
          label={say('queue.addMember')}
          value={0}
          error={error}
          options={[
            { value: 0, label: say('queue.choosePerson') },
            ...others.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(id) => (id === 0 ? undefined : onChange([...value, id]))}
          testId="add-member"
        />
      )}
    </section>
  );
}
