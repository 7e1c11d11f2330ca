import type { SeededRandom } from '../support/random.ts';

/** What a message must not be able to do harm with, wherever it stands. */
const nasty = [
  '\r\n\r\n',
  '\0',
  '%00%0d%0a',
  '-1',
  '99999999999999999999',
  '4294967296',
  '"',
  '<',
  '>',
  ';;;;',
  ',,,,',
  '[::1',
  '\u{1f4a3}',
  'sip:',
  'a'.repeat(3_000),
  ' '.repeat(500),
  '\t',
  '{{}}',
  '\r\n ',
] as const;

const lines = (text: string): string[] => text.split('\r\n');

type Mutation = (text: string, random: SeededRandom) => string;

const cutAt = (text: string, random: SeededRandom): number => random.below(text.length + 1);

const mutations: readonly [Mutation, ...Mutation[]] = [
  // another octet
  (text, random) => {
    const at = cutAt(text, random);
    return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
  },
  // something nasty in between
  (text, random) => {
    const at = cutAt(text, random);
    return text.slice(0, at) + random.pick(nasty) + text.slice(at);
  },
  // cut short
  (text, random) => text.slice(0, cutAt(text, random)),
  // a piece is missing
  (text, random) => {
    const at = cutAt(text, random);
    return text.slice(0, at) + text.slice(at + 1 + random.below(40));
  },
  // a piece comes twice
  (text, random) => {
    const at = cutAt(text, random);
    return text.slice(0, at) + text.slice(at, at + random.below(60)) + text.slice(at);
  },
  // a line is missing
  (text, random) => {
    const all = lines(text);
    all.splice(random.below(all.length), 1);
    return all.join('\r\n');
  },
  // a line comes twice, somewhere
  (text, random) => {
    const all = lines(text);
    all.splice(random.below(all.length), 0, all[random.below(all.length)] ?? '');
    return all.join('\r\n');
  },
  // a line many times
  (text, random) => {
    const all = lines(text);
    const at = random.below(all.length);
    all.splice(at, 0, ...Array.from({ length: 100 }, () => all[at] ?? ''));
    return all.join('\r\n');
  },
  // a value is another
  (text, random) => {
    const all = lines(text);
    const at = random.below(all.length);
    all[at] = (all[at] ?? '').replace(/:.*/, `: ${random.pick(nasty)}`);
    return all.join('\r\n');
  },
  // a number is another
  (text, random) => {
    const numbers = [...text.matchAll(/\d+/g)];
    const found = numbers[random.below(numbers.length)];
    if (!found) return text;
    const { index } = found;
    return (
      text.slice(0, index) +
      random.pick(['0', '-1', '65536', '4294967295', '1e9']) +
      text.slice(index + found[0].length)
    );
  },
];

/** The text with one to three things wrong with it. */
export function mutate(text: string, random: SeededRandom): string {
  let mutant = text;
  for (let i = random.below(3); i >= 0; i--) mutant = random.pick(mutations)(mutant, random);
  return mutant;
}

const sdp = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 8 101',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=sendrecv',
  '',
].join('\r\n');

const methods = [
  'INVITE',
  'INVITE',
  'REGISTER',
  'OPTIONS',
  'BYE',
  'CANCEL',
  'ACK',
  'INFO',
  'UPDATE',
  'PRACK',
  'SUBSCRIBE',
] as const;

/** A sound SIP message, different each time; some are responses to nothing. */
export function sipMessage(
  random: SeededRandom,
  { called, transport }: { called: string; transport: 'UDP' | 'WS' },
): string {
  const method = random.pick(methods);
  const id = random.below(1e9).toString(36);
  const startLine =
    random.below(8) === 0
      ? `SIP/2.0 ${random.pick(['100 Trying', '180 Ringing', '200 OK', '401 Unauthorized', '486 Busy Here', '503 Busy'])}`
      : `${method} sip:${called}@127.0.0.1 SIP/2.0`;
  const body = method === 'INVITE' || method === 'UPDATE' ? sdp : '';
  return [
    startLine,
    `Via: SIP/2.0/${transport} 127.0.0.1:9;rport;branch=z9hG4bK${id}`,
    'Max-Forwards: 70',
    `From: "Mutant" <sip:+7900${random.below(1e7)}@127.0.0.1>;tag=f${id}`,
    `To: <sip:${called}@127.0.0.1>${random.below(4) === 0 ? `;tag=t${id}` : ''}`,
    `Call-ID: ${id}@mutant`,
    `CSeq: ${1 + random.below(100)} ${method}`,
    'Contact: <sip:mutant@127.0.0.1:9>;expires=60',
    'Authorization: Digest username="anna", realm="switchroom", nonce="x", uri="sip:127.0.0.1", response="0"',
    'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK',
    'Supported: timer, 100rel, replaces',
    'Session-Expires: 1800;refresher=uac',
    'Route: <sip:127.0.0.1;lr>',
    ...(body ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
