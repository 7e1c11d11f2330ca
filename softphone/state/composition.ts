import type { AttachmentView, Draft, MailAddress, MessageInput } from '../../server/contract/messages-schemas.ts';
import type { MessageChannelName, MessagePurpose } from '../../server/contract/messages-words.ts';

/** `unsaved`: typed, not sent yet. */
export type DraftState = 'saved' | 'unsaved' | 'saving';

export type WriteMode = MessageInput['mode'];

/** Where one writes. */
export type ComposerTab = 'note' | MessageChannelName;

/** A message that is being written. */
export interface Composition {
  readonly mode: WriteMode;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly AttachmentView[];
  readonly purpose: MessagePurpose;
  readonly conversationId?: string | undefined;
  readonly answersId?: string | undefined;
  readonly addressId?: number | undefined;
  readonly templateId?: number | undefined;
}

export const emptyComposition: Composition = {
  mode: 'new',
  to: [],
  cc: [],
  subject: '',
  text: '',
  attachments: [],
  purpose: 'service',
};

/** Nothing that would be a pity to lose. Pure. */
export function isEmpty({ text, subject, attachments }: Composition): boolean {
  return text.trim() === '' && subject.trim() === '' && attachments.length === 0;
}

/** Somebody wrote in it: the subject of an answer stands there by itself. Pure. */
export function hasOwnWords(composition: Composition): boolean {
  return !isEmpty(composition.mode === 'new' ? composition : { ...composition, subject: '' });
}

/** What is sent, kept and asked about. Pure. */
export function toInput(composition: Composition, clientId: number, channel: MessageChannelName): MessageInput {
  const { mode, to, cc, subject, text, attachments, purpose } = composition;
  const { conversationId, answersId, addressId, templateId } = composition;
  return {
    clientId,
    channel,
    mode,
    to: [...to],
    cc: [...cc],
    subject,
    text,
    attachmentIds: attachments.map(({ id }) => id),
    purpose,
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(answersId === undefined ? {} : { answersId }),
    ...(addressId === undefined ? {} : { addressId }),
    ...(templateId === undefined ? {} : { templateId }),
  };
}

/** A kept draft as it was written; attachments that are no longer there are left out. Pure. */
export function fromDraft(draft: Draft, known: readonly AttachmentView[]): Composition {
  const attachments = (draft.attachmentIds ?? [])
    .map((id) => known.find((attachment) => attachment.id === id))
    .filter((attachment) => attachment !== undefined);
  const { mode, to, cc, subject, text, purpose, conversationId, answersId, addressId, templateId } = draft;
  return {
    mode: mode ?? 'new',
    to: to ?? [],
    cc: cc ?? [],
    subject: subject ?? '',
    text: text ?? '',
    attachments,
    purpose: purpose ?? 'service',
    conversationId,
    answersId,
    addressId,
    templateId,
  };
}

const ADDRESS = /^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;]+$/;

/** `Anna <a@b.ru>; c@d.ru` as people paste it: addresses, and what is none of them. Pure. */
export function parseAddresses(pasted: string): { addresses: MailAddress[]; rest: string } {
  const addresses: MailAddress[] = [];
  const rest: string[] = [];
  for (const part of pasted.split(/[,;\n]+/)) {
    const text = part.trim();
    if (text === '') continue;
    const named = /^"?([^"<]*?)"?\s*<([^>]+)>$/.exec(text);
    const address = (named?.[2] ?? text).trim().toLowerCase();
    if (ADDRESS.test(address)) addresses.push({ address, name: named?.[1]?.trim() ?? '' });
    else rest.push(text);
  }
  return { addresses, rest: rest.join(', ') };
}

/** The list with these at its end, each address once. Pure. */
export function withAddresses(list: readonly MailAddress[], added: readonly MailAddress[]): MailAddress[] {
  const next = [...list];
  for (const each of added) {
    if (!next.some(({ address }) => address.toLowerCase() === each.address.toLowerCase())) next.push(each);
  }
  return next;
}

/** `Re:` or `Fwd:` once, however often it was answered. Pure. */
export function answerSubject(subject: string, mode: WriteMode): string {
  if (mode === 'new') return subject;
  const bare = subject.replace(/^(?:\s*(?:re|fwd?|ответ|отв|пересл)(?:\[\d+\])?\s*:\s*)+/i, '');
  return `${mode === 'forward' ? 'Fwd' : 'Re'}: ${bare}`;
}

/** A message as answers see it. */
interface Answered {
  readonly id: string;
  readonly conversationId: string;
  readonly direction: 'in' | 'out';
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly subject: string;
}

/**
 * A reply, a reply to all or a forward of a mail. Ours are never among the recipients; one's own mail is answered to
 * those whom it went to. Pure.
 */
export function answerTo(
  message: Answered,
  mode: Exclude<WriteMode, 'new'>,
  ours: readonly string[],
): Omit<Composition, 'text' | 'attachments' | 'purpose'> {
  const others = (list: readonly MailAddress[]): MailAddress[] =>
    list.filter(({ address }) => !ours.includes(address.toLowerCase()));
  const sender = message.direction === 'in' ? [message.from] : others(message.to);
  const to = mode === 'forward' ? [] : withAddresses([], sender);
  const rest = mode === 'reply_all' ? withAddresses([], others([...message.to, ...message.cc])) : [];
  const cc = rest.filter(({ address }) => !to.some((each) => each.address.toLowerCase() === address.toLowerCase()));
  return {
    mode,
    to,
    cc,
    subject: answerSubject(message.subject, mode),
    conversationId: mode === 'forward' ? undefined : message.conversationId,
    answersId: message.id,
  };
}

/** What a tab falls back to where nothing was chosen. */
export interface Addressing {
  /** The open conversation of this channel. */
  readonly conversation: { readonly id: string; readonly peer: string } | undefined;
  /** Addresses on the card, the main one first. */
  readonly points: readonly string[];
}

/**
 * The message as it will be sent: without recipients it goes on in the open conversation, or to the client's main address.
 * Pure.
 */
export function addressed(composition: Composition, { conversation, points }: Addressing): Composition {
  const fallback = conversation?.peer ?? points[0];
  const to =
    composition.to.length > 0 || composition.mode === 'forward' || fallback === undefined
      ? composition.to
      : [{ address: fallback, name: '' }];
  const goesOn =
    composition.conversationId === undefined &&
    composition.mode !== 'forward' &&
    conversation !== undefined &&
    to.some(({ address }) => address === conversation.peer);
  return { ...composition, to, conversationId: goesOn ? conversation.id : composition.conversationId };
}

/** There is something to send and somebody to send it to. Pure. */
export const isSendable = ({ to, text, attachments }: Composition): boolean =>
  to.length > 0 && (text.trim() !== '' || attachments.length > 0);
