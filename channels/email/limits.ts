/**
 * Every bound on what an e-mail can make this room hold or read. Lengths are UTF-16 code units, sizes bytes of the wire.
 * What is over a bound is cut and named in `ReadMail.truncated`; the stored original has the rest.
 */
export const limits = {
  /** Of one message, with everything in it. The rest is not looked at. */
  messageBytes: 52_428_800,

  /** Header of one entity, one field of it, and how many fields. */
  headBytes: 524_288,
  fieldBytes: 131_072,
  fields: 2_000,

  /** Body parts of one message, and how deep multiparts may nest. Mail programs write 3 to 5 levels. */
  parts: 500,
  depth: 20,
  /** Bytes searched for boundaries, all levels together: four times the largest message. Deep ones would cost seconds. */
  boundaryScanBytes: 209_715_200,
  /** How far into a multipart with a wrong boundary a working one is looked for. */
  boundarySearchBytes: 262_144,
  /** RFC 2046 section 5.1.1 says 70. */
  boundaryLength: 250,

  /** One Content-Type or Content-Disposition, and its parameters (RFC 2231 pieces counted one by one). */
  parameterFieldLength: 8_192,
  parameters: 128,

  addresses: 2_000,
  displayNameLength: 500,
  /** RFC 5321 section 4.5.3.1 says 64 + 1 + 255; VERP addresses of mailing lists are longer. */
  addressLength: 512,
  references: 500,
  messageIdLength: 998,
  subjectLength: 10_000,
  dateLength: 300,

  /** Text to show and to search, HTML to make safe. */
  textLength: 1_000_000,
  htmlLength: 2_000_000,
  /** How much of a text is looked at to guess its charset, and for its <meta charset>. */
  charsetSampleBytes: 4_096,
  fileNameBytes: 200,
  uuencodedFiles: 20,

  /** A machine-readable report (RFC 3464, 5965, 8098) and the recipients it names. */
  reportBytes: 262_144,
  reportRecipients: 200,
  /** Fields looked at in the original that a report gives back. */
  reportFields: 2_000,
  /** More Received fields than this is a loop (RFC 5321 section 6.3 asks for at least 100; real paths have 3 to 15). */
  hops: 50,

  /** Open elements of safe HTML: deeper ones lose their tags, never their text. */
  htmlDepth: 200,
  htmlAttributes: 64,
  htmlAttributeLength: 4_096,
  remoteImages: 500,
  /** Levels of quotation that derived text shows. */
  quoteDepth: 10,

  /** Message-IDs of one mail that are looked up to find its conversation. */
  threadIds: 60,
  /** Days in which an answer with the same subject from the same sender still finds its conversation. */
  subjectDays: 14,
  /** Shorter subjects are said by too many people, code points. */
  subjectMinLength: 6,
} as const;
