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
    'Still the first password: {names}. Anybody who read the manual can sign in.',
    'Всё ещё первый пароль: {names}. Войти может каждый, кто читал инструкцию.',
  ],
  'step.people': ['People who answer', 'Кто отвечает'],
  'step.people.done': [
    {
      one: '{count} agent, {onQueues} of them serve queues.',
      other: '{count} agents, {onQueues} of them serve queues.',
    },
    {
      one: '{count} оператор, на очередях из них: {onQueues}.',
      few: '{count} оператора, на очередях из них: {onQueues}.',
      many: '{count} операторов, на очередях из них: {onQueues}.',
      other: '{count} оператора, на очередях из них: {onQueues}.',
    },
  ],
  'step.people.none': [
    'There are no agents yet: nobody can take a call.',
    'Операторов ещё нет: звонок принять некому.',
  ],
  'step.people.withoutQueue': ['Serve no queue: {names}.', 'Не стоят ни на одной очереди: {names}.'],
  'step.people.withoutSchedule': ['Have no shifts: {names}.', 'Без смен: {names}.'],
  'step.people.queues': ['Queues that nobody serves: {names}.', 'Очереди без людей: {names}.'],
  'step.coverage': ['Somebody at work whenever you are open', 'Кто-то на смене всегда, когда вы открыты'],
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
    'No call can come in from: {names}. Neither an address nor a login is set.',
    'Не примут ни одного звонка: {names}. Не указаны ни адреса, ни логин.',
  ],
  'step.browserPhone': ['A phone in the browser', 'Телефон в браузере'],
  'step.browserPhone.done': ['First connected on {at} by {name}.', 'Впервые подключён {at}, {name}.'],
  'step.browserPhone.missing': [
    'An agent signs in, opens his workspace and presses “Start, I am ready”.',
    'Оператор входит, открывает рабочее место и нажимает «Начать, я готов».',
  ],
  'step.greeting': ['Words for the caller', 'Что слышит звонящий'],
  'step.greeting.done': ['Every queue has a greeting.', 'У каждой очереди есть приветствие.'],
  'step.greeting.missing': [
    'Without a greeting: {names}. Callers hear only music.',
    'Без приветствия: {names}. Звонящие слышат только музыку.',
  ],
  'step.testCall': ['The test call', 'Проверочный звонок'],
  'step.testCall.done': [
    'Passed on {at}: {name} answered and both heard each other.',
    'Пройден {at}: ответ дан ({name}), оба слышали друг друга.',
  ],
  'step.testCall.missing': [
    'Make an agent ready in another window, then call as a client would. The step is done when he has answered and the call has ended.',
    'Пусть оператор в другом окне встанет «Готов», затем позвоните, как клиент. Шаг сделан, когда он ответил и разговор закончен.',
  ],
  'step.testCall.go': ['Open the client’s phone', 'Открыть телефон клиента'],
} as const satisfies Words;
