import { expect, test } from 'vitest';
import { readInvitation } from '../../softphone/visitor/invitation.ts';

const good = { search: '?account=7&line=%2B74950000001&language=ru', hash: '#a-b_c' };

test('an invitation says where to connect, whom to call and in which language', () => {
  expect(readInvitation(good)).toEqual({
    path: '/sip?account=7&ticket=a-b_c',
    line: '+74950000001',
    language: 'ru',
  });
  expect(readInvitation({ ...good, search: good.search.replace('ru', 'de') })).toMatchObject({ language: null });
});

test.each([
  ['no ticket', { ...good, hash: '' }],
  ['no account', { ...good, search: '?line=%2B74950000001' }],
  ['a number that is none', { ...good, search: '?account=7&line=sales' }],
])('%s is no invitation', (_what, address) => {
  expect(readInvitation(address)).toBeNull();
});
