import { Plus, X } from 'lucide-react';
import { channelOfAccount } from '../../../server/contract/messages-words.ts';
import type { SetupQueue } from '../../../server/contract/setup-schemas.ts';
import type { Editor } from '../data/use-editor.ts';
import { CheckField, SelectField, TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { useWords } from '../words/use-words.ts';
import type { AccountFields, AddressFields } from './account-fields.ts';
import classes from './accounts.module.css';

interface AddressesPartProps {
  readonly editor: Editor<AccountFields>;
  readonly queues: readonly SetupQueue[];
}

/** What clients write to, each with the queue that answers. */
export function AddressesPart({ editor, queues }: AddressesPartProps) {
  const { say } = useWords();
  const { addresses, kind } = editor.values;
  const channel = channelOfAccount[kind];
  const change = (index: number, part: Partial<AddressFields>): void =>
    editor.set({
      addresses: addresses.map((address, at) => {
        if (at === index) return { ...address, ...part };
        return part.isDefault === true ? { ...address, isDefault: false } : address;
      }),
    });
  const fresh = { value: '', name: '', queueId: queues[0]?.id ?? 0, isDefault: false };
  return (
    <section className={form.part}>
      <h3>{say('accounts.addresses')}</h3>
      <ol className={classes.addresses}>
        {addresses.map((address, index) => (
          // rows without an id yet have nothing but their place
          <li key={address.id ?? `new-${index}`} className={classes.address}>
            <div className={classes.value}>
              <TextField
                label={say(`address.value.${channel}`)}
                maxLength={320}
                value={address.value}
                error={editor.errorAt(`addresses/${index}/value`)}
                onChange={(value) => change(index, { value })}
                testId={`address-value-${index}`}
              />
              {addresses.length === 1 ? null : (
                <button
                  type="button"
                  className={form.icon}
                  aria-label={say('address.remove', { value: address.value })}
                  onClick={() => editor.set({ addresses: addresses.filter((_, at) => at !== index) })}
                >
                  <X size={16} aria-hidden="true" />
                </button>
              )}
            </div>
            <div className={form.pair}>
              <TextField
                label={say('address.name')}
                maxLength={100}
                value={address.name}
                onChange={(name) => change(index, { name })}
                testId={`address-name-${index}`}
              />
              <SelectField
                label={say('address.queue')}
                options={queues.map(({ id, name }) => ({ value: id, label: name }))}
                value={address.queueId}
                error={editor.errorAt(`addresses/${index}/queueId`)}
                onChange={(queueId) => change(index, { queueId })}
                testId={`address-queue-${index}`}
              />
            </div>
            <CheckField
              label={say('address.default')}
              value={address.isDefault}
              onChange={(isDefault) => change(index, { isDefault })}
            />
          </li>
        ))}
      </ol>
      <div>
        <button
          type="button"
          className={form.quiet}
          onClick={() => editor.set({ addresses: [...addresses, fresh] })}
          data-testid="address-add"
        >
          <Plus size={15} aria-hidden="true" />
          {say('address.add')}
        </button>
      </div>
    </section>
  );
}
