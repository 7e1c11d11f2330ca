import { describe, expect, it } from 'vitest';
import { limits } from '../../../server/access/limits.ts';
import { hashPassword, nobodysHash, verifyPassword } from '../../../server/access/password.ts';

/** From the tests of the argon2 reference implementation (phc-winner-argon2, src/test.c), version 0x13. */
const vectors = [
  ['password', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
  ['password', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  ['password', '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc'],
  ['differentpassword', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94'],
] as const;

describe('passwords', () => {
  it.each(vectors)('knows the reference hash of %s: %s', async (password, hash) => {
    expect(await verifyPassword(password, hash)).toBe(true);
    expect(await verifyPassword(`${password}x`, hash)).toBe(false);
  });

  it('hashes with the costs that are stored beside the hash, and a new salt each time', async () => {
    const [one, two] = await Promise.all([hashPassword('секрет'), hashPassword('секрет')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword('секрет', one)).toBe(true);
    expect(await verifyPassword('Секрет', one)).toBe(false);
  });

  it('takes a letter of one code point and the same of two for the same', async () => {
    const hash = await hashPassword('caf\u00e9');
    expect(await verifyPassword('cafe\u0301', hash)).toBe(true);
  });

  it.each([
    '',
    'password',
    '$2b$10$abcdefghijklmnopqrstuv',
    '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=4,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  ])('lets nobody in by the hash %j', async (hash) => {
    expect(await verifyPassword('password', hash)).toBe(false);
  });

  it('has a hash that fits nothing, at the same costs', async () => {
    expect(nobodysHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword('', nobodysHash)).toBe(false);
  });

  it('lets only so many wait', async () => {
    const [, cheap] = vectors[1];
    const places = limits.passwordHashesAtOnce + limits.passwordHashesWaiting;
    const checks = Array.from({ length: places + 3 }, () => verifyPassword('password', cheap));
    const settled = await Promise.allSettled(checks);
    expect(settled.filter((one) => one.status === 'fulfilled' && one.value)).toHaveLength(places);
    const refused = settled.filter((one) => one.status === 'rejected').map((one) => one.reason);
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({ code: 'overloaded', retryable: true });
    expect(await verifyPassword('password', cheap)).toBe(true);
  });
});
