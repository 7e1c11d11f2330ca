import { describe, expect, it } from 'vitest';
import { errorAt, failureText, fieldErrorsOf } from '../../../softphone/admin/data/problems.ts';
import { addressesOf, trunkBody } from '../../../softphone/admin/lines/trunk-fields.ts';
import { moved } from '../../../softphone/admin/parts/moved.ts';
import { matches } from '../../../softphone/admin/people/match.ts';
import { adminPath, adminPlaceOf, idOf } from '../../../softphone/admin/place.ts';
import { sayIn } from '../../../softphone/admin/words/translate.ts';
import { translators } from '../../../softphone/i18n/translate.ts';
import { RequestFailure } from '../../../softphone/net/problem.ts';

const english = { say: sayIn.en, t: translators.en };

function failure(code: 'already_taken' | 'bad_request' | 'conflict', more: object): RequestFailure {
  const problem = { type: 'about:blank', title: '', status: 400, code, detail: '', requestId: '', ...more };
  return new RequestFailure(code, 400, { problem });
}

describe('addresses', () => {
  it.each(['/admin', '/admin/people', '/admin/people/7', '/admin/shifts/user-3@2026-01-12'])(
    '%s opens a section',
    (path) => {
      const place = adminPlaceOf(path);
      expect(place === undefined ? undefined : adminPath(place.screen, place.item)).toBe(path);
    },
  );

  it.each(['/admin/nothing', '/admin/people/1/2', '/administration'])('%s opens nothing', (path) => {
    expect(adminPlaceOf(path)).toBeUndefined();
  });

  it('name things by id', () => {
    expect([idOf('7'), idOf('team-2', 'team-'), idOf('new'), idOf('team-2'), idOf('07'), idOf(undefined)]).toEqual([
      7,
      2,
      'new',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('problems', () => {
  it('are shown at the field that they name, and at the field that it is part of', () => {
    const errors = fieldErrorsOf(
      failure('bad_request', { errors: [{ path: 'body/hours/timeZone', message: 'there is no time zone "x"' }] }),
      sayIn.en,
    );
    expect(errorAt(errors, 'hours/timeZone')).toBe('There is no such time zone');
    expect(errorAt(errors, 'hours')).toBe('There is no such time zone');
    expect(errorAt(errors, 'name')).toBeUndefined();
  });

  it('say who has what is taken', () => {
    const taken = failure('already_taken', { errors: [{ path: 'body/login', message: 'belongs to Anna' }] });
    expect(errorAt(fieldErrorsOf(taken, sayIn.en), 'login')).toBe('Taken: Anna');
  });

  it('say what still uses a thing', () => {
    const inUse = failure('conflict', { usedBy: [{ kind: 'line', id: 1, name: 'Sales' }] });
    expect(failureText(inUse, english)).toBe('Not possible: it is used by Sales');
  });

  it('of other kinds keep the words of the app', () => {
    expect(failureText(new RequestFailure('offline', 0), english)).toBe('No connection with the server');
  });
});

describe('a list', () => {
  it('moves one of its items', () => {
    expect(moved([1, 2, 3], 3, 0)).toEqual([3, 1, 2]);
    expect(moved([1, 2, 3], 1, 1)).toEqual([2, 1, 3]);
  });

  it('stays the very same when nothing moves', () => {
    const list = [1, 2];
    expect([moved(list, 1, 0), moved(list, 2, 2), moved(list, 9, 0)]).toEqual([list, list, list]);
    expect(moved(list, 1, -1)).toBe(list);
  });

  it('is searched by every word, ё as е', () => {
    expect(matches('пётр sales', ['Петр Иванов', 'Sales'])).toBe(true);
    expect(matches('петр support', ['Пётр Иванов', 'Sales'])).toBe(false);
    expect(matches('', ['anything'])).toBe(true);
  });
});

describe('a carrier', () => {
  it('has its addresses parted by anything', () => {
    expect(addressesOf(' 192.0.2.1,\n192.0.2.0/24; 192.0.2.1 ')).toEqual(['192.0.2.1', '192.0.2.0/24']);
  });

  it('keeps its password unless another is typed', () => {
    expect(trunkBody({ host: 'sip.example.org', password: '' })).toEqual({ host: 'sip.example.org' });
    expect(trunkBody({ password: 'secret' })).toEqual({ password: 'secret' });
  });
});
