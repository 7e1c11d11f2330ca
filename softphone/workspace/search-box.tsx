import { useQuery } from '@tanstack/react-query';
import { Building2, Phone, Plus, Search, Star, Terminal, UserRound } from 'lucide-react';
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { callPath, clientPath } from '../routes.ts';
import { useSettings } from '../state/settings.ts';
import { setCommandFailure } from '../state/stores.ts';
import classes from './search-box.module.css';
import { type SearchItem, searchItems } from './search-items.ts';
import type { Open } from './use-open.ts';
import { usePaletteCommands } from './use-palette-commands.ts';

export const SEARCH_FIELD_ID = 'search-field';
const LIST_ID = 'search-list';
const TYPING_PAUSE_MS = 120;

/** Finds any client by any fragment, dials a pasted number, and runs any command by name. */
export function SearchBox({ open }: { readonly open: Open }) {
  const { t } = useLanguage();
  const [query, setQuery] = useState('');
  const [focused, setFocused] = useState(false);
  const [active, setActive] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const { clients, settled } = useFound(query);
  const recent = useSettings((settings) => settings.recentCards);
  const commands = usePaletteCommands(open);
  const items = useMemo(() => searchItems({ query, clients, recent, commands }), [query, clients, recent, commands]);
  const choose = useChoose(() => {
    setQuery('');
    field.current?.blur();
  });
  const chosen = Math.min(active, Math.max(0, items.length - 1));

  function onKeyDown(event: KeyboardEvent): void {
    const item = items[chosen];
    if (event.key === 'ArrowDown') setActive((chosen + 1) % Math.max(1, items.length));
    else if (event.key === 'ArrowUp') setActive((chosen - 1 + items.length) % Math.max(1, items.length));
    else if (event.key === 'Enter' && item !== undefined) void choose(item);
    else if (event.key === 'Escape') {
      setQuery('');
      field.current?.blur();
    } else return;
    event.preventDefault();
  }
  const shown = focused && (items.length > 0 || query.trim() !== '');
  return (
    <div className={classes.box}>
      <Search size={15} className={classes.glass} aria-hidden="true" />
      <input
        ref={field}
        id={SEARCH_FIELD_ID}
        className={classes.field}
        role="combobox"
        aria-label={t('search.label')}
        aria-expanded={shown}
        aria-controls={LIST_ID}
        aria-activedescendant={shown && items[chosen] !== undefined ? `search-${items[chosen].key}` : undefined}
        aria-autocomplete="list"
        placeholder={t('search.placeholder')}
        value={query}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={onKeyDown}
        data-testid="search"
      />
      <span className={classes.hint} aria-hidden="true">
        /
      </span>
      <div className={classes.panel} hidden={!shown}>
        {query.trim() === '' ? <p>{t('search.recent')}</p> : null}
        <div id={LIST_ID} role="listbox" aria-label={t('search.label')} className={classes.list}>
          {items.map((item, index) => (
            <div
              key={item.key}
              id={`search-${item.key}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              className={classes.item}
              // before the blur closes the list
              onMouseDown={(event) => {
                event.preventDefault();
                void choose(item);
              }}
              onMouseMove={() => setActive(index)}
              data-testid={item.type === 'client' ? 'search-result' : `search-${item.type}`}
            >
              <Item item={item} />
            </div>
          ))}
        </div>
        {settled && items.length === 0 ? <p>{t('search.nothing')}</p> : null}
      </div>
    </div>
  );
}

/** Asks the server after a pause in the typing; the lines of the last answer stay until the next one. */
function useFound(query: string) {
  const text = useDeferredValue(query.trim());
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useQuery({
    queryKey: ['search', asked],
    queryFn: () => call('GET /api/v1/clients', { querystring: { q: asked, limit: 8 } }),
    enabled: asked !== '',
    placeholderData: (before) => before,
    staleTime: 5000,
  });
  const settled = asked === query.trim() && !found.isFetching;
  return { clients: asked === '' ? undefined : settled ? (found.data?.items ?? []) : found.data?.items, settled };
}

function useChoose(done: () => void): (item: SearchItem) => Promise<void> {
  const { commands } = useDeskTools();
  const [, navigate] = useLocation();
  return async (item) => {
    done();
    if (item.type === 'client') navigate(clientPath(item.client.id));
    if (item.type === 'recent') navigate(clientPath(item.card.id));
    if (item.type === 'command') item.command.run();
    if (item.type === 'call') {
      const made = await commands.dial(item.number);
      if (made !== undefined) navigate(callPath(made.id));
    }
    if (item.type === 'create') {
      try {
        const card = await call('POST /api/v1/clients', { body: { kind: 'person', name: item.name } });
        navigate(clientPath(card.id));
      } catch (error) {
        setCommandFailure(failureCode(error));
      }
    }
  };
}

function Item({ item }: { readonly item: SearchItem }) {
  const { t } = useLanguage();
  switch (item.type) {
    case 'call':
      return (
        <>
          <Phone size={15} aria-hidden="true" />
          <b className="num">{t('search.call', { number: item.number })}</b>
        </>
      );
    case 'create':
      return (
        <>
          <Plus size={15} aria-hidden="true" />
          <b>{t('search.create', { name: item.name })}</b>
        </>
      );
    case 'command':
      return (
        <>
          <Terminal size={15} aria-hidden="true" />
          <b>{item.command.text}</b>
        </>
      );
    case 'recent':
      return (
        <>
          <UserRound size={15} aria-hidden="true" />
          <b>{item.card.name || t('pop.noName')}</b>
          <span>{item.card.company}</span>
        </>
      );
    case 'client': {
      const { client } = item;
      const Icon = client.kind === 'company' ? Building2 : UserRound;
      return (
        <>
          <Icon size={15} aria-hidden="true" />
          <b>
            {client.name || t('pop.noName')}
            {client.vip ? <Star size={11} fill="currentColor" aria-label={t('pop.vip')} /> : null}
          </b>
          <span>{client.company}</span>
          <span className={classes.point}>{client.contactPoints[0]?.display || client.contactPoints[0]?.value}</span>
        </>
      );
    }
  }
}
