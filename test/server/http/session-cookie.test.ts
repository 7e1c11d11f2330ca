import { describe, expect, it } from 'vitest';
import { endedCookie, readToken, sessionCookie } from '../../../server/http/session-cookie.ts';

const expiresAt = new Date(Date.UTC(2026, 1, 11, 9));

describe('session cookie', () => {
  it('is out of reach of scripts and other sites', () => {
    expect(sessionCookie('abc', expiresAt, false)).toBe(
      'switchroom=abc; Path=/; Expires=Wed, 11 Feb 2026 09:00:00 GMT; HttpOnly; SameSite=Lax',
    );
  });

  it('is bound to the host and to TLS over https', () => {
    expect(sessionCookie('abc', expiresAt, true)).toBe(
      '__Host-switchroom=abc; Path=/; Expires=Wed, 11 Feb 2026 09:00:00 GMT; HttpOnly; SameSite=Lax; Secure',
    );
  });

  it('is removed by a date in the past', () => {
    expect(endedCookie(false)).toMatch(/^switchroom=; Path=\/; Expires=Thu, 01 Jan 1970/);
  });

  it.each([
    ['switchroom=abc', false, 'abc'],
    ['theme=dark; switchroom=abc; x=y', false, 'abc'],
    ['xswitchroom=abc', false, undefined],
    ['switchroom=', false, undefined],
    ['', false, undefined],
    [undefined, false, undefined],
    // one that another host of the domain could have set does not count over https
    ['switchroom=abc', true, undefined],
    ['__Host-switchroom=abc', true, 'abc'],
    ['__Host-switchroom=abc', false, undefined],
  ])('is read from "%s" (https %s) as %s', (header, isSecure, expected) => {
    expect(readToken(header, isSecure)).toBe(expected);
  });
});
