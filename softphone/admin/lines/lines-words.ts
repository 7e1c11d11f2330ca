import type { Words } from '../words/pair.ts';

/** Carriers and numbers. */
export const linesWords = {
  'lines.text': [
    'A carrier brings the calls; a line is one of your numbers at a carrier and says which queue answers.',
    'Оператор связи приводит звонки; номер стоит у оператора и говорит, какая очередь отвечает.',
  ],
  'lines.lines': ['Numbers', 'Номера'],
  'lines.trunks': ['Carriers', 'Операторы связи'],
  'lines.addLine': ['Add a number', 'Добавить номер'],
  'lines.addTrunk': ['Add a carrier', 'Добавить оператора'],
  'lines.newLine': ['New number', 'Новый номер'],
  'lines.newTrunk': ['New carrier', 'Новый оператор связи'],
  'lines.noLines': [
    'There is no number yet: clients have nothing to call.',
    'Номеров ещё нет: клиентам некуда звонить.',
  ],
  'lines.noTrunks': [
    'There is no carrier yet. Add one first: a number needs it.',
    'Операторов ещё нет. Сначала добавьте оператора: без него номера не работают.',
  ],
  'lines.trunksNone': ['There is no carrier yet.', 'Операторов связи ещё нет.'],
  'lines.noQueue': [
    'Make a queue first: a number needs one that answers.',
    'Сначала создайте очередь: номеру нужна та, что отвечает.',
  ],
  'line.name': ['What agents see', 'Как видят операторы'],
  'line.nameHint': ['For example: Sales, Moscow', 'Например: Продажи, Москва'],
  'line.number': ['Number', 'Номер'],
  'line.numberHint': [
    'As you would write it, for example +7 495 123-45-67',
    'Как пишете сами, например +7 495 123-45-67',
  ],
  'line.trunk': ['Carrier', 'Оператор связи'],
  'line.queue': ['Queue that answers', 'Какая очередь отвечает'],
  'line.regionHint': [
    'How callers’ numbers without a country code are read.',
    'Как читать номера звонящих без кода страны.',
  ],
  'line.remove': ['Remove the number', 'Удалить номер'],
  'line.removeText': [
    'New calls to {number} are refused from now on. Calls in hand go on, and past calls keep the name of the line.',
    'Новые звонки на {number} будут отклоняться. Идущие разговоры продолжатся, прошлые звонки сохранят название линии.',
  ],
  'trunk.name': ['Name', 'Название'],
  'trunk.host': ['Server of the carrier', 'Сервер оператора'],
  'trunk.hostHint': ['Host name or address, as in your contract', 'Имя узла или адрес, как в договоре'],
  'trunk.port': ['Port', 'Порт'],
  'trunk.transport': ['Transport', 'Транспорт'],
  'trunk.addresses': ['Addresses that calls come from', 'Адреса, с которых приходят звонки'],
  'trunk.addressesHint': [
    'One per line: 192.0.2.10 or 192.0.2.0/24. Calls from other addresses are refused.',
    'По одному в строке: 192.0.2.10 или 192.0.2.0/24. Звонки с других адресов отклоняются.',
  ],
  'trunk.username': ['Login for calls out', 'Логин для исходящих'],
  'trunk.password': ['Password', 'Пароль'],
  'trunk.passwordKept': [
    'A password is kept. Write here only to replace it.',
    'Пароль сохранён. Пишите, только чтобы заменить.',
  ],
  'trunk.passwordNone': ['None yet', 'Пока нет'],
  'trunk.passwordHint': ['It is never shown again.', 'Больше он нигде не показывается.'],
  'trunk.numberFormat': ['How numbers are written to him', 'Как писать ему номера'],
  'trunk.format.e164': [
    'international, with a plus: +7 916 123-45-67 as +79161234567',
    'международный с плюсом: +79161234567',
  ],
  'trunk.format.digits': ['international, digits only: 79161234567', 'международный, одни цифры: 79161234567'],
  'trunk.format.ru8': ['Russian, with an eight: 89161234567', 'российский с восьмёркой: 89161234567'],
  'trunk.lines': [
    { one: '{count} number', other: '{count} numbers' },
    { one: '{count} номер', few: '{count} номера', many: '{count} номеров', other: '{count} номера' },
  ],
  'trunk.ready': ['Calls can come in', 'Звонки принимаются'],
  'trunk.notReady': ['No addresses: its calls are refused', 'Нет адресов: звонки отклоняются'],
  'trunk.incoming': ['Incoming calls', 'Входящие'],
  'trunk.remove': ['Remove the carrier', 'Удалить оператора'],
  'trunk.removeText': [
    'The carrier “{name}” and its password are removed. It may have no numbers.',
    'Оператор «{name}» и его пароль будут удалены. На нём не должно быть номеров.',
  ],
} as const satisfies Words;
