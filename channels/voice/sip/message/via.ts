/** The Via header (RFC 3261 section 20.42) and what a server writes into it (section 18.2.1, RFC 3581 section 4). */
import { endOfListValue, parameterOf } from './lists.ts';

export interface Via {
  /** UDP, TCP, WS ... in upper case. */
  readonly transport: string;
  /** As on the wire; an IPv6 address has its brackets. */
  readonly host: string;
  /** 0 = not given. */
  readonly port: number;
  readonly branch: string;
  /** '' = the sender asks for it, undefined = it does not (RFC 3581). */
  readonly rport: string | undefined;
}

/** RFC 3261 section 8.1.1.7: branches that begin so are unique across space and time. */
export const branchCookie = 'z9hG4bK';

/** No two neighbours can match the same blanks, so that a line full of them costs one pass. */
const sentProtocol =
  /^SIP\s*\/\s*\d+\.\d+\s*\/\s*([A-Za-z0-9\-.!%*_+`'~]+)\s+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._]+)(?:\s*:\s*(\d{1,5}))?\s*(?=[;,]|$)/i;

/** The first Via of a header line; null when it cannot be read. */
export function parseVia(value: string): Via | null {
  const match = sentProtocol.exec(value);
  if (!match) return null;
  const [head, transport = '', host = '', portText] = match;
  const port = portText === undefined ? 0 : Number(portText);
  if (port > 65_535) return null;
  return {
    transport: transport.toUpperCase(),
    host,
    port,
    branch: parameterOf(value, 'branch', head.length) ?? '',
    rport: parameterOf(value, 'rport', head.length),
  };
}

/** Separators with nothing between them, as in `;;,;` (RFC 4475 section 3.1.2.1). */
export const hasEmptyParts = (value: string): boolean => /[;,]\s*[;,]/.test(value) || /[;,]$/.test(value);

const bare = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host).toLowerCase();

/**
 * The Via line as it goes into responses: `received` when the sender named another address than the packet came from,
 * and both `received` and `rport` when it asked for `rport`.
 */
export function stampVia(line: string, via: Via, address: string, port: number): string {
  const wantsPort = via.rport === '';
  if (!wantsPort && bare(via.host) === address.toLowerCase()) return line;
  const end = endOfListValue(line, 0);
  let first = line.slice(0, end).replace(/;\s*received\s*=[^;,]*/i, '');
  if (wantsPort) first = first.replace(/;\s*rport(?:\s*=)?\s*(?=;|$)/i, `;rport=${port}`);
  return `${first.trimEnd()};received=${address}${line.slice(end)}`;
}
