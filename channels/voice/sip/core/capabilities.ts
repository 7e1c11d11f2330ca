/** What this stack can do, as it says in Allow, Supported and Accept. */
import { headerLine } from '../message/build.ts';
import { listOf, type SipRequest } from '../message/message.ts';

export const allowedMethods = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'INFO',
  'UPDATE',
  'PRACK',
  'REGISTER',
] as const;

/** Methods that exist (RFC 3261 section 21.4.6 asks for 405, not 501) and are not served. */
export const knownMethods: ReadonlySet<string> = new Set([
  ...allowedMethods,
  'MESSAGE',
  'NOTIFY',
  'PUBLISH',
  'REFER',
  'SUBSCRIBE',
]);

const extensions = ['100rel', 'timer', 'path', 'outbound'];

export const allowLine = headerLine('Allow', allowedMethods.join(', '));
/** In dialogs: Path and Outbound concern the registrar alone. */
export const supportedLine = headerLine('Supported', '100rel, timer');
export const allExtensionsLine = headerLine('Supported', extensions.join(', '));
export const acceptLine = headerLine('Accept', 'application/sdp');

/** Option tags of Require that are not spoken here (section 8.2.2.3: 420 with them in Unsupported). */
export const unsupportedExtensions = (request: SipRequest): string[] =>
  listOf(request, 'require').filter((tag) => !extensions.includes(tag.toLowerCase()));
