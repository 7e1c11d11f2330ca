import { contactPointOf } from '../clients/client.ts';
import { parsePhoneNumber } from '../clients/phone-number.ts';
import type { MailAddress } from '../contract/messages-schemas.ts';
import type { MessageChannelName } from '../contract/messages-words.ts';
import { AppError } from '../kernel/errors.ts';

/** What an address of a channel is called on a card and in consents. */
export const kindOf = { sms: 'phone', email: 'email', chat: 'visitor' } as const satisfies Record<
  MessageChannelName,
  string
>;

/**
 * An address of a channel in its canonical form: E.164, lower-case e-mail, a visitor's key as it is.
 * @param region whose habits decide how bare numbers are read
 * @throws AppError `invalid_number`, `invalid_email`
 */
export function canonicalAddress(channel: MessageChannelName, written: string, region: string): string {
  if (channel === 'chat') return written;
  if (channel === 'email') return contactPointOf({ kind: 'email', value: written }, region).value;
  const { e164, reason } = parsePhoneNumber(written, region);
  if (e164 === null)
    throw new AppError('invalid_number', `"${written}" takes no short messages: ${reason}`, { details: { reason } });
  return e164;
}

/**
 * Recipients in canonical form, each once.
 * @throws AppError `invalid_number`, `invalid_email`
 */
export function canonicalAddresses(
  channel: MessageChannelName,
  written: readonly MailAddress[],
  region: string,
): MailAddress[] {
  const byAddress = new Map<string, MailAddress>();
  for (const { address, name } of written) {
    const canonical = canonicalAddress(channel, address, region);
    if (!byAddress.has(canonical)) byAddress.set(canonical, { address: canonical, name: name.trim() });
  }
  return [...byAddress.values()];
}
