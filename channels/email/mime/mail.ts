import type { HeaderField } from './header-fields.ts';
import type { Defect, Truncation } from './notes.ts';

/** One address of a header. */
export interface MailAddress {
  /** Decoded, one line; '' when there is none. Chosen by the sender: never evidence of anything. */
  readonly name: string;
  /** Local part as sent, domain in lower case and in its ASCII form (RFC 5890); '' when there is none: it has an @. */
  readonly address: string;
}

export interface Attachment {
  /** Without path, control and direction characters, at most limits.fileNameBytes of UTF-8; never empty. */
  readonly name: string;
  /** As declared, lower case. Nothing may be trusted because of it. */
  readonly type: string;
  readonly size: number;
  /** Hex, of the decoded bytes. */
  readonly sha256: string;
  /** Without its angle brackets (RFC 2392). */
  readonly contentId: string | null;
  /** The HTML shows it. An image with a Content-ID that no HTML uses is an ordinary attachment. */
  readonly inline: boolean;
  /** Decoded. May share memory with the message that was read. */
  readonly bytes: Buffer;
}

/** A part for machines: reports, and the originals that reports give back. */
export interface ReportPart {
  readonly type: string;
  readonly bytes: Buffer;
}

/** A message as the house uses it. Every string is well-formed Unicode without NUL; header values are one line. */
export interface ReadMail {
  /** All fields in order, unfolded, undecoded: judge.ts reads most of them. */
  readonly headers: readonly HeaderField[];
  readonly from: readonly MailAddress[];
  readonly replyTo: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly bcc: readonly MailAddress[];
  readonly subject: string | null;
  /** As the sender claims, null when unreadable; order by the arrival time instead. */
  readonly date: Date | null;
  /** With angle brackets, as the three below. */
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  /** Oldest first, each once. */
  readonly references: readonly string[];
  /** The message as text, lines end in \n; derived from the HTML where a part has no text. */
  readonly text: string;
  /** Where in `text` the HTML says that the quoted original begins (Outlook's containers), if it says so. */
  readonly originalAt: number | null;
  /** As sent: goes to nobody's screen but through safe-html.ts. Null when no part is HTML. */
  readonly html: string | null;
  readonly attachments: readonly Attachment[];
  readonly reports: readonly ReportPart[];
  readonly truncated: readonly Truncation[];
  readonly defects: readonly Defect[];
}
