import type { Words } from '../words/pair.ts';

/** What holds for all messages. */
export const messagingWords = {
  'messaging.text': [
    'How much one agent has at once, when nothing is sent by itself, and how often clients hear of us.',
    'Сколько ведёт один оператор, когда сами не пишем и как часто клиенты слышат о нас.',
  ],
  'messaging.work': ['Work of one agent', 'Работа оператора'],
  'messaging.capacity': ['Points at once', 'Очков сразу'],
  'messaging.capacityHint': [
    'At once: {email} e-mails, or {sms} SMS, or {chat} chats.',
    'Сразу: писем {email}, или SMS {sms}, или чатов {chat}.',
  ],
  'messaging.unlimited': ['any number of', 'сколько угодно'],
  'messaging.weightEmail': ['An e-mail costs', 'Письмо стоит'],
  'messaging.weightSms': ['An SMS costs', 'SMS стоит'],
  'messaging.weightChat': ['A chat costs', 'Чат стоит'],
  'messaging.quiet': ['Quiet hours', 'Тихие часы'],
  'messaging.quietFrom': ['From', 'С'],
  'messaging.quietTo': ['To', 'До'],
  'messaging.quietText': [
    'By the client’s clock, nothing but answers goes out from {from} to {to}.',
    'По часам клиента с {from} до {to} уходят только ответы.',
  ],
  'messaging.quietNone': ['Equal times: there are no quiet hours.', 'Время одинаковое: тихих часов нет.'],
  'messaging.marketing': ['Offers', 'Предложения'],
  'messaging.marketingPerWeek': [
    'Most offers to one client in seven days',
    'Предложений клиенту за семь дней, не больше',
  ],
  'messaging.marketingHint': ['0: no limit.', '0: без ограничения.'],
  'messaging.consentRequired': ['Only to clients who agreed', 'Только тем, кто согласился'],
  'messaging.consentHint': [
    'Without this, to everybody who has not refused. Russian law asks for a consent.',
    'Без этого всем, кто не отказался. Закон о рекламе требует согласия.',
  ],
  'messaging.conversations': ['Conversations', 'Переписка'],
  'messaging.undoSeconds': ['Undo for, seconds', 'Отмена отправки, секунд'],
  'messaging.undoHint': ['So long a sent message can be called back.', 'Столько отправленное можно вернуть.'],
  'messaging.closeAfterDays': ['Close after days of silence', 'Закрывать после тишины, дней'],
  'messaging.closeHint': [
    'A later answer opens a new conversation, linked to the old one.',
    'Более поздний ответ откроет новую переписку со ссылкой на старую.',
  ],
  'problem.field.capacity': [
    'Less than one conversation costs: nobody could be given any',
    'Меньше цены одной переписки: никто ничего не получит',
  ],
} as const satisfies Words;
