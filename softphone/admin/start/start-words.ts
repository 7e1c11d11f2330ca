import type { Words } from '../words/pair.ts';

/** The checklist of a new owner. */
export const startWords = {
  'start.title': ['From an empty house to the first call', 'От пустого дома до первого звонка'],
  'start.progress': ['{done} of {count} steps are done', 'Сделано шагов: {done} из {count}'],
  'start.ready': ['Everything is ready for calls', 'Всё готово к звонкам'],
  'step.done': ['Done', 'Сделано'],
  'step.open': ['Not done', 'Не сделано'],
  'step.warning': ['Works, with a gap', 'Работает, но с пробелом'],
  'step.go': ['Open: {screen}', 'Открыть: {screen}'],

  'step.adminPassword': ['Passwords of your own', 'Свои пароли'],
  'step.adminPassword.done': [
    'All administrators have passwords that nobody else knows.',
    'У всех администраторов свои пароли, которых никто больше не знает.',
  ],
  'step.adminPassword.missing': [
    'Still the first password: {names}. It was printed where others may have read it. Press “New password” there.',
    'Всё ещё первый пароль: {names}. Его напечатали там, где могли прочесть другие. Нажмите «Новый пароль».',
  ],
  'step.people': ['People who answer', 'Кто отвечает'],
  'step.people.done': [
    {
      one: '{count} agent; on queues: {onQueues}.',
      other: '{count} agents; on queues: {onQueues}.',
    },
    {
      one: '{count} оператор; на очередях: {onQueues}.',
      few: '{count} оператора; на очередях: {onQueues}.',
      many: '{count} операторов; на очередях: {onQueues}.',
      other: '{count} оператора; на очередях: {onQueues}.',
    },
  ],
  'step.people.none': [
    'There are no agents yet: nobody can take a call.',
    'Операторов ещё нет: звонок принять некому.',
  ],
  'step.people.withoutQueue': [
    'Serve no queue: {names}. Put them on one under “Queues”.',
    'Не стоят ни на одной очереди: {names}. Добавьте их в разделе «Очереди».',
  ],
  'step.people.withoutSchedule': [
    'Have no shifts: {names}. Nobody is rung outside his shift.',
    'Без смен: {names}. Вне смены телефон не звонит.',
  ],
  'step.people.queues': ['Queues that nobody serves: {names}.', 'Очереди без людей: {names}.'],
  'step.coverage': ['Somebody at work whenever you are open', 'Кто-то на смене всегда, когда вы открыты'],
  'step.coverage.noShifts': [
    'Nobody who serves a queue has a shift: no phone would ring.',
    'Ни у кого на очередях нет смен: ни один телефон не зазвонит.',
  ],
  'step.coverage.now': ['On shift now: {names}.', 'Сейчас на смене: {names}.'],
  'step.coverage.nobody': ['Nobody is on shift now.', 'Сейчас на смене никого нет.'],
  'step.coverage.holes': [
    { one: '{count} hole in the next seven days:', other: '{count} holes in the next seven days:' },
    {
      one: '{count} дыра за ближайшие семь дней:',
      few: '{count} дыры за ближайшие семь дней:',
      many: '{count} дыр за ближайшие семь дней:',
      other: '{count} дыры за ближайшие семь дней:',
    },
  ],
  'step.coverage.hole': ['{queue}: {span}', 'Очередь «{queue}»: {span}'],
  'step.coverage.moreHoles': ['and {count} more', 'и ещё {count}'],
  'step.coverage.none': ['No holes in the next seven days.', 'За ближайшие семь дней дыр нет.'],
  'step.lines': ['A number that clients call', 'Номер, на который звонят'],
  'step.lines.count': [
    { one: '{count} number is connected.', other: '{count} numbers are connected.' },
    {
      one: 'Подключён {count} номер.',
      few: 'Подключено {count} номера.',
      many: 'Подключено {count} номеров.',
      other: 'Подключено {count} номера.',
    },
  ],
  'step.lines.none': ['There is no number yet.', 'Номеров ещё нет.'],
  'step.lines.trunks': [
    'No call can come in from: {names}. The addresses that its calls come from are not set.',
    'Не примут ни одного звонка: {names}. Не указаны адреса, с которых они приходят.',
  ],
  'step.browserPhone': ['A phone in the browser', 'Телефон в браузере'],
  'step.browserPhone.done': ['First connected: {at}, {name}.', 'Впервые подключён: {at}, {name}.'],
  'step.browserPhone.missing': [
    'Somebody who serves a queue signs in and presses “Start, I am ready”.',
    'Тот, кто стоит на очереди, входит и нажимает «Начать, я готов».',
  ],
  'step.greeting': ['Words for the caller', 'Что слышит звонящий'],
  'step.greeting.none': [
    'There is no queue with a number yet: nobody to greet.',
    'Очереди с номером ещё нет: приветствовать некого.',
  ],
  'step.greeting.done': ['Every queue has a greeting.', 'У каждой очереди есть приветствие.'],
  'step.greeting.missing': [
    'Without a greeting: {names}. Record one under “Sounds”, then choose it in the queue.',
    'Без приветствия: {names}. Запишите его в разделе «Звуки», затем выберите в очереди.',
  ],
  'start.optional': ['Messages, if you want them', 'Сообщения, если нужны'],
  'step.mailbox': ['A mailbox answers', 'Почтовый ящик отвечает'],
  'step.mailbox.none': [
    'Mail of clients comes to agents like their calls, with the same cards.',
    'Письма клиентов приходят к операторам, как и звонки, на те же карточки.',
  ],
  'step.sms': ['A number for SMS', 'Номер для SMS'],
  'step.sms.none': [
    'Clients write and are written to by SMS, through an SMS centre or Twilio.',
    'Клиенты пишут и получают SMS через SMS-центр или Twilio.',
  ],
  'step.account.up': ['Works: {names}.', 'Работает: {names}.'],
  'step.account.down': ['Does not work now: {names}.', 'Сейчас не работает: {names}.'],
  'step.testCall': ['The test call', 'Проверочный звонок'],
  'step.testCall.done': [
    'Passed ({at}, {name}): the sound came and went. Now call your number from outside.',
    'Пройден ({at}, {name}): звук дошёл в обе стороны. Теперь позвоните на свой номер снаружи.',
  ],
  'step.testCall.missing': [
    'Your own browser is called and answers by itself. Say a word: you hear it come back.',
    'Вам позвонит этот браузер и сам ответит. Скажите что-нибудь: вы услышите себя.',
  ],
  'testCall.go': ['Call me now', 'Позвонить мне'],
  'testCall.calling': ['Calling: say a word, you hear yourself…', 'Звоним: говорите, вы слышите себя…'],
  'testCall.ok': ['Passed: your sound reached us and came back.', 'Пройден: ваш звук дошёл и вернулся.'],
  'testCall.no_answer': [
    'Your phone did not answer. Reload the page and try again.',
    'Телефон не ответил. Обновите страницу и попробуйте снова.',
  ],
  'testCall.no_sound': [
    'No sound came from you: the way of the audio (UDP, MEDIA_PORT) is closed, or the microphone is silent.',
    'Звук от вас не пришёл: закрыт путь звука (UDP, MEDIA_PORT) или молчит микрофон.',
  ],
  'testCall.no_microphone': [
    'The browser gives no microphone: allow it in the address bar. In a network it needs https.',
    'Браузер не даёт микрофон: разрешите его в адресной строке. По сети нужен https.',
  ],
} as const satisfies Words;
