import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFields, isSame, rebase } from '../../../softphone/admin/data/edits.ts';

const base = { name: 'Sales', ringSeconds: 15, memberIds: [1, 2] };

describe('rebase', () => {
  it('keeps my change over what a colleague left alone', () => {
    const edit = { base, draft: { ...base, name: 'Sales Moscow' } };
    expect(rebase(edit, base)).toEqual({ values: { ...base, name: 'Sales Moscow' }, conflicts: [] });
  });

  it('takes over what a colleague changed elsewhere', () => {
    const edit = { base, draft: { ...base, name: 'Sales Moscow' } };
    const { values, conflicts } = rebase(edit, { ...base, ringSeconds: 30 });
    expect(values).toEqual({ name: 'Sales Moscow', ringSeconds: 30, memberIds: [1, 2] });
    expect(conflicts).toEqual([]);
  });

  it('names both values where we changed the same field', () => {
    const edit = { base, draft: { ...base, memberIds: [2, 1] } };
    const { conflicts } = rebase(edit, { ...base, memberIds: [1, 2, 3] });
    expect(conflicts).toEqual([{ field: 'memberIds', mine: [2, 1], theirs: [1, 2, 3] }]);
  });

  it('sees no conflict where we wrote the same', () => {
    const edit = { base, draft: { ...base, name: 'Support' } };
    expect(rebase(edit, { ...base, name: 'Support' }).conflicts).toEqual([]);
  });
});

describe('changedFields', () => {
  it('is what makes the old into the new', () => {
    const fields = fc.record({ a: fc.jsonValue(), b: fc.jsonValue(), c: fc.jsonValue() });
    fc.assert(
      fc.property(fields, fields, (from, to) => {
        expect(isSame({ ...from, ...changedFields(from, to) }, to)).toBe(true);
      }),
    );
  });

  it('does not count the order of members, nor a member that is undefined', () => {
    expect(changedFields({ hours: { a: 1, b: [] } }, { hours: { b: [], a: 1, c: undefined } })).toEqual({});
  });

  it('counts the order of a list', () => {
    expect(changedFields({ ids: [1, 2] }, { ids: [2, 1] })).toEqual({ ids: [2, 1] });
  });
});
