/** What an administrator sets for an account of this channel, and what is wrong with it, in words. */

/** Not secret. The names are those of the settings screen. */
export interface SmppSettings {
  readonly host: string;
  readonly port: number;
  /** TLS with a certificate that the machine trusts. */
  readonly tls: boolean;
  /** As the provider says; usually empty. */
  readonly systemType: string;
  /** Default `transceiver`: one connection for both directions. */
  readonly bind: 'transceiver' | 'transmitter' | 'receiver';
  /** Unanswered submissions at once. Default 10. */
  readonly window: number;
  /** Segments a second that the contract allows. Default 30. */
  readonly perSecond: number;
  /** How long messages leave: cut by us, or whole for the SMSC to cut. Default `udh`. */
  readonly longMessages: 'udh' | 'payload';
  /** Type of number of the sender, when the provider wants another than its look tells. */
  readonly senderTon?: number;
}

export interface SmppSecrets {
  readonly systemId: string;
  readonly password: string;
}

export interface TwilioSettings {
  /** `AC...` */
  readonly accountSid: string;
  /** `MG...`: the Messaging Service that chooses the number and keeps to the rules of countries. */
  readonly messagingServiceSid?: string;
  /** Where the API is, for tests and gateways; absent = Twilio. */
  readonly apiBase?: string;
}

export interface TwilioSecrets {
  readonly authToken: string;
}

/** Values as they should be, or what is wrong, in English, one sentence for each setting. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: string[] };

/** Reads settings of unknown origin one by one and gathers complaints. */
function createReader(input: unknown) {
  const source: Record<string, unknown> = typeof input === 'object' && input !== null ? { ...input } : {};
  const errors: string[] = [];
  const complain = <T>(message: string, value: T): T => {
    errors.push(message);
    return value;
  };
  return {
    errors,
    text(name: string, maxLength: number, fallback?: string): string {
      const value = source[name] ?? fallback;
      if (typeof value !== 'string') return complain(`${name} is missing.`, '');
      if (value.length > maxLength) return complain(`${name} has more than ${maxLength} characters.`, '');
      if (value.trim() === '' && fallback === undefined) return complain(`${name} is empty.`, '');
      return value.trim();
    },
    number(name: string, [least, most]: readonly [number, number], fallback?: number): number {
      const value = source[name] ?? fallback;
      if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
      return complain(`${name} must be a whole number from ${least} to ${most}.`, least);
    },
    yesNo(name: string, fallback: boolean): boolean {
      const value = source[name] ?? fallback;
      return typeof value === 'boolean' ? value : complain(`${name} must be true or false.`, fallback);
    },
    oneOf<T extends string>(name: string, words: readonly [T, ...T[]]): T {
      const value = source[name] ?? words[0];
      return words.find((word) => word === value) ?? complain(`${name} must be one of ${words.join(', ')}.`, words[0]);
    },
    has: (name: string): boolean => source[name] !== undefined && source[name] !== null && source[name] !== '',
    pattern(name: string, pattern: RegExp, what: string): string {
      const value = source[name];
      return typeof value === 'string' && pattern.test(value) ? value : complain(`${name} must be ${what}.`, '');
    },
  };
}

const result = <T>(errors: string[], value: T): Checked<T> =>
  errors.length > 0 ? { ok: false, errors } : { ok: true, value };

/** Lengths are those of the bind fields, SMPP 3.4 section 4.1.1, without the final NUL. */
export function checkSmppSettings(input: unknown): Checked<SmppSettings> {
  const read = createReader(input);
  const value: SmppSettings = {
    host: read.text('host', 255),
    port: read.number('port', [1, 65_535]),
    tls: read.yesNo('tls', false),
    systemType: read.text('systemType', 12, ''),
    bind: read.oneOf('bind', ['transceiver', 'transmitter', 'receiver']),
    window: read.number('window', [1, 1_000], 10),
    perSecond: read.number('perSecond', [1, 10_000], 30),
    longMessages: read.oneOf('longMessages', ['udh', 'payload']),
    ...(read.has('senderTon') && { senderTon: read.number('senderTon', [0, 6]) }),
  };
  return result(read.errors, value);
}

export function checkSmppSecrets(input: unknown): Checked<SmppSecrets> {
  const read = createReader(input);
  const value = { systemId: read.text('systemId', 15), password: read.text('password', 8) };
  return result(read.errors, value);
}

export function checkTwilioSettings(input: unknown): Checked<TwilioSettings> {
  const read = createReader(input);
  const value: TwilioSettings = {
    accountSid: read.pattern('accountSid', /^AC[0-9a-f]{32}$/i, 'AC and 32 hexadecimal digits'),
    ...(read.has('messagingServiceSid') && {
      messagingServiceSid: read.pattern('messagingServiceSid', /^MG[0-9a-f]{32}$/i, 'MG and 32 hexadecimal digits'),
    }),
    ...(read.has('apiBase') && {
      apiBase: read.pattern('apiBase', /^https?:\/\/[^\s/]+\/?$/, 'an http or https origin'),
    }),
  };
  return result(read.errors, value);
}

export function checkTwilioSecrets(input: unknown): Checked<TwilioSecrets> {
  const read = createReader(input);
  return result(read.errors, { authToken: read.text('authToken', 200) });
}
