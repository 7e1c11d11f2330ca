/** Everything about a card that comes from a wire is cut to these before it is looked at. */
export const clientLimits = {
  /** Characters of a written number that are read; carriers and imports send up to about 100. */
  numberText: 256,
  /** Longest E.164 number (ITU-T E.164 section 6). */
  numberDigits: 15,
  /** Longest number that is taken for a service number or an internal extension. */
  shortDigits: 6,
  extensionDigits: 8,
  /** Ways of cutting a field with words or several numbers that are tried. */
  numberReadings: 16,
  /** Parsed numbers that are remembered. */
  numberCache: 5000,
  /** Longest contact point that is not a number: the name in a SIP address. */
  addressText: 64,
  emailText: 254,
  nameText: 200,
  contactPoints: 50,
  /** Lines of the identity ledger that one card shows. */
  ledgerLines: 200,
  searchWords: 6,
  searchHits: 300,
} as const;
