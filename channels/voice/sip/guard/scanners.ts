/** Tools that look for open SIP servers name themselves; an answer would only encourage them. */
const scannerNames =
  /friendly-scanner|friendly-request|sipvicious|sipcli|sip-scan|sundayddr|iwar|vaxsipuseragent|smap|pplsip|eyebeam-scan|sipptk/i;

export const isScanner = (userAgent: string | undefined): boolean =>
  userAgent !== undefined && scannerNames.test(userAgent);
