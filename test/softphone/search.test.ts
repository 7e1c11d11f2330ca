import { describe, expect, it } from 'vitest';
import { translators } from '../../softphone/i18n/translate.ts';
import { operationPath } from '../../softphone/net/operation-path.ts';
import { callPath, clientPath, placeOf } from '../../softphone/routes.ts';
import { isDialable } from '../../softphone/workspace/names.ts';
import { searchItems } from '../../softphone/workspace/search-items.ts';
import { timelineRows } from '../../softphone/workspace/timeline-rows.ts';
import { timelineEntry } from './samples.ts';

const command = { id: 'hold', text: 'Hold or resume', run: () => undefined };
const client = {
  id: 3,
  kind: 'person' as const,
  name: 'Алина',
  company: '',
  vip: false,
  responsible: null,
  contactPoints: [],
};
const types = (query: string, clients: Parameters<typeof searchItems>[0]['clients']): string[] =>
  searchItems({ query, clients, recent: [{ id: 1, name: 'Рита', company: '' }], commands: [command] }).map(
    (item) => item.type,
  );

describe('the palette', () => {
  it('offers what was open lately while nothing is typed', () => {
    expect(types('  ', undefined)).toEqual(['recent']);
  });

  it('offers to dial before it offers people', () => {
    expect(types('8 (915) 000-79', [client])).toEqual(['call', 'client']);
  });

  it('finds commands by any part of their name', () => {
    expect(types('RESU', [])).toEqual(['command', 'create']);
  });

  it('offers a new card only when the server found nobody', () => {
    expect(types('Алина', undefined)).toEqual([]);
    expect(types('Алина', [])).toEqual(['create']);
    expect(types('+79150007950', [])).toEqual(['call']);
  });
});

describe('isDialable', () => {
  it.each(['112', '+7 495 000-00-01', '8(495)0000001'])('%s may be dialled', (text) => {
    expect(isDialable(text)).toBe(true);
  });
  it.each(['', '12', 'Анна', '495 abc', '+', '1'.repeat(18)])('"%s" may not', (text) => {
    expect(isDialable(text)).toBe(false);
  });
});

describe('addresses', () => {
  const id = '0195f000-0000-7000-8000-000000000001';

  it('lead back to what they were made of', () => {
    expect(placeOf(clientPath(7))).toEqual({ page: 'workspace', clientId: 7 });
    expect(placeOf(callPath(id))).toEqual({ page: 'workspace', interactionId: id });
  });

  it.each(['/clients/0', '/clients/x', '/clients/7/8', '/calls/1', '/nothing'])('%s is unknown', (path) => {
    expect(placeOf(path)).toEqual({ page: 'unknown' });
  });

  it('of operations are filled in and escaped', () => {
    expect(operationPath('/api/v1/clients/:id/timeline', { params: { id: 'a/b' }, querystring: { kind: 'x&y' } })).toBe(
      '/api/v1/clients/a%2Fb/timeline?kind=x%26y',
    );
    expect(operationPath('/api/v1/clients', { querystring: { q: undefined } })).toBe('/api/v1/clients');
  });
});

describe('rows of a timeline', () => {
  const noon = new Date(2026, 2, 10, 12).getTime();
  const at = (day: number): string => new Date(2026, 2, day, 9).toISOString();

  it('have a line before each day and each entry once', () => {
    const entries = [
      timelineEntry({ id: 'a', at: at(10) }),
      timelineEntry({ id: 'b', at: at(10) }),
      timelineEntry({ id: 'b', at: at(10) }),
      timelineEntry({ id: 'c', at: at(9) }),
      timelineEntry({ id: 'd', at: at(1) }),
    ];
    const rows = timelineRows(entries, noon, { t: translators.en, language: 'en' });
    expect(rows.map((row) => (row.type === 'day' ? row.text : row.key))).toEqual([
      'Today',
      'a',
      'b',
      'Yesterday',
      'c',
      '1 March',
      'd',
    ]);
  });
});
