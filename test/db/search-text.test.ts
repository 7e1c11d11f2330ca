import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchText } from '../../server/clients/search-text.ts';

const card = { name: '', company: '', position: '', contactPoints: [] };

describe('searchText', () => {
  it('holds names in lower case, phones as digits and e-mails, one a line', () => {
    const text = searchText({
      name: 'Анна  Белова',
      company: 'ООО «Вектор»',
      position: '',
      contactPoints: [
        { kind: 'phone', value: '+79160001234' },
        { kind: 'email', value: 'A.Belova@vektor.example' },
      ],
    });
    expect(text).toBe('анна белова\nооо «вектор»\n79160001234\na.belova@vektor.example');
  });

  it('never lets one field look like two', () => {
    expect(searchText({ ...card, name: 'Anna\nBell' })).toBe('anna bell');
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, company) => {
        expect(searchText({ ...card, name, company }).split('\n').length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('has no empty lines', () => {
    expect(searchText({ ...card, position: 'CEO', contactPoints: [{ kind: 'phone', value: '' }] })).toBe('ceo');
    expect(searchText(card)).toBe('');
  });
});
