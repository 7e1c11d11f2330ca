import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  type ClientImport,
  type ClientImportChange,
  type ImportDelimiter,
  type ImportField,
  type ImportPreview,
  importDelimiters,
  importEncodings,
  importFields,
  importPolicies,
} from '../../../server/contract/client-imports.ts';
import { call } from '../../net/api.ts';
import { failureText } from '../data/problems.ts';
import { CheckField, SelectField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { RegionField } from '../parts/place-fields.tsx';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { useWords } from '../words/use-words.ts';
import classes from './import.module.css';

const delimiterWords = { ',': 'comma', ';': 'semicolon', '\t': 'tab' } as const satisfies Record<
  ImportDelimiter,
  string
>;

interface ReadPartProps {
  readonly one: ClientImport;
  readonly onChanged: (next: ClientImport) => void;
}

/** How the file is read, with its first rows under it: each change is sent at once and seen at once. */
export function ReadPart({ one, onChanged }: ReadPartProps) {
  const words = useWords();
  const { say } = words;
  const [failure, setFailure] = useState<string>();
  const preview = useQuery({
    queryKey: ['client-imports', one.id, 'preview', one.encoding, one.delimiter, one.hasHeader],
    queryFn: () => call('GET /api/v1/client-imports/:id/preview', { params: { id: one.id } }),
    placeholderData: (held: ImportPreview | undefined) => held,
  });
  async function change(body: ClientImportChange): Promise<void> {
    setFailure(undefined);
    try {
      onChanged(await call('PATCH /api/v1/client-imports/:id', { params: { id: one.id }, body }));
    } catch (error) {
      setFailure(failureText(error, words));
    }
  }
  return (
    <section className={classes.step}>
      <h2>{say('import.step.read')}</h2>
      <div className={classes.options}>
        <SelectField
          label={say('import.encoding')}
          value={one.encoding}
          options={importEncodings.map((value) => ({ value, label: value.toUpperCase() }))}
          onChange={(encoding) => void change({ encoding })}
        />
        <SelectField
          label={say('import.delimiter')}
          value={one.delimiter}
          options={importDelimiters.map((value) => ({
            value,
            label: say(`import.delimiter.${delimiterWords[value]}`),
          }))}
          onChange={(delimiter) => void change({ delimiter })}
        />
        <RegionField
          hint={say('import.regionHint')}
          value={one.region}
          error={undefined}
          onChange={(region) => void change({ region })}
        />
        <SelectField
          label={say('import.onMatch')}
          value={one.onMatch}
          options={importPolicies.map((value) => ({ value, label: say(`import.onMatch.${value}`) }))}
          onChange={(onMatch) => void change({ onMatch })}
          testId="on-match"
        />
      </div>
      <CheckField
        label={say('import.hasHeader')}
        value={one.hasHeader}
        onChange={(hasHeader) => void change({ hasHeader })}
      />
      {failure === undefined ? null : (
        <p role="alert" className={form.error}>
          {failure}
        </p>
      )}
      <WhenLoaded queries={{ preview }}>
        {(data) => (
          <Preview preview={data.preview} mapping={one.mapping} onMap={(mapping) => void change({ mapping })} />
        )}
      </WhenLoaded>
    </section>
  );
}

interface PreviewProps {
  readonly preview: ImportPreview;
  readonly mapping: ClientImport['mapping'];
  readonly onMap: (mapping: ClientImport['mapping']) => void;
}

/** The first rows as they will be read, with a choice above each column. */
function Preview({ preview, mapping, onMap }: PreviewProps) {
  const { say } = useWords();
  const nameOf = (index: number): string =>
    preview.columns[index]?.header || say('import.column', { number: index + 1 });
  function map(index: number, field: ImportField | null): void {
    onMap(preview.columns.map((_, column) => (column === index ? field : (mapping[column] ?? null))));
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <section className={classes.preview} aria-label={say('import.preview')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {preview.columns.map((_, index) => (
              <th key={nameOf(index)} scope="col">
                {nameOf(index)}
              </th>
            ))}
          </tr>
          <tr>
            {preview.columns.map((_, index) => (
              <td key={nameOf(index)}>
                <select
                  className={form.input}
                  aria-label={say('import.columnField', { name: nameOf(index) })}
                  value={mapping[index] ?? ''}
                  data-empty={(mapping[index] ?? null) === null}
                  onChange={(event) => {
                    const { value } = event.currentTarget;
                    map(index, importFields.find((field) => field === value) ?? null);
                  }}
                  data-testid={`map-${index}`}
                >
                  <option value="">{say('import.notImported')}</option>
                  {importFields.map((field) => (
                    <option key={field} value={field}>
                      {say(`import.field.${field}`)}
                    </option>
                  ))}
                </select>
              </td>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other name than their place
            <tr key={at}>
              {preview.columns.map((_, index) => (
                <td key={nameOf(index)} data-unused={(mapping[index] ?? null) === null}>
                  {row[index]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
