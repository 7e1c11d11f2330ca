import type { Message } from '../../i18n/message.ts';

/** A text in both languages, English first: it names the placeholders. */
type Pair = readonly [en: Message, ru: Message];
/** Texts of one screen. A dictionary of their own, so that only those who set up the company load them. */
export type Words = Readonly<Record<string, Pair>>;
