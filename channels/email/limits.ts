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
  /** Lines of one multipart that begin like its boundary and are longer: those of multiparts inside of it. */
  otherBoundaries: 100_000,
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

  /** Files of one mail that are handed in; the stored original has the rest. */
  attachments: 100,
  /** One fact kept with a mail, UTF-16 code units. */
  factLength: 500,
  /** Of one mail in the reading thread; then it is handed in unread. A mail of 25 MB takes 0.3 s, a hostile one 2 s. */
  readMs: 30_000,
  /** Of the thread's start, besides: on a busy machine many start at once. */
  readerStartMs: 120_000,
  /** Memory of the reading thread. A mail at the limit of 30 MB needs a tenth of it. */
  readerHeapMegabytes: 512,
  /** The reading thread ends when there was nothing to read for so long. */
  readerIdleMs: 60_000,
  /** People besides us that one mail names. */
  participants: 200,

  /** A mail of this size or more is not fetched: only its head, by which it is known and found again. */
  fetchBytes: 31_457_280,
  largeHeadBytes: 262_144,
  /** Mails and bytes fetched with one command. */
  fetchBatch: 100,
  fetchBatchBytes: 16_777_216,
  /** More mails are fetched while there are not more than these in hand: fetched, and not stored without a gap. */
  inHandMails: 200,
  inHandBytes: 16_777_216,
  /** Mails of one mailbox that the house stores at once, and how many are stored before the bookmark is moved. */
  handedInAtOnce: 128,
  markedAtOnce: 100,
  /** Sizes asked for with one command: all numbers in one line, of which servers read 8 kB (RFC 7162 section 4). */
  sizesBatch: 600,
  /** One line of the server, and one literal: the largest fetched mail and its frame. */
  imapLineBytes: 8_388_608,
  imapLiteralBytes: 33_554_432,
  imapResponseBytes: 67_108_864,
  /** A slow answer is waited for as long as so much of it comes in the time of one command: 17 kbit/s. */
  imapSlowBytes: 65_536,
  /** A mail that the server fails to give so often is handed in as unreadable: the rest of the folder waits behind it. */
  fetchAttempts: 5,
  /** A mail that the house fails to store so often, by the mail's own fault, is handed in without its content. */
  storeAttempts: 10,
  /** Mails of which it is remembered that they could not be stored. */
  failingMails: 100,
  /** More mails than this at once are shown as progress. */
  catchUpFrom: 20,
  /** The token server's answer: how long it is waited for, and its length. */
  tokenMs: 15_000,
  tokenLength: 65_536,
  /** Days looked through again when a folder was rebuilt (UIDVALIDITY, RFC 3501 section 2.3.1.1). */
  rescanDays: 30,
  /** Our own mails that wait to be put into the Sent folder. */
  copiesWaiting: 100,

  /** Links to the SMTP server at once, and mails over one of them. */
  smtpLinks: 4,
  smtpMailsPerLink: 100,
  /** One reply of the server, and how much of it is looked at. */
  smtpReplyBytes: 65_536,
  smtpReplyLength: 2_000,
  /** Files of an outgoing mail, and the whole of it with base64: what common providers take. */
  outgoingBytes: 26_214_400,
  outgoingRawBytes: 37_748_736,
  /** Message-IDs in References of an answer: the first and the last ones (RFC 5322 leaves it open, servers cut long lines). */
  outgoingReferences: 20,
  /** A local part (RFC 5321 section 4.5.3.1.1). */
  localPartBytes: 64,
  /** Recipient domains whose rate is remembered. */
  rateDomains: 10_000,
} as const;
