import { Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { SetupTemplate } from '../../../server/contract/setup-message-schemas.ts';
import { useSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import { TextField } from '../parts/field.tsx';
import list from '../parts/list.module.css';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, idOf, type ScreenProps } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { TemplatePanel } from './template-panel.tsx';
import classes from './templates.module.css';

/** Texts that agents write with. */
export function TemplatesScreen({ item }: ScreenProps) {
  const templates = useSetup('GET /api/v1/setup/message-templates');
  return (
    <WhenLoaded queries={{ templates }}>
      {(data) => <Templates item={item} templates={data.templates.items} />}
    </WhenLoaded>
  );
}

interface TemplatesProps {
  readonly item: string | undefined;
  readonly templates: readonly SetupTemplate[];
}

function Templates({ item, templates }: TemplatesProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const [search, setSearch] = useState('');
  const openId = idOf(item);
  const template = templates.find(({ id }) => id === openId);
  const sought = search.trim().toLowerCase();
  const found = templates.filter(({ name, shortcut, body }) =>
    [name, shortcut, body].some((text) => text.toLowerCase().includes(sought)),
  );
  const inOrder = found.toSorted((one, other) => Number(one.archived) - Number(other.archived));
  return (
    <div className={list.screen}>
      <div className={list.main}>
        <header className={list.head}>
          <h1>{say('screen.templates')}</h1>
          {isAdmin ? (
            <Button
              size="xs"
              leftSection={<Plus size={15} aria-hidden="true" />}
              onClick={() => navigate(adminPath('templates', 'new'))}
              data-testid="add-new"
            >
              {say('templates.add')}
            </Button>
          ) : null}
        </header>
        <p className={list.text}>{say('templates.text')}</p>
        {templates.length === 0 ? (
          <p className={list.empty}>{say('templates.none')}</p>
        ) : (
          <>
            <div className={list.search}>
              <TextField label={say('list.search')} type="search" value={search} onChange={setSearch} />
            </div>
            {inOrder.length === 0 ? (
              <p className={list.empty}>{say('list.nothing')}</p>
            ) : (
              <TemplateTable templates={inOrder} openId={openId} />
            )}
          </>
        )}
      </div>
      {template !== undefined || openId === 'new' ? (
        <TemplatePanel key={`template-${openId}`} template={template} />
      ) : null}
    </div>
  );
}

function TemplateTable({ templates, openId }: Pick<TemplatesProps, 'templates'> & { readonly openId: unknown }) {
  const { say } = useWords();
  return (
    <table className={list.table}>
      <thead>
        <tr>
          <th scope="col">{say('field.name')}</th>
          <th scope="col">{say('template.shortcut')}</th>
          <th scope="col" className={list.minor}>
            {say('template.channel')}
          </th>
          <th scope="col" className={list.minor}>
            {say('template.body')}
          </th>
        </tr>
      </thead>
      <tbody>
        {templates.map(({ id, name, shortcut, channel, body, archived }) => (
          <tr key={id} data-open={id === openId} data-faded={archived}>
            <th scope="row">
              <Link href={adminPath('templates', id)}>{name}</Link>
              {archived ? <small> ({say('templates.archived')})</small> : null}
            </th>
            <td>::{shortcut}</td>
            <td className={list.minor}>{say(channel === null ? 'channel.every' : `channel.${channel}`)}</td>
            <td className={list.minor}>
              <span className={classes.body}>{body}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
