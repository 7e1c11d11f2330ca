/** Numbers and names on this wire: type of number and numbering plan, SMPP 3.4 sections 5.2.5 and 5.2.6. */

const ton = { unknown: 0, international: 1, networkSpecific: 3, alphanumeric: 5 } as const;
const npi = { unknown: 0, isdn: 1 } as const;

/** Short numbers have at most so many digits. */
const shortNumberDigits = 6;

export interface AddressFields {
  readonly ton: number;
  readonly npi: number;
  readonly address: string;
}

/** A sender of ours: E.164, a short number, or a name of letters (TON 5). */
export function senderFields(address: string, senderTon: number | undefined): AddressFields {
  const digits = address.replace(/^\+/, '');
  if (!/^\d+$/.test(digits)) return { ton: senderTon ?? ton.alphanumeric, npi: npi.unknown, address };
  const isShort = !address.startsWith('+') && digits.length <= shortNumberDigits;
  return { ton: senderTon ?? (isShort ? ton.networkSpecific : ton.international), npi: npi.isdn, address: digits };
}

/** A recipient in E.164. */
export const recipientFields = (address: string): AddressFields => ({
  ton: ton.international,
  npi: npi.isdn,
  address: address.replace(/^\+/, ''),
});

/** As the wire wrote it, with the plus that an international number has without saying so. */
export const wireNumber = (address: string, typeOfNumber: number): string =>
  typeOfNumber === ton.international && /^\d/.test(address) ? `+${address}` : address;

/** For comparing numbers of one wire with each other. */
export const plainNumber = (address: string): string => address.replace(/^\+?0*/, '').toLowerCase();
