import { describe, expect, it } from 'vitest';
import { canRebase, unknownCallerEdit } from '../../softphone/state/card-change.ts';
import { readSettings, withRecentCard } from '../../softphone/state/own-settings.ts';
import { withEntry } from '../../softphone/state/timeline-pages.ts';
import { colleague, pop, timelineEntry } from './samples.ts';

const { card } = pop();

describe('an edit of a card that changed meanwhile', () => {
  it('is repeated when a colleague changed another field', () => {
    expect(canRebase({ name: 'Новая' }, card, { ...card, company: 'Вектор', version: 4 })).toBe(true);
  });

  it('is given up when he changed the same field', () => {
    expect(canRebase({ name: 'Новая' }, card, { ...card, name: 'Другая', version: 4 })).toBe(false);
    expect(canRebase({ responsibleId: null }, card, { ...card, responsible: colleague })).toBe(false);
    expect(canRebase({ tags: ['опт'] }, card, { ...card, tags: ['vip'] })).toBe(false);
  });
});

describe('the fields of a new caller', () => {
  const unknown = { ...card, kind: 'unknown' as const, name: '+7 915 000-79-50' };

  it('make a person of a named caller', () => {
    expect(unknownCallerEdit(unknown, { name: ' Пётр ', company: '', source: '' })).toEqual({
      name: 'Пётр',
      kind: 'person',
    });
  });

  it('save a company without a name, and nothing when nothing was typed', () => {
    expect(unknownCallerEdit(unknown, { name: '', company: 'Вектор', source: '' })).toEqual({ company: 'Вектор' });
    expect(unknownCallerEdit(unknown, { name: '', company: '', source: '' })).toBeUndefined();
  });

  it('do not blank a name that is known', () => {
    expect(unknownCallerEdit(card, { name: '', company: '', source: '' })).toBeUndefined();
  });
});

describe('pages of a timeline', () => {
  const older = timelineEntry({ id: 'old', at: '2026-03-01T10:00:00Z' });
  const newer = timelineEntry({ id: 'new', at: '2026-03-02T10:00:00Z' });
  const pages = [
    { items: [newer], before: 'x' },
    { items: [older], before: null },
  ];

  it('replace an entry where it is', () => {
    const changed = { ...older, note: 'x' };
    expect(withEntry(pages, changed)[1]?.items).toEqual([changed]);
    expect(withEntry(pages, changed)[0]?.items).toEqual([newer]);
  });

  it('put a new entry on top', () => {
    const now = timelineEntry({ id: 'now', at: '2026-03-03T10:00:00Z' });
    expect(withEntry(pages, now)[0]?.items.map(({ id }) => id)).toEqual(['now', 'new']);
  });

  it('begin with it when there was none', () => {
    expect(withEntry([], newer)).toEqual([{ items: [newer], before: null }]);
  });
});

describe('settings from the server', () => {
  it('fall back to the default when they are not what they should be', () => {
    expect(readSettings({ singleKeys: 'no', ringVolume: 7, recentCards: [{ id: 'x' }, null] })).toMatchObject({
      singleKeys: true,
      ringVolume: 0.6,
      recentCards: [],
    });
  });

  it('keep each card once, the last one first, and not too many', () => {
    const cards = Array.from({ length: 12 }, (_, id) => ({ id, name: `n${id}`, company: '' }));
    let recent: ReturnType<typeof withRecentCard> = [];
    for (const one of cards) recent = withRecentCard(recent, one);
    expect(recent.map(({ id }) => id)).toEqual([11, 10, 9, 8, 7, 6, 5, 4]);
    const again = withRecentCard(recent, { id: 8, name: 'n8', company: '' });
    expect(again.map(({ id }) => id)).toEqual([8, 11, 10, 9, 7, 6, 5, 4]);
    expect(withRecentCard(again, { id: 8, name: 'n8', company: '' })).toBe(again);
  });
});
