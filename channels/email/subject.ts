import { limits } from './limits.ts';

/** "Re" of the languages that our clients write, also counted: Re[2], Re^2. The full-width colon comes from Asian systems. */
const answer = /^\s*(?:re|aw|sv|vs|antw|odp|rif|отв|ответ|на)\s*(?:\[\d{1,3}\]|\^\d{1,3})?\s*[:：]\s*/iu;
const forward = /^\s*(?:fwd?|wg|vl|doorst|tr|rv|пересл|пер|i)\s*(?:\[\d{1,3}\])?\s*[:：]\s*/iu;
/** What gateways and we put in front. */
const label = /^\s*\[(?:ext|external|внешнее|#[a-z0-9]{4,64})\]\s*/iu;
/** Prefixes of one subject; real ones have two or three. */
const mostPrefixes = 50;

function withoutLabels(subject: string): string {
  let text = subject;
  for (let turn = 0; turn < mostPrefixes && label.test(text); turn++) text = text.replace(label, '');
  return text;
}

/** Is it the subject of an answer: the outermost prefix is a Re, not a Fwd? */
export const isAnswerSubject = (subject: string | null): boolean => answer.test(withoutLabels(subject ?? ''));

/** The subject without prefixes and labels, in lower case, blanks folded: what two mails of one thread have in common. */
export function normalSubject(subject: string | null): string {
  let text = (subject ?? '').normalize('NFKC').slice(0, limits.subjectLength);
  for (let turn = 0; turn < mostPrefixes; turn++) {
    const shorter = text.replace(label, '').replace(answer, '').replace(forward, '');
    if (shorter === text) break;
    text = shorter;
  }
  return text
    .replace(/\[#[a-z0-9]{4,64}\]/giu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

/** Subjects that hundreds of people write: no ground to join anything. */
const generic = new Set([
  'без темы',
  '(без темы)',
  'вопрос',
  'добрый день',
  'доброе утро',
  'добрый вечер',
  'документы',
  'заказ',
  'заявка',
  'заявка с сайта',
  'здравствуйте',
  'новое сообщение',
  'обратный звонок',
  'помощь',
  'привет',
  'сообщение',
  'срочно',
  'счет',
  'счёт',
  'тест',
  'hello',
  'help',
  'new message',
  'no subject',
  '(no subject)',
  'invoice',
  'message',
  'order',
  'question',
  'test',
  'test message',
  'urgent',
]);

/** Is a normal subject common to many conversations? */
export const isGenericSubject = (normal: string): boolean =>
  [...normal].length < limits.subjectMinLength || generic.has(normal);
