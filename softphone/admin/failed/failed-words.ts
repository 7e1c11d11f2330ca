import type { Words } from '../words/pair.ts';

/** Messages that did not get there. */
export const failedWords = {
  'failed.text': [
    'Messages that were given up, came back, of which the provider does not say whether it has them, or whose account is off.',
    'Сообщения, от которых пришлось отказаться, которые вернулись, о которых провайдер молчит или чья учётная запись выключена.',
  ],
  'failed.none': ['Everything got there.', 'Всё дошло.'],
  'failed.more': ['The {shown} latest of {total}', 'Последние {shown} из {total}'],
  'failed.message': ['Message', 'Сообщение'],
  'failed.to': ['To', 'Кому'],
  'failed.reason': ['What went wrong', 'Что случилось'],
  'failed.when': ['When', 'Когда'],
  'failed.author': ['By', 'Автор'],
  'failed.state.failed': ['came back or was refused', 'вернулось или отклонено'],
  'failed.state.dead': ['given up', 'попытки кончились'],
  'failed.state.unconfirmed': ['perhaps sent', 'возможно, ушло'],
  'failed.state.waiting': ['waits for the account', 'ждёт учётную запись'],
  'failed.accountOff': [
    'The account “{name}” is switched off. It leaves when the account is on, and is given up when its time is over.',
    'Учётная запись «{name}» выключена. Уйдёт, когда её включат; когда срок выйдет, попытки прекратятся.',
  ],
  'failed.attempts': [
    { one: '{count} attempt', other: '{count} attempts' },
    { one: '{count} попытка', few: '{count} попытки', many: '{count} попыток', other: '{count} попытки' },
  ],
  'failed.again': ['Send again', 'Отправить снова'],
  'failed.resolve': ['Put away', 'Убрать'],
  'failed.againOne': ['Send again: {name}', 'Отправить снова: {name}'],
  'failed.resolveOne': ['Put away: {name}', 'Убрать: {name}'],
  'failed.choose': ['Choose the message to {name}', 'Выбрать сообщение для {name}'],
  'failed.chooseAll': ['Choose all', 'Выбрать все'],
  'failed.chosen': ['Chosen: {count}', 'Выбрано: {count}'],
  'failed.againText': [
    'Each of the {count} messages is sent as a new one. The gate is asked anew: who refused meanwhile gets none.',
    'Каждое из {count} сообщений уйдёт как новое. Разрешение спросят снова: кто отказался, не получит.',
  ],
  'failed.resolveText': [
    '{count} messages leave this list. They stay on the timelines of their clients.',
    'Сообщений: {count}. Они уйдут из списка, но останутся в ленте клиентов.',
  ],
  'failed.done': ['Done: {done} of {count}.', 'Готово: {done} из {count}.'],
  'failed.notDone': ['Not possible for {name}: {why}', 'Не вышло для «{name}»: {why}'],
  'failed.count': ['{count} failed', 'не дошло: {count}'],
} as const satisfies Words;
