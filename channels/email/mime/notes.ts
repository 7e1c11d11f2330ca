/** What was cut because of a bound in limits.ts. The stored original has all of it. */
export type Truncation =
  | 'bytes'
  | 'header'
  | 'parts'
  | 'depth'
  | 'addresses'
  | 'references'
  | 'subject'
  | 'text'
  | 'html';

/** What was wrong with a message and mended. None of them is a reason to refuse it. */
export type Defect =
  | 'bare-cr'
  | 'header-junk'
  | 'field-twice'
  | 'no-from'
  | 'date-unreadable'
  | 'boundary-missing'
  | 'boundary-guessed'
  | 'boundary-unclosed'
  | 'type-unreadable'
  | 'encoding-unknown'
  | 'charset-unknown'
  | 'charset-wrong'
  | 'control-characters';

/** Collects what a reading had to cut or mend. */
export interface Notes {
  readonly truncated: Set<Truncation>;
  readonly defects: Set<Defect>;
}
