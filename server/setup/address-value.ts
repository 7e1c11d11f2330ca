import { contactPointOf } from '../clients/client.ts';
import { parsePhoneNumber } from '../clients/phone-number.ts';
import type { MessageChannelName } from '../contract/messages-words.ts';
import { AppError } from '../kernel/errors.ts';
import { wrongField } from './problems.ts';

/** GSM networks take eleven characters of a sender name (3GPP TS 23.040 section 9.1.2.5), and digits alone are no name. */
const senderName = /^(?=.*[A-Za-z])[A-Za-z0-9 ._&-]{2,11}$/;
const shortNumber = /^\d{3,8}$/;
const siteKey = /^[a-z0-9][a-z0-9-]{1,59}$/;

function mailAddress(written: string, field: string): string {
  try {
    return contactPointOf({ kind: 'email', value: written }, '').value;
  } catch (error) {
    if (error instanceof AppError) throw wrongField(field, 'is no e-mail address');
    throw error;
  }
}

function smsSender(written: string, region: string, field: string): string {
  const text = written.trim();
  if (senderName.test(text) || shortNumber.test(text)) return text;
  const { e164 } = parsePhoneNumber(text, region);
  if (e164 === null) throw wrongField(field, 'is no phone number and no sender name');
  return e164;
}

function keyOfSite(written: string, field: string): string {
  const key = written.trim().toLowerCase();
  if (!siteKey.test(key)) throw wrongField(field, 'is no key of a site: letters, digits and dashes');
  return key;
}

/**
 * An address of ours in its one canonical form, from what a person wrote.
 * @param region whose habits decide how bare numbers are read
 * @throws AppError `bad_request` at `field`
 */
export function addressValueOf(
  channel: MessageChannelName,
  written: string,
  { region, field }: { readonly region: string; readonly field: string },
): string {
  if (channel === 'email') return mailAddress(written, field);
  return channel === 'sms' ? smsSender(written, region, field) : keyOfSite(written, field);
}
