/** Over https the name's prefix makes browsers refuse a cookie that another host or path could have set (RFC 6265bis section 4.1.3). */
const cookieName = (isSecure: boolean): string => (isSecure ? '__Host-switchroom' : 'switchroom');

const setCookie = (value: string, expiresAt: Date, isSecure: boolean): string =>
  `${cookieName(isSecure)}=${value}; Path=/; Expires=${expiresAt.toUTCString()}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;

/** The session token of a Cookie header, or undefined. */
export function readToken(header: string | undefined, isSecure: boolean): string | undefined {
  const wanted = `${cookieName(isSecure)}=`;
  const pairs = header?.split(';', 100).map((pair) => pair.trim());
  return pairs?.find((pair) => pair.startsWith(wanted))?.slice(wanted.length) || undefined;
}

/** Set-Cookie for a new session. The token's alphabet needs no escapes. */
export const sessionCookie = (token: string, expiresAt: Date, isSecure: boolean): string =>
  setCookie(token, expiresAt, isSecure);

/** Set-Cookie that removes it. */
export const endedCookie = (isSecure: boolean): string => setCookie('', new Date(0), isSecure);
