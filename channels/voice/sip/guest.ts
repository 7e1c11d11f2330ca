/** Logins have no colon: nobody signed in has such an identity. */
const prefix = 'visitor:';

/** Who a visitor's connection is authenticated as. */
export const guestIdentity = (accountId: number, visitorId: string): string => `${prefix}${accountId}:${visitorId}`;

/** A connection that may call and do nothing else. */
export const isGuest = (identity: string | undefined): boolean => identity?.startsWith(prefix) === true;
