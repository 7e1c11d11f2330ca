/**
 * A digit in a SIP INFO body, as old gateways send it: `application/dtmf-relay` ("Signal=5") or `application/dtmf` ("5").
 * undefined: not a digit.
 */
export function digitOfInfo(contentType: string, body: Buffer): string | undefined {
  const text = body.subarray(0, 200).toString('latin1');
  const found = /^application\/dtmf-relay/i.test(contentType)
    ? /^\s*signal\s*=\s*([0-9a-d*#])/im.exec(text)
    : /^application\/dtmf/i.test(contentType)
      ? /^\s*([0-9a-d*#])\s*$/i.exec(text)
      : null;
  return found?.[1]?.toUpperCase();
}
