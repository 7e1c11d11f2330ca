/** Every bound of this room: what a wire may make it hold, and how long it waits. Times in milliseconds. */
export const limits = {
  /** Longest text to send, UTF-16 code units; Twilio takes 1,600 (error 21617). */
  textLength: 1_600,
  /** Segments of one message; a user data header counts to 255. 1,600 Cyrillic letters are 24. */
  segments: 25,

  /** One PDU. A message_payload may have 65,535 bytes; nobody sends more than one beside small fields. */
  pduBytes: 70_000,
  /** Optional parameters of one PDU. SMPP 3.4 knows 44. */
  tlvs: 64,
  /** deliver_sm that are being stored at once; more are refused with ESME_RX_T_APPN and come again. */
  deliveriesAtOnce: 200,
  /** Requests whose answer is still worth something; the oldest that nobody waits for any more go first. */
  unanswered: 5_000,
  /** Submissions that wait for the window. Their senders hear `retry` when it is full. */
  waitingSubmits: 2_000,
  /** Bytes waiting in the socket before more PDUs are taken from it or written to it. */
  unsentBytes: 1_048_576,

  /** Parts sent that a receipt can be tied to without the house's help; the oldest go first. */
  sentParts: 50_000,
  /** Receipts that nobody could be found for, kept for `lookUp`, and their bytes of JSON: the store takes 64 kB a key. */
  orphanReceipts: 100,
  orphanReceiptBytes: 60_000,
  /** Messages handed in lately, to recognise repetitions after a lost connection. */
  recentDeliveries: 300,
  /** Answered deliveries of which it is not yet proven that the SMSC read the answer. */
  unprovenAnswers: 1_000,
  /** How long a repetition is believed to be one. SMSCs repeat for minutes, people write the same word again next day. */
  repetitionMs: 15 * 60_000,
  /** An answer slower than this may have come too late for the SMSC, which then repeats within the same session. */
  slowAnswerMs: 5_000,

  /** Long messages that wait for their other parts, and the bytes of those parts all together (base64). */
  halfMessages: 60,
  halfMessageBytes: 40_000,
  /** A part with more bytes is no part: the air carries 140. */
  partBytes: 512,
  /** Long messages handed in lately, to recognise parts of them that come once more. */
  finishedMessages: 100,
  /** After this long what is there is handed in with gaps. */
  halfMessageMs: 5 * 60_000,

  connectMs: 10_000,
  bindMs: 10_000,
  responseMs: 30_000,
  /** Longest wait for room in the window before a sender is told `retry`. */
  windowWaitMs: 30_000,
  enquireMs: 30_000,
  enquireAnswerMs: 10_000,
  unbindMs: 2_000,
  /** How long a receipt that overtook its submit_sm_resp is held back. An SMSC may wait for our answer meanwhile. */
  overtakingMs: 2_000,
  /** First and longest pause between two attempts to connect; doubled each time, then jittered by a half. */
  reconnectMs: { first: 500, longest: 60_000 },
  /** A link that was bound for so long was a good one: its end begins with the first pause again. */
  stableMs: 30_000,
  /** Pause of all sending when the SMSC says that it is too fast. */
  throttledMs: 500,

  /** One request to Twilio. */
  twilioRequestMs: 15_000,
  /** Requests to Twilio at once and a second. */
  twilioConcurrency: 20,
  twilioPerSecond: 50,
  /** Before this, "not in the list" proves nothing: the list may lag behind. */
  twilioSettleMs: 90_000,
  /** How much earlier than our attempt a message may be dated: two clocks, and whole seconds. */
  twilioClockMs: 60_000,
  /** Messages to one number that are looked through for a lost one. */
  twilioListed: 50,
  /** Which Twilio message is which of ours, remembered without the house's help. */
  twilioKnown: 20_000,

  /** A webhook's form. Twilio sends 20 to 40 parameters, more for each picture. */
  formBytes: 262_144,
  formParameters: 300,
  /** Pictures of an MMS that are looked at, bytes of one and of all of a message; the networks carry 5 MB at most. */
  media: 10,
  mediaBytes: 5_242_880,
  mediaBytesOfMessage: 10_485_760,
  /** All of them together: Twilio waits 15 s for the answer to its webhook. */
  mediaMs: 8_000,
  mediaRedirects: 3,
} as const;
